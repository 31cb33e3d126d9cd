"""Pictures have X to the right and Y upwards."""

from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from firmware.bundle.latent_map import SIZE, LatentMap
from firmware.engine.pattern import STEPS
from trainer.report.pictures import ACROSS, map_picture, patterns_picture
from trainer.report.views import View, views_of_bundle

Draw = Callable[[View], bytes]
DRAWINGS: dict[str, Draw] = {
    "map": lambda view: map_picture([view]),
    "patterns": patterns_picture,
}
CORNERS = [(x, y) for x in (0, 1) for y in (0, 1)]


@pytest.fixture(scope="module")
def view(bundle_folder: Path) -> View:
    return views_of_bundle(bundle_folder)[1][0]


def with_onsets(
    view: View, onset: np.ndarray, points: tuple[tuple[float, float], ...] = ()
) -> View:
    """Give another map, (SIZE, SIZE, STEPS) of bool, and other loops."""
    voice = replace(view.voice, training_points=points)
    return replace(view, voice=voice, atlas=LatentMap((onset * 255).astype(np.uint8)))


def corner_of(x: int, y: int, size: int = SIZE // 4) -> np.ndarray:
    """Make a map on which all steps sound in one corner, and none elsewhere."""
    onset = np.zeros((SIZE, SIZE, STEPS), bool)
    rows, columns = (slice(-size, None) if high else slice(size) for high in (y, x))
    onset[rows, columns] = True
    return onset


def pixels(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(BytesIO(png)).convert("RGB"), float)


def changed(draw: Draw, view: View, other: View) -> np.ndarray:
    """Tell which pixels differ, within what a map fills: rows from the top."""
    blank, full, here, there = (
        pixels(draw(shown))
        for shown in (
            with_onsets(view, np.zeros((SIZE, SIZE, STEPS), bool)),
            with_onsets(view, np.ones((SIZE, SIZE, STEPS), bool)),
            view,
            other,
        )
    )
    area = (blank != full).any(-1)
    (top, *_, bottom), (left, *_, right) = (
        np.flatnonzero(area.any(axis)).tolist() for axis in (1, 0)
    )
    assert (bottom - top) * (right - left) > 100 * 100
    differ: np.ndarray = (here != there).any(-1)[top : bottom + 1, left : right + 1]
    return differ


def quarters(values: np.ndarray) -> dict[tuple[int, int], float]:
    """Give the mean of an area's quarters by (X, Y): 1 is right, 1 is up."""
    upper, lower = np.array_split(values, 2)
    parts = {1: np.array_split(upper, 2, axis=1), 0: np.array_split(lower, 2, axis=1)}
    return {(x, y): float(parts[y][x].mean()) for x, y in CORNERS}


@pytest.mark.parametrize("corner", CORNERS)
@pytest.mark.parametrize("drawing", DRAWINGS)
def test_a_dense_corner_is_where_its_knobs_are(
    view: View, drawing: str, corner: tuple[int, int]
) -> None:
    blank = with_onsets(view, np.zeros((SIZE, SIZE, STEPS), bool))
    dense = with_onsets(view, corner_of(*corner))
    share = quarters(changed(DRAWINGS[drawing], blank, dense))
    assert share.pop(corner) > 0.15
    assert max(share.values()) < 0.01


@pytest.mark.parametrize("drawing", DRAWINGS)
def test_what_sounds_is_dark(view: View, drawing: str) -> None:
    draw = DRAWINGS[drawing]
    blank, full = (
        pixels(draw(with_onsets(view, np.full((SIZE, SIZE, STEPS), sounds))))
        for sounds in (False, True)
    )
    assert np.all(blank >= full)
    assert (blank - full).max() > 128


@pytest.mark.parametrize("corner", CORNERS)
def test_loops_lie_on_the_map_where_their_knobs_are(
    view: View, corner: tuple[int, int]
) -> None:
    blank = with_onsets(view, np.zeros((SIZE, SIZE, STEPS), bool))
    place = (0.2 + 0.6 * corner[0], 0.3 + 0.4 * corner[1])
    loops = replace(blank, voice=replace(blank.voice, training_points=(place,)))
    dot = changed(DRAWINGS["map"], blank, loops)
    rows, columns = np.nonzero(dot)
    height, width = dot.shape
    assert columns.mean() / width == pytest.approx(place[0], abs=0.01)
    assert 1 - rows.mean() / height == pytest.approx(place[1], abs=0.01)


@pytest.mark.parametrize("bar", [0, 1])
@pytest.mark.parametrize("late", [0, 1])
def test_a_pattern_runs_from_left_to_right_its_first_bar_above(
    view: View, bar: int, late: int
) -> None:
    blank, some = (np.zeros((SIZE, SIZE, STEPS), bool) for _ in range(2))
    first = bar * STEPS // 2 + late * STEPS // 4
    some[..., first : first + STEPS // 4] = True
    differ = changed(patterns_picture, with_onsets(view, blank), with_onsets(view, some))
    height, width = differ.shape
    share = quarters(differ[: height // ACROSS, : width // ACROSS])
    assert max(share, key=share.__getitem__) == (late, 1 - bar)
