"""32-bit float WAV: the CV traces as an editor opens them, and the audio.

Float samples of more than two channels need the extensible format header (Microsoft,
"Multiple Channel Audio Data and WAVE Files", 2007).
"""

import struct
from collections.abc import Iterable, Iterator, Sequence
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from firmware.simulator.trace import Trace

SAMPLE_RATE = 48_000
FULL_SCALE_VOLTS = 10.0
"""A sample of 1.0."""

_EXTENSIBLE = 0xFFFE
_FLOAT_GUID = bytes.fromhex("0300000000001000800000aa00389b71")
_BLOCK = 1 << 15


def write_wav(file: BinaryIO, blocks: Iterable[NDArray[np.float32]], frames: int) -> None:
    """Write blocks of samples, each of shape (n, channels), n summing up to `frames`.

    Raises `ValueError` if there are no blocks, they do not sum up, or make over 4 GB.
    """
    written, channels = 0, 0
    for block in blocks:
        if not channels:
            channels = block.shape[1]
            file.write(_header(frames, channels))
        file.write(block.astype("<f4").tobytes())
        written += len(block)
    if not channels or written != frames:
        raise ValueError(f"{written} frames where {frames} were announced")


def write_cv_wav(file: BinaryIO, traces: Sequence[Trace], start_ns: int, end_ns: int) -> None:
    """Write the traces from one time to another: A to D per voice, in order.

    A step lands on the first sample at or after it; sample n is at n / 48000 s.
    """
    frames = frame_of(end_ns - start_ns)
    write_wav(file, _cv_blocks(traces, start_ns, frames), frames)


def frame_of(duration_ns: int) -> int:
    """Return the first frame that is at or after a time from the start."""
    return -(-duration_ns * SAMPLE_RATE // 1_000_000_000)


def _cv_blocks(
    traces: Sequence[Trace], start_ns: int, frames: int
) -> Iterator[NDArray[np.float32]]:
    """Yield blocks of shape (n, 4 * voices)."""
    voices = [
        (
            np.array([frame_of(sample.time_ns - start_ns) for sample in trace], np.int64),
            np.array([sample.volts for sample in trace], np.float32) / FULL_SCALE_VOLTS,
        )
        for trace in traces
    ]
    for first in range(0, frames, _BLOCK):
        frame = np.arange(first, min(first + _BLOCK, frames))
        # Before a trace's first sample the chip is not powered yet: take that sample.
        rows = [
            volts[np.maximum(np.searchsorted(steps, frame, side="right") - 1, 0)]
            for steps, volts in voices
        ]
        yield np.concatenate(rows, axis=1)


def _header(frames: int, channels: int) -> bytes:
    size = frames * channels * 4
    if size >= 1 << 32:
        raise ValueError(f"{frames / SAMPLE_RATE / 60:.0f} minutes do not fit into a WAV file")
    rate = SAMPLE_RATE
    form = struct.pack(
        "<HHIIHHHHI",
        _EXTENSIBLE,
        channels,
        rate,
        rate * channels * 4,
        channels * 4,
        32,
        22,  # bytes of extension
        32,  # valid bits
        0,  # no loudspeaker belongs to any channel
    )
    chunks = (
        b"WAVE"
        + _chunk(b"fmt ", form + _FLOAT_GUID)
        + _chunk(b"fact", struct.pack("<I", frames))
    )
    data = b"data" + struct.pack("<I", size)
    return b"RIFF" + struct.pack("<I", len(chunks) + len(data) + size) + chunks + data


def _chunk(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body
