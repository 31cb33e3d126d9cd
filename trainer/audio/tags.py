"""Tempo that a file carries in itself: ACID and Apple loop chunks, BPM tags."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from pathlib import Path

_HEAD = 1 << 16
_TBPM = re.compile(rb"TBPM(.{4})..\x00?\x03?(\d{2,3}(?:\.\d+)?)", re.DOTALL)
_COMMENT = re.compile(rb"(?:BPM|TEMPO)=(\d{2,3}(?:\.\d+)?)", re.IGNORECASE)


def tagged_tempi(path: Path, duration_s: float) -> list[float]:
    """Return the tempi (bpm) in a file's tags, unverified.

    Chunks that count beats give the tempo at which the beats fill the file. ACID one-shots
    and impossible figures are left out. An unreadable file claims nothing.
    """
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
            file.seek(max(_HEAD, path.stat().st_size - _HEAD))
            tail = file.read()
    except OSError:
        return []
    claims = [*_from_chunks(head, tail, duration_s), *_from_text(head)]
    return [bpm for bpm in claims if 30 <= bpm <= 300]


def _from_text(head: bytes) -> Iterator[float]:
    """Yield tempi of ID3 frames (TBPM) and Vorbis comments (BPM=, TEMPO=)."""
    yield from (float(match[2]) for match in _TBPM.finditer(head))
    yield from (float(match[1]) for match in _COMMENT.finditer(head))


def _from_chunks(head: bytes, tail: bytes, duration_s: float) -> Iterator[float]:
    """Yield tempi from beat counts; chunks stand before the audio or after it."""
    for part in (head, tail):
        if head[:4] == b"RIFF" and (at := part.find(b"acid")) >= 0:
            # flags u32, root u16, u16, f32, beats u32, meter 2 x u16, bpm f32
            yield from _beats(part[at + 8 :], "<IHHfI", 4, duration_s, one_shot=True)
        if head[:4] == b"FORM" and (at := part.find(b"basc")) >= 0:
            # version u32, beats u32, root key u16, scale u16, signature 2 x u16
            yield from _beats(part[at + 8 :], ">II", 1, duration_s, one_shot=False)


def _beats(
    body: bytes, layout: str, field: int, duration_s: float, *, one_shot: bool
) -> Iterator[float]:
    if len(body) < struct.calcsize(layout):
        return
    fields = struct.unpack_from(layout, body)
    if one_shot and fields[0] & 1:
        return
    yield fields[field] * 60 / duration_s
