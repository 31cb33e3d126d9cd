import dataclasses
from pathlib import Path

import numpy as np
import pytest

from trainer import cache as module
from trainer.cache import Cache
from trainer.grid import Grid
from trainer.listen import OUTLINE, Heard
from trainer.tempo import Tempo


def heard() -> Heard:
    onset = np.resize([True, False, True], 16)
    grid = Grid(onset, onset * 0.7, onset * -0.2)
    outline = (np.arange(OUTLINE) % 256).astype(np.uint8)
    return Heard(Tempo(121.5, 1, "name", 0.9), grid, 0.25, outline, ("look",), 1.97)


def test_a_saved_result_is_read_back(tmp_path: Path) -> None:
    cache, result = Cache(tmp_path), heard()
    assert cache.find("a") is None
    cache.keep("a", result)
    found = cache.find("a")
    assert found is not None
    for field in dataclasses.fields(Heard):
        expected, actual = getattr(result, field.name), getattr(found, field.name)
        if field.name == "grid":
            for part in dataclasses.fields(Grid):
                assert np.array_equal(getattr(actual, part.name), getattr(expected, part.name))
        else:
            assert np.array_equal(actual, expected)
    assert cache.find("b") is None


def test_a_changed_network_makes_old_results_invalid(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = Cache(tmp_path)
    cache.keep("a", heard())
    # Any other file of the package stands for weights that were fitted again.
    monkeypatch.setattr(module, "WEIGHTS", "loops_report.css")
    module._ears.cache_clear()
    try:
        assert cache.find("a") is None
    finally:
        module._ears.cache_clear()


def test_a_changed_edition_makes_old_results_invalid(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = Cache(tmp_path)
    cache.keep("a", heard())
    monkeypatch.setattr(module, "EDITION", module.EDITION + 1)
    assert cache.find("a") is None


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[:-10],
        lambda text: text.replace('"onset": [1, ', '"onset": ['),
        lambda text: text.replace('"bpm"', '"b"').replace('"off_grid"', '"o"'),
        lambda text: "[]",
    ],
)
def test_a_damaged_entry_is_ignored(tmp_path: Path, damage: object) -> None:
    cache = Cache(tmp_path)
    cache.keep("a", heard())
    (path,) = tmp_path.rglob("*.json")
    path.write_text(damage(path.read_text()))  # type: ignore[operator]
    assert cache.find("a") is None
