import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile

from trainer.audio.tags import tagged_tempi


def wav(path: Path, *chunks: tuple[bytes, bytes], seconds: float = 4.0) -> Path:
    """Write a WAV with more chunks after the audio."""
    soundfile.write(path, np.zeros(round(seconds * 8000)), 8000)
    content = path.read_bytes()
    for name, body in chunks:
        content += name + struct.pack("<I", len(body)) + body
    path.write_bytes(b"RIFF" + struct.pack("<I", len(content) - 8) + content[8:])
    return path


def acid(beats: int, flags: int = 0) -> tuple[bytes, bytes]:
    return b"acid", struct.pack("<IHHfIHHf", flags, 60, 0, 0.0, beats, 4, 4, 190.0)


def test_acid_beats_give_the_tempo_that_fills_the_file(tmp_path: Path) -> None:
    assert tagged_tempi(wav(tmp_path / "a.wav", acid(8)), 4.0) == [120.0]


def test_acid_one_shots_and_zero_beats_claim_nothing(tmp_path: Path) -> None:
    assert tagged_tempi(wav(tmp_path / "a.wav", acid(4, flags=1)), 4.0) == []
    assert tagged_tempi(wav(tmp_path / "b.wav", acid(0)), 4.0) == []


def test_apple_loop_beats(tmp_path: Path) -> None:
    path = tmp_path / "a.aiff"
    soundfile.write(path, np.zeros(32000), 8000)
    body = struct.pack(">IIHHHH", 1, 8, 60, 3, 4, 4)
    path.write_bytes(path.read_bytes() + b"basc" + struct.pack(">I", len(body)) + body)
    assert tagged_tempi(path, 4.0) == [120.0]


@pytest.mark.parametrize("comment", [b"BPM=128", b"bpm=128.0", b"TEMPO=128"])
def test_comments(comment: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.ogg").write_bytes(b"OggS....vorbis" + comment)
    assert tagged_tempi(tmp_path / "a.ogg", 4.0) == [128.0]


def test_id3(tmp_path: Path) -> None:
    frame = b"TBPM" + struct.pack(">I", 4) + b"\0\0" + b"\x03" + b"174"
    (tmp_path / "a.mp3").write_bytes(b"ID3\x03\0\0\0\0\0\x20" + frame)
    assert tagged_tempi(tmp_path / "a.mp3", 4.0) == [174.0]


@pytest.mark.parametrize("content", [b"", b"RIFF", b"RIFF....WAVEacid", b"FORM....basc\0\0"])
def test_cut_off_files_claim_nothing(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(content)
    assert tagged_tempi(tmp_path / "a.wav", 4.0) == []


def test_a_missing_file_claims_nothing(tmp_path: Path) -> None:
    assert tagged_tempi(tmp_path / "gone.wav", 4.0) == []
