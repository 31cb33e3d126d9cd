"""MIDI files to sixteenths, counted in ticks: drums and melodies alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from trainer.audio.audio_file import LoopError
from trainer.audio.grid import Grid, to_grid
from trainer.audio.tempo import Hint, Tempo
from trainer.audio.transcribe import OUTLINE, Transcription, clearly_off_grid, off_grid

_LONGEST_BARS = 1024
_LARGEST_BYTES = 4_000_000
# What mido raises on damaged bytes.
_DAMAGE = (OSError, EOFError, ValueError, LookupError, TypeError, ArithmeticError)


@dataclass(frozen=True, slots=True)
class _MidiContent:
    """Notes as (tick, velocity), and the file's length, tempo and metre."""

    notes: tuple[tuple[int, int], ...]
    end_tick: int
    ticks_per_beat: int
    bpm: float
    beats_per_bar: float


def transcribe_midi(path: Path, hint: Hint, source: str) -> Transcription:
    """Read the pattern of a MIDI file; all its tracks and channels together.

    The tempo is the hint's, or the file's first one. Raises LoopError for what is damaged,
    silent, timed in SMPTE frames or longer than 1024 bars.
    """
    content = _read(path)
    bar = 4 * content.ticks_per_beat
    bars = hint.bars or _bars(content, bar)
    if bars > _LONGEST_BARS:
        raise LoopError(f"{bars:.0f} bars long; cut it into loops")
    bpm, origin = (hint.bpm, source) if hint.bpm else (content.bpm, "midi")
    tempo = Tempo(bpm, bars, origin, 1.0)
    ticks, velocities = np.array(content.notes, float).T
    position = ticks / (bar / 16)
    within = position < tempo.steps + 0.5
    grid = to_grid(position[within], velocities[within] / 127, tempo.steps)
    return _transcription(tempo, grid, content)


def _read(path: Path) -> _MidiContent:
    import mido  # noqa: PLC0415 - few folders hold MIDI files

    try:
        if path.stat().st_size > _LARGEST_BYTES:
            raise LoopError("too large for a MIDI loop")
        file = mido.MidiFile(path, clip=True)
        content = _content(file)
    except _DAMAGE as error:
        if isinstance(error, LoopError):
            raise
        raise LoopError("not a MIDI file that can be read, or a damaged one") from error
    if not content.notes:
        raise LoopError("silent: no notes in it")
    return content


def _content(file: Any) -> _MidiContent:
    if not 1 <= file.ticks_per_beat <= 0x7FFF:
        raise LoopError("timed in frames, not in beats")
    events = [event for track in file.tracks for event in _in_ticks(track)]
    events.sort(key=lambda event: event[0])
    tempi = (message.tempo for _, message in events if message.type == "set_tempo")
    metres = (message for _, message in events if message.type == "time_signature")
    metre = next(metres, None)
    return _MidiContent(
        notes=tuple(
            (tick, message.velocity)
            for tick, message in events
            if message.type == "note_on" and message.velocity
        ),
        end_tick=max((tick for tick, _ in events), default=0),
        ticks_per_beat=file.ticks_per_beat,
        bpm=min(400.0, max(20.0, 60e6 / max(1, next(tempi, 500_000)))),
        beats_per_bar=4 * metre.numerator / metre.denominator if metre else 4.0,
    )


def _in_ticks(track: Any) -> Iterator[tuple[int, Any]]:
    tick = 0
    for message in track:
        tick += message.time
        yield tick, message


def _bars(content: _MidiContent, bar: int) -> float:
    """Return the whole bars of a file: where it ends, if at a bar line, or where notes do."""
    at_end = content.end_tick / bar
    if round(at_end) and abs(at_end - round(at_end)) < 0.1:
        return float(round(at_end))
    return float(content.notes[-1][0] // bar + 1)


def _transcription(tempo: Tempo, grid: Grid, content: _MidiContent) -> Transcription:
    away = off_grid(grid)
    warnings = []
    if content.beats_per_bar != 4:
        warnings.append(f"{content.beats_per_bar:g} beats a bar, laid out in bars of four")
    if clearly_off_grid(grid):
        warnings.append(f"off the grid by {away:.2f} of 1; triplets, or free time")
    slices = np.arange(OUTLINE) * tempo.steps // OUTLINE
    outline = (grid.velocity[slices] * 255).astype(np.uint8)
    return Transcription(tempo, grid, away, outline, tuple(warnings), tempo.duration_s)
