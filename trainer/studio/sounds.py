"""What a page plays and draws of a loop: its audio as WAV, its outline."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np

from firmware.errors import UserError
from trainer.audio.audio_file import SAMPLE_RATE, LoopError, read_audio
from trainer.data.project import Loop
from trainer.data.sources import MIDI_SUFFIXES, content_digest

OUTLINE = 480


class MissingLoopError(UserError):
    """A loop whose file is not where it was, or has other content."""


def wav(loop: Loop, digest: str) -> bytes:
    """Return a loop as WAV, mono, 16 bit. Raises MissingLoopError."""
    import soundfile  # noqa: PLC0415 - only when something is played

    samples = _samples(loop, digest)
    packed = io.BytesIO()
    soundfile.write(packed, samples, SAMPLE_RATE, format="WAV", subtype="PCM_16")
    return packed.getvalue()


def outline(loop: Loop, digest: str) -> bytes:
    """Return the peaks of OUTLINE slices, 0..255. Raises MissingLoopError."""
    samples = _samples(loop, digest)
    edges = np.linspace(0, samples.size, OUTLINE + 1).astype(int)[:-1]
    peaks = np.maximum.reduceat(np.abs(samples), edges)
    return (np.clip(peaks, 0, 1) * 255).astype(np.uint8).tobytes()


def _samples(loop: Loop, digest: str) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    """Read a loop's file if its content is still the one that is named."""
    path = Path(loop.path)
    try:
        same = path.is_file() and content_digest(path) == digest
    except OSError:
        same = False
    if not same:
        raise MissingLoopError(f"{loop.name}: the file has moved or changed; find it again")
    if path.suffix.lower() in MIDI_SUFFIXES:
        raise MissingLoopError(f"{loop.name}: a MIDI file, which has no sound of its own")
    try:
        return read_audio(path).samples
    except LoopError as error:
        raise MissingLoopError(f"{loop.name}: {error}") from error
