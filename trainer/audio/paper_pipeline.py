"""The paper's pipeline from audio to steps (section 3.2), for comparison.

librosa's onset detection at its defaults, seconds to MIDI ticks with pretty_midi, each tick
rounded to the nearest sixteenth; what rounds to the end of the loop is lost.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from trainer.audio.grid import Grid


def paper_grid(path: Path, bpm: float, steps: int) -> Grid:
    """Return the grid of an audio file at a known tempo; every velocity is 1.

    Needs the extra `paper` (librosa, pretty_midi).
    """
    import librosa  # noqa: PLC0415 - an optional extra
    import pretty_midi  # noqa: PLC0415 - an optional extra

    samples, rate = librosa.load(path)
    times_s = librosa.onset.onset_detect(y=samples, sr=rate, units="time")
    midi = pretty_midi.PrettyMIDI(initial_tempo=bpm)
    sixteenth = midi.resolution / 4
    ticks = np.array([midi.time_to_tick(time_s) for time_s in times_s], float)
    position = ticks / sixteenth
    nearest = np.round(position).astype(int)
    inside = nearest < steps
    grid = Grid(np.zeros(steps, bool), np.zeros(steps), np.zeros(steps))
    grid.onset[nearest[inside]] = True
    grid.velocity[nearest[inside]] = 1.0
    grid.offset[nearest[inside]] = (position - nearest)[inside]
    return grid
