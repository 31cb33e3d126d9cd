import numpy as np
import pytest

from trainer.audio.audio_file import Audio
from trainer.audio.grid import Grid, windows
from trainer.audio.synth import Note, Sound, normalised, render
from trainer.audio.tempo import METERS, NO_HINT, Hint, checked_hint
from trainer.audio.transcribe import transcribe

CLICK = Sound("pulse", 0.001, 0.05, 0.0, 0.01, bright=40, dark=10)


def loop(meter: str, bars: int, bpm: float = 112) -> tuple[Audio, list[int]]:
    """Return a loop with a beat on each quarter note and a pick-up, and its steps."""
    per_bar = METERS[meter]
    steps = sorted({*range(0, per_bar * bars, 4), *range(per_bar - 1, per_bar * bars, per_bar)})
    notes = [Note(step * 15 / bpm, 60, 0.05, 0.9) for step in steps]
    length_s = per_bar * bars * 15 / bpm
    return Audio(normalised(render(CLICK, notes, length_s, wrap=True), 1)), steps


@pytest.mark.parametrize("meter", list(METERS))
@pytest.mark.parametrize("bars", [1, 2, 4])
@pytest.mark.parametrize("bpm", [112, None])
def test_a_stated_metre_counts_the_bars(meter: str, bars: int, bpm: float | None) -> None:
    audio, steps = loop(meter, bars)
    hint = Hint(bpm, None if bpm else bars, meter)
    found = transcribe(audio, "a.wav", hint, "given", [])
    assert (found.tempo.bpm, found.tempo.bars) == (pytest.approx(112, rel=1e-4), bars)
    assert (found.tempo.meter, found.tempo.steps_per_bar) == (meter, METERS[meter])
    assert np.flatnonzero(found.grid.onset).tolist() == steps
    assert found.grid.steps_per_bar == METERS[meter]
    assert any(meter in warning for warning in found.warnings) == (meter != "4/4")


@pytest.mark.parametrize(
    ("per_bar", "bars", "length", "count"),
    [
        (16, 2, 32, 1),
        (12, 2, 24, 1),
        (12, 4, 24, 2),
        (14, 2, 28, 1),
        (20, 2, 20, 2),
        (20, 1, 20, 1),
    ],
)
def test_patterns_are_whole_bars_and_start_again(
    per_bar: int, bars: int, length: int, count: int
) -> None:
    onset = np.random.default_rng(per_bar).random(per_bar * bars) < 0.5
    grid = Grid(onset, onset * 0.5, onset * 0.1, per_bar)
    found = windows(grid)
    assert len(found) == count
    for number, window in enumerate(found):
        assert window.onset.size == 32
        expected = onset[number * length : (number + 1) * length]
        assert np.array_equal(window.onset, np.resize(expected, 32))


def test_the_length_of_what_is_played_is_said() -> None:
    waltz = transcribe(loop("3/4", 2)[0], "a.wav", Hint(112, None, "3/4"), "given", [])
    assert "3/4: patterns of two bars; play them with a length of 24 steps" in waltz.warnings
    five = transcribe(loop("5/4", 2)[0], "a.wav", Hint(112, None, "5/4"), "given", [])
    assert "5/4: patterns of one bar; play them with a length of 20 steps" in five.warnings


def test_an_unknown_metre_is_refused() -> None:
    with pytest.raises(ValueError, match="11/8 is not one of 4/4, 3/4"):
        checked_hint(None, None, "11/8")


def test_a_metre_alone_leaves_the_tempo_to_the_onsets() -> None:
    audio, _ = loop("3/4", 4)
    found = transcribe(audio, "a.wav", Hint(meter="3/4"), "given", [])
    assert found.tempo.source == "onsets"
    assert found.tempo.meter == "3/4"
    assert transcribe(audio, "a.wav", NO_HINT, "given", []).tempo.meter == "4/4"


@pytest.mark.parametrize("meter", list(METERS))
@pytest.mark.parametrize("bars", [2, 4, 8])
def test_the_metre_is_recognised_where_the_tempo_is_stated(meter: str, bars: int) -> None:
    """Accents on the first step of each bar, and on the second beat of 6/8."""
    per_bar, bpm = METERS[meter], 108
    accents = {"6/8": [0, 6], "3/4": [0, 4, 8]}.get(meter, [0, 4, 10])
    steps = [bar * per_bar + at for bar in range(bars) for at in [*accents, per_bar - 1]]
    level = {at: 1.0 if at % per_bar in accents else 0.4 for at in steps}
    notes = [Note(step * 15 / bpm, 60, 0.05, level[step]) for step in steps]
    samples = render(CLICK, notes, per_bar * bars * 15 / bpm, wrap=True)
    found = transcribe(Audio(normalised(samples, 1)), f"a_{bpm}bpm.wav", NO_HINT, "given", [])
    assert (found.tempo.meter, found.tempo.bars) == (meter, bars)
    assert any("uncertain metre" in text for text in found.warnings) == (meter != "4/4")
    assert np.flatnonzero(found.grid.onset).tolist() == steps


def test_silence_around_a_loop_makes_no_other_metre() -> None:
    audio, _ = loop("4/4", 2, 120)
    padded = Audio(np.pad(audio.samples, (22050, 0)))
    found = transcribe(padded, "a.wav", Hint(120), "given", [])
    assert (found.tempo.meter, found.tempo.bars) == ("4/4", 2)


def test_three_bars_that_could_be_four_of_another_metre_are_uncertain() -> None:
    steps = [bar * 16 + at for bar in range(3) for at in (0, 3, 6, 10)]
    notes = [Note(step * 0.125, 60, 0.05, 0.9) for step in steps]
    audio = Audio(normalised(render(CLICK, notes, 6.0, wrap=True), 1))
    found = transcribe(audio, "a.wav", Hint(120), "given", [])
    assert (found.tempo.meter, found.tempo.bars) == ("4/4", 3)
    assert any("uncertain" in text for text in found.warnings)
