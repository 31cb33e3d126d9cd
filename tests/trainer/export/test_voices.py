"""From candidates to finalists: which, in what order, and what is said of their files."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from firmware.bundle.decoder import Decoder, TfliteDecoder, load_runtime
from firmware.bundle.latent_map import render_map
from firmware.engine.pattern import STEPS
from tests.trainer.rhythms import dataset_of, rhythms
from tests.trainer.stacks import (
    candidate_of,
    candidates_in,
    candidates_of,
    history_of,
    louder,
    stack_of,
    uneven,
)
from trainer.export.equalise import equalised
from trainer.export.export import export_decoder
from trainer.export.quantise import rounded
from trainer.export.voices import (
    ROUNDING_POINTS,
    SCALING_POINTS,
    Recipe,
    Trained,
    Voice,
    flips,
    train_voice,
)
from trainer.model.checkpoint import read_kept
from trainer.model.latent import cloud, grid, to_latents
from trainer.model.maps import GRID, RANKED, THRESHOLD, codes_of, map_metrics, ranking
from trainer.model.models import Array, Autoencoder, Layer, latents_of, outputs_of
from trainer.model.train_step import Training
from trainer.report.views import views_of_bundle

DATASET = dataset_of(rhythms(40), feel=False)


def trained_from(
    stack: Autoencoder, recipe: Recipe | None = None, *, on: bool = False
) -> Trained:
    """Make voices of a stack as if it had just been trained, from nothing or to go `on`."""
    count = candidates_of(stack)
    plain = Recipe("prototype", Training(candidates=count), quantisation="float32")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("trainer.export.voices.fit", lambda *_, **__: (stack, history_of(stack)))
        return train_voice(
            recipe or plain,
            DATASET,
            "voice1.tflite",
            rng=np.random.default_rng(0),
            progress=lambda _share: None,
            start=stack if on else None,
        )


def spreads(model: Autoencoder) -> Array:
    return latents_of(model, DATASET.onset).std(0)


def test_x_spreads_widest_unless_training_goes_on() -> None:
    stack = louder(stack_of(3), np.array([[1, 20], [20, 1], [1, 20]]))
    before = [bool(np.diff(spreads(stack.candidate(index))) > 0) for index in range(3)]
    assert before == [True, False, True]
    for voice in trained_from(stack).finalists:
        assert np.all(np.diff(spreads(voice.model)) < 0)
        (low, high), (lowest, highest) = voice.description.latent_range
        assert high - low > highest - lowest
    for voice in trained_from(stack, on=True).finalists:
        index = candidate_of(voice.model, stack)
        assert np.array_equal(spreads(voice.model), spreads(stack.candidate(index)))


def test_the_best_candidates_are_shown_wherever_they_stand() -> None:
    stack = louder(stack_of(5), np.array([[0, 0], [1, 1], [1, 0], [1, 1], [1, 1]]))
    finalists = trained_from(stack).finalists
    assert sorted(candidates_in(finalists, stack)) == [1, 3, 4]


def test_candidates_are_chosen_by_what_is_measured_of_their_weights(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stack, best = stack_of(6), [5, 0, 3, 1, 4, 2]

    def measured(*given: Any, **_: Any) -> dict[str, float]:
        (model,) = (value for value in given if isinstance(value, Autoencoder))
        merit = -float(best.index(candidate_of(model, stack)))
        return {**dict.fromkeys(RANKED, merit), "dead_latents": 0.0}

    monkeypatch.setattr("trainer.export.voices.float_metrics", measured)
    assert set(candidates_in(trained_from(stack).finalists, stack)) == {5, 0, 3}


def test_finalists_are_ordered_by_what_their_files_play(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stack = louder(stack_of(3), np.array([[0, 0], [1, 0], [1, 1]]))
    alike = {**dict.fromkeys(RANKED, 1.0), "dead_latents": 0.0}
    monkeypatch.setattr("trainer.export.voices.float_metrics", lambda *_, **__: alike)
    finalists = trained_from(stack).finalists
    assert candidates_in(finalists, stack) == [2, 1, 0]
    assert ranking([voice.description.metrics for voice in finalists]) == [0, 1, 2]


def decoder_of(voice: Voice, data: bytes) -> Decoder:
    return TfliteDecoder(voice.description, data, load_runtime())


LESS_CARE: dict[str, Callable[[tuple[Layer, ...], Array], tuple[Layer, ...]]] = {
    "each weight alone": lambda layers, _points: layers,
    "units made alike loud, each weight alone": equalised,
    "units as loud as they came": rounded,
}


@pytest.fixture(scope="module")
def quantised() -> tuple[Voice, ...]:
    stack = uneven(stack_of(3, "model1", seed=1))
    return trained_from(stack, Recipe("model1", Training(candidates=3))).finalists


@pytest.mark.parametrize("way", LESS_CARE)
def test_files_are_rounded_with_all_care(quantised: tuple[Voice, ...], way: str) -> None:
    ours, others = 0.0, 0.0
    for voice in quantised:
        knots = voice.description.warp
        points, samples = (
            to_latents(cloud(count, 2), knots) for count in (ROUNDING_POINTS, SCALING_POINTS)
        )
        layers = LESS_CARE[way](voice.model.decoder, points)
        data = export_decoder(layers, voice.description.quantisation, samples)
        others += flips(decoder_of(voice, data), voice.model)["flips_0.5"]
        ours += flips(decoder_of(voice, voice.file), voice.model)["flips_0.5"]
    assert ours < 0.5 * others


def test_the_atlas_is_drawn_by_the_file(quantised: tuple[Voice, ...]) -> None:
    for voice in quantised:
        played = render_map(decoder_of(voice, voice.file).outputs, 2, GRID).onset
        assert np.array_equal(voice.atlas.onset, played)
        positions = to_latents(grid(GRID, 2), voice.description.warp)
        meant = outputs_of(voice.model, positions).reshape(GRID, GRID, -1)
        assert not np.array_equal(voice.atlas.onset, np.round(meant * 255))


def test_figures_of_a_map_are_those_of_the_map_that_the_file_draws(
    kit: Path, quantised: tuple[Voice, ...]
) -> None:
    kept, (_, views) = read_kept(kit), views_of_bundle(kit)
    cases = [
        *((v.voice, v.atlas, m, kept.dataset) for v, m in zip(views, kept.models, strict=True)),
        *((v.description, v.atlas, v.model, DATASET) for v in quantised),
    ]
    for voice, atlas, model, dataset in cases:
        training = codes_of(dataset.onset)
        played = map_metrics(codes_of(atlas.sounding(THRESHOLD)), training)
        drawn = outputs_of(model, to_latents(grid(GRID, voice.latents), voice.warp))
        codes = codes_of(drawn[:, :STEPS] > THRESHOLD).reshape(GRID, GRID)
        told = {name: voice.metrics[name] for name in played}
        assert told == pytest.approx(played, abs=1e-5)
        assert told != pytest.approx(map_metrics(codes, training), abs=1e-5)
