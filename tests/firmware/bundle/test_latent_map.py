"""The map of a decoder: drawn as it is played, and searched for the nearest pattern."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from firmware.bundle.bundle import read_bundle
from firmware.bundle.decoder import Decoder, load_decoders
from firmware.bundle.latent_map import SIZE, LatentMap, render_map
from firmware.engine.pattern import STEPS

PATTERNS = st.lists(st.booleans(), min_size=STEPS, max_size=STEPS)


@pytest.fixture(scope="module")
def decoder(bundle_folder: Path) -> Decoder:
    return load_decoders(read_bundle(bundle_folder))[0]


@pytest.fixture(scope="module")
def atlas(decoder: Decoder) -> LatentMap:
    return render_map(decoder.outputs, decoder.voice.latents)


def ramp(position: Sequence[float]) -> NDArray[np.float32]:
    """A decoder that plays the first X steps, louder with Y."""
    steps = np.arange(STEPS) < position[0] * STEPS
    return np.where(steps, 0.5 + position[1] / 2, 0.1).astype(np.float32)


def test_a_cell_holds_what_the_decoder_plays_there(decoder: Decoder, atlas: LatentMap) -> None:
    for row, column in [(0, 0), (0, SIZE - 1), (SIZE - 1, 0), (20, 41)]:
        played = decoder.outputs((column / (SIZE - 1), row / (SIZE - 1)))[:STEPS]
        assert np.abs(atlas.onset[row, column] / 255 - played).max() <= 0.5 / 255 + 1e-6


def test_x_runs_along_the_columns_and_the_others_rest() -> None:
    seen = []

    def run(position: Sequence[float]) -> NDArray[np.float32]:
        seen.append(tuple(position))
        return ramp(position)

    atlas = render_map(run, latents=4, size=5)
    assert {position[2:] for position in seen} == {(0.5, 0.5)}
    assert atlas.density(0.3)[0].tolist() == [0, 0.25, 0.5, 0.75, 1]
    assert not atlas.density(0.9)[0].any()


@given(x=st.floats(0, 1), y=st.floats(0, 1), threshold=st.floats(0.05, 0.95))
def test_a_pattern_of_the_map_is_found_without_a_miss(
    decoder: Decoder, atlas: LatentMap, x: float, y: float, threshold: float
) -> None:
    row, column = round(y * (SIZE - 1)), round(x * (SIZE - 1))
    wanted = atlas.sounding(threshold)[row, column]
    place = atlas.nearest(wanted.tolist(), threshold)
    assert place.distance == 0
    played = atlas.sounding(threshold)[round(place.y * (SIZE - 1)), round(place.x * (SIZE - 1))]
    assert played.tolist() == wanted.tolist()


@given(wanted=PATTERNS)
def test_no_cell_is_nearer_than_the_nearest(atlas: LatentMap, wanted: list[bool]) -> None:
    distances = (atlas.sounding(0.5) != np.array(wanted)).sum(-1)
    assert atlas.nearest(wanted, 0.5).distance == distances.min()


def test_among_equals_the_surest_is_chosen() -> None:
    place = render_map(ramp, 2, size=9).nearest([step < 8 for step in range(STEPS)], 0.4)
    assert (place.x, place.y, place.distance) == (0.25, 1.0, 0)
