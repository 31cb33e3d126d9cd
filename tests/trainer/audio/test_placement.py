import numpy as np
import pytest

from trainer.audio.audio_file import SAMPLE_RATE, Audio
from trainer.audio.grid import Grid
from trainer.audio.placement import Silence, surrounding_silence
from trainer.audio.synth import Note, Sound, normalised, render
from trainer.audio.tempo import NO_HINT, Hint
from trainer.audio.transcribe import Transcription, transcribe

CLICK = Sound("pulse", 0.001, 0.05, 0.0, 0.01, bright=40, dark=10)
PATTERN = [0, 3, 4, 6, 10, 12, 16, 19, 20, 22, 26, 28, 31]


def clicks(bpm: float, bars: int = 2, lead_s: float = 0.0, tail_s: float = 0.0) -> Audio:
    steps = [step + 32 * turn for turn in range(-(-bars // 2)) for step in PATTERN]
    notes = [Note(step * 15 / bpm, 60, 0.05, 0.9) for step in steps if step < bars * 16]
    loop = normalised(render(CLICK, notes, bars * 240 / bpm, wrap=True), 1)
    around = [round(seconds * SAMPLE_RATE) for seconds in (lead_s, tail_s)]
    return Audio(np.pad(loop, around))


def found(audio: Audio, hint: Hint) -> Transcription:
    return transcribe(audio, "a.wav", hint, "given", [])


def assert_pattern(grid: Grid, bars: int = 2) -> None:
    expected = [step + 32 * turn for turn in range(-(-bars // 2)) for step in PATTERN]
    assert np.flatnonzero(grid.onset).tolist() == [s for s in expected if s < bars * 16]


@pytest.mark.parametrize("lead_s", [0, 0.02, 0.3])
@pytest.mark.parametrize("tail_s", [0, 0.25])
@pytest.mark.parametrize("hint", [Hint(112), NO_HINT])
def test_silence_around_a_loop_is_not_part_of_it(
    lead_s: float, tail_s: float, hint: Hint
) -> None:
    result = found(clicks(112, lead_s=lead_s, tail_s=tail_s), hint)
    assert result.tempo.bpm == pytest.approx(112, rel=0.005)
    assert_pattern(result.grid)


@pytest.mark.parametrize("off", [-0.05, -0.03, -0.01, 0.01, 0.03, 0.05])
@pytest.mark.parametrize("bars", [2, 4, 8])
def test_a_stated_tempo_that_is_off_is_fitted_to_the_file(off: float, bars: int) -> None:
    result = found(clicks(120, bars), Hint(120 * (1 + off)))
    assert result.tempo.bpm == pytest.approx(120, rel=0.002)
    assert result.tempo.source == "given"
    assert_pattern(result.grid, bars)
    assert any("fitted to 120 bpm" in warning for warning in result.warnings)


def test_a_tail_beyond_the_bars_is_cut_not_fitted() -> None:
    audio = clicks(120)
    ringing = Audio(np.concatenate([audio.samples, 0.02 * np.ones(5000, np.float32)]))
    result = found(ringing, Hint(120))
    assert result.tempo.bpm == 120
    assert_pattern(result.grid)


def test_a_loop_that_begins_with_a_rest_is_left_alone() -> None:
    notes = [Note(step * 0.125, 60, 0.05, 0.9) for step in (4, 12, 20, 28)]
    audio = Audio(normalised(render(CLICK, notes, 4.0, wrap=True), 1))
    for hint in (Hint(120), NO_HINT):
        result = found(audio, hint)
        assert np.flatnonzero(result.grid.onset).tolist() == [4, 12, 20, 28]


@pytest.mark.parametrize(
    ("lead", "tail", "expected"),
    [(0, 0, (0, 0)), (100, 200, (0, 0)), (4410, 8820, (0.1, 0.2))],
)
def test_silence_counts_from_eight_milliseconds(
    lead: int, tail: int, expected: tuple[float, float]
) -> None:
    sound = np.pad(np.ones(1000, np.float32), (lead, tail))
    found_silence = surrounding_silence(sound)
    assert (found_silence.lead_s, found_silence.tail_s) == pytest.approx(expected, abs=1e-4)
    assert surrounding_silence(np.zeros(100, np.float32)) == Silence(0, 0)
