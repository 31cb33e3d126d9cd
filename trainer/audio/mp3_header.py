"""Whether an mp3 file states its encoder delay and padding, so that it decodes exactly.

The first frame of a tagged file holds a Xing or Info header, and after it the encoder's name
and 24 bits of delay and padding (LAME tag specification, revision 1, "enc delays"). libsndfile
cuts both off; of a file without them it returns silence before and after the loop.
"""

from __future__ import annotations

from pathlib import Path

_HEAD_BYTES = 4096
_ID3_HEADER_BYTES = 10
_SIDE_INFO_BYTES = {(True, True): 17, (True, False): 32, (False, True): 9, (False, False): 17}
"""By MPEG 1 or not, and mono or not."""

_FLAGS = ((1, 4), (2, 4), (4, 100), (8, 4))
"""Optional fields of a Xing header: flag and length in bytes."""

_DELAYS_AT = 21  # bytes from the encoder's name on


def is_gapless(path: Path) -> bool:
    """Return whether the file states its delay and padding; False if it cannot be read."""
    try:
        with path.open("rb") as file:
            file.seek(_after_id3(file.read(_ID3_HEADER_BYTES)))
            return delay_and_padding(file.read(_HEAD_BYTES)) is not None
    except OSError:
        return False


def _after_id3(head: bytes) -> int:
    """Return where the audio starts: after an ID3v2 tag (sizes of 7 bits a byte)."""
    if len(head) < _ID3_HEADER_BYTES or head[:3] != b"ID3":
        return 0
    size = 0
    for part in head[6:10]:
        size = size << 7 | part & 0x7F
    return size + _ID3_HEADER_BYTES * (2 if head[5] & 0x10 else 1)


def delay_and_padding(frame: bytes) -> tuple[int, int] | None:
    """Return the samples before and after the audio that the first frame states, or None."""
    start = frame.find(b"\xff")
    while 0 <= start < len(frame) - 4 and frame[start + 1] & 0xE0 != 0xE0:
        start = frame.find(b"\xff", start + 1)
    if not 0 <= start < len(frame) - 4:
        return None
    mpeg_1, mono = frame[start + 1] & 0x18 == 0x18, frame[start + 3] & 0xC0 == 0xC0
    xing = start + 4 + _SIDE_INFO_BYTES[mpeg_1, mono]
    if frame[xing : xing + 4] not in {b"Xing", b"Info"}:
        return None
    flags = int.from_bytes(frame[xing + 4 : xing + 8], "big")
    encoder = xing + 8 + sum(size for flag, size in _FLAGS if flags & flag)
    delays = frame[encoder + _DELAYS_AT : encoder + _DELAYS_AT + 3]
    if frame[encoder : encoder + 4] not in {b"LAME", b"Lavf", b"Lavc"} or len(delays) < 3:
        return None
    both = int.from_bytes(delays, "big")
    return both >> 12, both & 0xFFF
