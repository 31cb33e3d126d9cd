"""From traces of the jacks to blocks of samples: the CVs themselves, and the synth's sound.

Pure: traces and times come in. Everything is late by the same `LATENCY_NS`, so that a note's
end is known soon after its beginning is due.
"""

from collections.abc import Sequence

import numpy as np

from firmware.simulator.synth import TIMBRES, Samples, sound_of
from firmware.simulator.trace import CvNote, Sample, cv_notes
from firmware.simulator.wav import FULL_SCALE_VOLTS, SAMPLE_RATE

LATENCY_NS = 120_000_000
RING_FRAMES = 1 << 17
"""How much is mixed ahead: longer than a note."""

_NOTE_FRAMES = SAMPLE_RATE * 2


class Cvs:
    """Voltages as samples: 1.0 is 10 V, channels A to D per voice."""

    def __init__(self, voices: int) -> None:
        """Begin at 0 V."""
        self._last = [(0.0,) * 4] * voices

    def block(self, traces: Sequence[Sequence[Sample]], start_ns: int, frames: int) -> Samples:
        """Return the frames from a time on, of the samples since the last block."""
        out = np.empty((frames, 4 * len(traces)), np.float32)
        for voice, trace in enumerate(traces):
            columns = out[:, 4 * voice : 4 * voice + 4]
            columns[:] = self._last[voice]
            for sample in trace:
                columns[_frame(sample.time_ns - start_ns, frames) :] = sample.volts
                self._last[voice] = sample.volts
        return np.asarray(out / FULL_SCALE_VOLTS, np.float32)


class Synth:
    """The simulator's synth, in blocks: notes are mixed into a ring when they begin."""

    def __init__(self) -> None:
        """Begin silent."""
        self._ring = np.zeros((RING_FRAMES, 2), np.float32)
        self._place = 0

    def block(self, notes: Sequence[Sequence[CvNote]], start_ns: int, frames: int) -> Samples:
        """Return stereo frames from a time on, with the voices' notes that begin in them."""
        for timbre, line in zip(TIMBRES, notes, strict=False):
            sides = np.sqrt([(1 - timbre.pan) / 2, (1 + timbre.pan) / 2]) * timbre.gain
            for note in line:
                sound = sound_of(timbre, note)[:_NOTE_FRAMES]
                first = self._place + _frame(note.start_ns - start_ns, frames)
                places = np.arange(first, first + len(sound)) % RING_FRAMES
                self._ring[places] += np.outer(sound, sides).astype(np.float32)
        places = np.arange(self._place, self._place + frames) % RING_FRAMES
        block: Samples = np.tanh(self._ring[places])
        self._ring[places] = 0.0
        self._place = (self._place + frames) % RING_FRAMES
        return block


def notes_between(
    traces: Sequence[Sequence[Sample]], start_ns: int, end_ns: int, now_ns: int
) -> list[list[CvNote]]:
    """Return each voice's notes that begin in a span; a gate still up ends now."""
    return [
        [note for note in cv_notes(trace, now_ns) if start_ns <= note.start_ns < end_ns]
        for trace in traces
    ]


def _frame(offset_ns: int, frames: int) -> int:
    """Return the frame of a block in which something happens; if it is late, the first."""
    return min(max(-(-offset_ns * SAMPLE_RATE // 1_000_000_000), 0), frames)
