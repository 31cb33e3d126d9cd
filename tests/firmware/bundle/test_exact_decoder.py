"""The exact decoder beside the runtimes, to the bit."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from firmware.bundle.bundle import read_bundle
from firmware.bundle.decoder import TfliteDecoder, installed_runtimes, load_runtime
from firmware.bundle.exact_decoder import (
    HIGH,
    ExactDecoder,
    logistic_knots,
    logistic_table,
    short_multiplier,
    stacked,
)
from firmware.bundle.manifest import BundleError, VoiceModel
from firmware.engine.pattern import STEPS
from tests.firmware.bundle.tflite_files import FORMS, file_of
from tests.firmware.bundles import voice_of

LSB = 2.0**-15
HEADS = ("onset", "velocity", "offset")
SHAPES = [(2, 16, 32), (2, 64, 72, 96), (3, 8, 20, 64), (4, 64, 64, 96)]
ALONG = [n / 63 for n in range(64)]
SQUARE = [(x, y) for x in ALONG for y in ALONG]


def voice_for(form: str, sizes: Sequence[int]) -> VoiceModel:
    return voice_of(
        quantisation=form,
        outputs=HEADS[: sizes[-1] // STEPS],
        warp=((-1.0, 0.1, 1.0), (-0.9, 1.0), (-1.0, 0.8), (0.0, 1.0))[: sizes[0]],
    )


def places_for(sizes: Sequence[int]) -> list[tuple[float, ...]]:
    random = np.random.default_rng(3)
    rest = random.random((len(SQUARE), sizes[0] - 2))
    return [(*place, *more) for place, more in zip(SQUARE, rest.tolist(), strict=True)]


@pytest.mark.parametrize("runtime", installed_runtimes())
@pytest.mark.parametrize("sizes", SHAPES, ids=str)
def test_int16x8_is_what_every_runtime_computes(sizes: tuple[int, ...], runtime: str) -> None:
    voice, model = voice_for("int16x8", sizes), file_of("int16x8", sizes)
    places = places_for(sizes)
    decoder = TfliteDecoder(voice, model, load_runtime(runtime))
    played = np.array([decoder.outputs(place) for place in places])
    exact = ExactDecoder(voice, model).outputs_at(places)
    assert 0.1 < (exact > 0.5).mean() < 0.9
    assert (exact == played).all()


@pytest.mark.parametrize("runtime", installed_runtimes())
@pytest.mark.parametrize("sizes", SHAPES, ids=str)
@pytest.mark.parametrize("form", ["weight-only", "float32"])
def test_floats_are_nearly_what_every_runtime_computes(
    form: str, sizes: tuple[int, ...], runtime: str
) -> None:
    voice, model = voice_for(form, sizes), file_of(form, sizes)
    places = places_for(sizes)
    decoder = TfliteDecoder(voice, model, load_runtime(runtime))
    played = np.array([decoder.outputs(place) for place in places])
    exact = ExactDecoder(voice, model).outputs_at(places)
    assert np.abs(exact - played).max() < LSB
    for threshold in (0.3, 0.5, 0.7):
        assert ((exact > threshold) == (played > threshold)).all()


def test_files_of_the_first_release_play_as_they_were_checked(bundle_folder: Path) -> None:
    bundle = read_bundle(bundle_folder)
    for voice, model in zip(bundle.manifest.voices, bundle.models, strict=True):
        decoder = ExactDecoder(voice, model)
        for point in voice.check_points:
            outputs = decoder.outputs(point.position)
            assert np.abs(outputs - point.expected).max() < LSB
        runtime = TfliteDecoder(voice, model, load_runtime())
        for place in SQUARE[::7]:
            assert decoder.decode(place) == runtime.decode(place)


@pytest.mark.parametrize("form", FORMS)
def test_one_place_is_what_many_at_once_are(form: str) -> None:
    decoder = ExactDecoder(voice_for(form, (2, 16, 96)), file_of(form, (2, 16, 96)))
    places = SQUARE[::100]
    one = np.array([decoder.outputs(place) for place in places])
    assert np.abs(one - decoder.outputs_at(places)).max() < (
        1e-6 if form != "int16x8" else 0.1 * LSB
    )


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"quantisation": "float32"}, "is int16x8, not float32"),
        ({"outputs": HEADS}, "2 latents and 32 outputs, not 2 and 96"),
        ({"warp": ((0.0, 1.0),) * 3}, "2 latents and 32 outputs, not 3 and 32"),
        ({"warp": ((0.0, 1.0), (0.0, 1e7))}, "a latent is beyond 1e"),
    ],
)
def test_a_model_must_be_its_voices(changes: dict[str, object], reason: str) -> None:
    with pytest.raises(BundleError, match=reason):
        ExactDecoder(voice_of(**changes), file_of("int16x8"))


@pytest.mark.parametrize(
    ("value", "short"),
    [
        (0.5, 0.5),
        (0.5 + 2.0**-16, 0.5 + 2.0**-15),
        (0.5 + 2.0**-17, 0.5),
        (1 - 2.0**-20, 1 - 2.0**-15),
        (1 - 2.0**-40, 1.0),
        (2.0**-32, 2.0**-32),
        (2.0**-33, 0.0),
    ],
)
def test_a_multiplier_keeps_15_bits(value: float, short: float) -> None:
    assert short_multiplier(value) == short


def exact(form: str, sizes: tuple[int, ...], seed: int = 0) -> ExactDecoder:
    return ExactDecoder(voice_for(form, sizes), file_of(form, sizes, seed=seed))


@pytest.mark.parametrize("sizes", SHAPES, ids=str)
def test_a_stack_decodes_what_its_decoders_do_alone(sizes: tuple[int, ...]) -> None:
    decoders = [exact("int16x8", sizes, seed) for seed in range(3)]
    stack = stacked(decoders)
    assert stack is not None
    places = places_for(sizes)
    for triple in zip(places[::31], places[7::31], places[3::31], strict=False):
        alone = [d.decode(place) for d, place in zip(decoders, triple, strict=True)]
        assert stack.decode(triple) == alone
        assert len(set(alone)) > 1


def test_only_decoders_that_are_alike_are_stacked() -> None:
    small, large = SHAPES[:2]
    one = exact("int16x8", small)
    assert stacked([one, exact("int16x8", large)]) is None
    assert stacked([one, exact("float32", small)]) is None
    assert stacked([exact("float32", small)] * 2) is None
    assert stacked([one, object()]) is None
    assert stacked([]) is None


@pytest.mark.parametrize("step", [2.0**-12, 2.0**-20, 0.0003, 0.003, 0.02])
def test_the_logistic_table_is_a_logistic_function(step: float) -> None:
    table = logistic_table(step)
    levels = np.arange(-HIGH - 1, HIGH + 1)
    wanted = 1 / (1 + np.exp(-levels * step))
    assert np.abs(table - wanted).max() < 1.6 * LSB
    assert (np.diff(table) >= 0).all()
    assert table.max() < 1


def test_the_table_is_that_of_the_runtimes() -> None:
    knots = logistic_knots().tolist()
    assert knots[:6] == [32768, 33451, 34133, 34813, 35493, 36169]
    assert (knots[35], knots[43], knots[135], len(knots)) == (53169, 56174, 65301, 256)
