"""Audio files to checked mono samples at one rate."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from firmware.errors import UserError
from trainer.audio.mp3_header import is_gapless

Samples = NDArray[np.float32]

SAMPLE_RATE = 44100
SUFFIXES = frozenset(
    {".wav", ".wave", ".aif", ".aiff", ".aifc", ".flac", ".ogg", ".oga", ".opus", ".mp3"}
)
SHORTEST_S = 0.3
LONGEST_S = 900.0
_SILENCE = 1e-4  # -80 dBFS
_BLOCK = 1 << 19
_CANCELLED = 0.03  # the mean of the channels beside the channels, -30 dB
_CONVERT = "not a format that can be read; convert it with: ffmpeg -i IN{} OUT.wav"
_EXPORT = "{} cannot be read; export the loop as WAV"
UNSUPPORTED = {
    **{suffix: _CONVERT.format(suffix) for suffix in (".m4a", ".aac", ".wma", ".ac3", ".mp4")},
    **dict.fromkeys((".rx2", ".rex", ".rcy"), _EXPORT.format("REX files")),
    **dict.fromkeys((".alc", ".adg"), _EXPORT.format("Ableton clips")),
    **dict.fromkeys((".band", ".logicx", ".als", ".flp"), _EXPORT.format("projects")),
}
"""What to do with files of endings that hold loops and cannot be read."""


class LoopError(UserError, ValueError):
    """A file that cannot become a loop; the message does not name the file."""


@dataclass(frozen=True, slots=True, eq=False)
class Audio:
    """A loop's samples, float32 (frames,), mono at SAMPLE_RATE, peak 1.

    lossy: whether the file may carry a codec's lead-in and tail (mp3 without a header that
    states them).
    """

    samples: Samples
    lossy: bool = False

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.samples.size / SAMPLE_RATE


def read_audio(path: Path) -> Audio:
    """Read any file that libsndfile knows, of any rate and channel count.

    Raises LoopError for what is unreadable, empty, silent, not finite, shorter than
    SHORTEST_S or longer than LONGEST_S.
    """
    import soundfile  # noqa: PLC0415 - half the cold start

    if path.suffix.lower() in UNSUPPORTED:
        raise LoopError(UNSUPPORTED[path.suffix.lower()])
    try:
        if not path.stat().st_size:
            raise LoopError("the file is empty")
        with soundfile.SoundFile(path) as file:
            samples = _mono(file)
            lossy = file.format in {"MP3", "MPEG"} and not is_gapless(path)
    except (soundfile.LibsndfileError, OSError, TypeError, ValueError) as error:
        if isinstance(error, LoopError):
            raise
        raise LoopError("not an audio file that can be read, or a damaged one") from error
    return Audio(_checked(samples), lossy)


def _mono(file: Any) -> Samples:
    """Read block by block, so that a long file of many channels stays small."""
    if file.samplerate < 4000 or file.samplerate > 400_000:
        raise LoopError(f"a sample rate of {file.samplerate} Hz")
    if file.frames > LONGEST_S * file.samplerate:
        raise LoopError(f"longer than {LONGEST_S / 60:.0f} minutes; cut it into loops")
    parts = list(_resampled(_blocks(file, _cancelled(file)), file.samplerate))
    return np.concatenate(parts) if parts else np.zeros(0, np.float32)


def _cancelled(file: Any) -> bool:
    """Return whether the channels cancel each other, judged by the file's first part."""
    if file.channels < 2:
        return False
    block = file.read(_BLOCK // file.channels, dtype="float32", always_2d=True)
    file.seek(0)
    channels, mean = np.abs(block).max(initial=0.0), np.abs(block.mean(axis=1)).max(initial=0.0)
    return bool(mean < _CANCELLED * channels)


def _blocks(file: Any, cancelled: bool) -> Iterator[Samples]:  # noqa: FBT001
    """Yield mono blocks: the mean of the channels, or the first where they cancel.

    A damaged file ends where it can no longer be read.
    """
    left = int(LONGEST_S * file.samplerate)
    size = max(1024, _BLOCK // file.channels)
    while left > 0:
        block = file.read(size, dtype="float32", always_2d=True)
        if not len(block):
            return
        left -= len(block)
        yield block[:, 0] if cancelled else block.mean(axis=1, dtype=np.float32)


def _resampled(blocks: Iterator[Samples], rate: int) -> Iterator[Samples]:
    """Yield the blocks at SAMPLE_RATE, converted with enough context to leave no seams."""
    if rate == SAMPLE_RATE:
        yield from blocks
        return
    from scipy.signal import resample_poly  # noqa: PLC0415 - slow to import, seldom needed

    common = np.gcd(rate, SAMPLE_RATE)
    up, down = SAMPLE_RATE // common, rate // common
    context = down * -(-64 * max(1, rate // SAMPLE_RATE) // down)  # in input frames
    pending = np.zeros(context, np.float32)
    for block in blocks:
        pending = np.concatenate([pending, block])
        whole = (pending.size - 2 * context) // down * down
        if whole > 0:
            yield _middle(resample_poly, pending[: whole + 2 * context], context, up, down)
            pending = pending[whole:]
    pending = np.concatenate([pending, np.zeros(context, np.float32)])
    if pending.size > 2 * context:
        yield _middle(resample_poly, pending, context, up, down)


def _middle(resample_poly: Any, samples: Samples, context: int, up: int, down: int) -> Samples:
    edge = context * up // down
    converted = resample_poly(samples, up, down).astype(np.float32)
    return np.asarray(converted[edge : converted.size - edge])


def _checked(samples: Samples) -> Samples:
    """Return the samples at peak 1. Raises LoopError where they cannot be used."""
    if samples.size < SHORTEST_S * SAMPLE_RATE:
        raise LoopError(
            f"{samples.size / SAMPLE_RATE:.2f} s long; a loop lasts {SHORTEST_S} s or more"
        )
    peak = float(max(samples.max(), -samples.min()))
    if not np.isfinite(peak):
        raise LoopError("contains samples that are not numbers")
    if peak < _SILENCE:
        raise LoopError("silent")
    samples /= np.float32(peak)
    return samples
