import dataclasses
from pathlib import Path

import numpy as np
import pytest

from trainer.audio import step_classifier
from trainer.audio.grid import Grid
from trainer.audio.tempo import Tempo
from trainer.audio.transcribe import OUTLINE, Transcription
from trainer.data import cache as module
from trainer.data.cache import Cache


def transcription() -> Transcription:
    onset = np.resize([True, False, True], 16)
    grid = Grid(onset, onset * 0.7, onset * -0.2)
    outline = (np.arange(OUTLINE) % 256).astype(np.uint8)
    return Transcription(Tempo(121.5, 1, "name", 0.9), grid, 0.25, outline, ("look",), 1.97)


def test_a_saved_result_is_read_back(tmp_path: Path) -> None:
    cache, result = Cache(tmp_path), transcription()
    assert cache.load("a") is None
    cache.store("a", result)
    found = cache.load("a")
    assert found is not None
    for field in dataclasses.fields(Transcription):
        expected, actual = getattr(result, field.name), getattr(found, field.name)
        if field.name == "grid":
            for part in dataclasses.fields(Grid):
                assert np.array_equal(getattr(actual, part.name), getattr(expected, part.name))
        else:
            assert np.array_equal(actual, expected)
    assert cache.load("b") is None


def test_a_changed_network_makes_old_results_invalid(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = Cache(tmp_path)
    cache.store("a", transcription())
    # Any other file of the package stands for weights that were fitted again.
    monkeypatch.setattr(step_classifier, "WEIGHTS", "tempo.py")
    step_classifier.weights_digest.cache_clear()
    try:
        assert cache.load("a") is None
    finally:
        step_classifier.weights_digest.cache_clear()


def test_a_changed_edition_makes_old_results_invalid(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = Cache(tmp_path)
    cache.store("a", transcription())
    monkeypatch.setattr(module, "EDITION", module.EDITION + 1)
    assert cache.load("a") is None


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
    cache.store("a", transcription())
    (path,) = tmp_path.rglob("*.json")
    path.write_text(damage(path.read_text()))  # type: ignore[operator]
    assert cache.load("a") is None
