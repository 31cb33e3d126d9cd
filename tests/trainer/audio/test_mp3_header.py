from pathlib import Path

import numpy as np
import pytest
import soundfile

from trainer.audio.audio_file import read_audio
from trainer.audio.mp3_header import delay_and_padding, is_gapless


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("rate", [44100, 22050])
def test_a_tagged_file_is_gapless(tmp_path: Path, channels: int, rate: int) -> None:
    """Stereo and mono, MPEG 1 and 2 have side information of four different lengths."""
    path = tmp_path / "a.mp3"
    sound = 0.5 * np.sin(np.arange(rate) / 9)[:, None].repeat(channels, axis=1)
    soundfile.write(path, sound, rate)
    assert is_gapless(path)
    delay, padding = delay_and_padding(path.read_bytes()) or (0, 0)
    assert delay == 576
    assert padding > 0
    assert soundfile.info(path).frames == rate
    assert not read_audio(path).lossy


def test_a_tag_before_the_audio_is_skipped(tmp_path: Path) -> None:
    path = tmp_path / "a.mp3"
    soundfile.write(path, np.zeros(44100), 44100)
    frames = path.read_bytes()
    size = 300  # 2 * 128 + 44, in 7 bits a byte
    tag = b"ID3\x04\x00\x00" + bytes([0, 0, size >> 7, size & 0x7F])
    path.write_bytes(tag + bytes(size) + frames)
    assert is_gapless(path)
    path.write_bytes(tag[:5] + b"\x10" + tag[6:] + bytes(size + 10) + frames)  # with a footer
    assert is_gapless(path)


def test_a_file_without_the_header_is_not_gapless(tmp_path: Path) -> None:
    """As an encoder leaves it that writes no header: the first frame is taken away."""
    path = tmp_path / "a.mp3"
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, 44100)
    soundfile.write(path, noise, 44100)
    frames = path.read_bytes()
    path.write_bytes(frames[frames.index(b"\xff\xfb", 4) :])
    assert not is_gapless(path)
    assert read_audio(path).lossy


@pytest.mark.parametrize("content", [b"", b"ID3", b"\xff" * 3000, b"\x00" * 5000, b"\xff\xfb"])
def test_damaged_files_are_not_gapless(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.mp3"
    path.write_bytes(content)
    assert not is_gapless(path)
    assert not is_gapless(tmp_path / "gone.mp3")


def test_a_header_that_is_cut_off_is_none(tmp_path: Path) -> None:
    path = tmp_path / "a.mp3"
    soundfile.write(path, np.zeros(44100), 44100)
    frame = path.read_bytes()
    whole = frame.index(b"LAME") + 24
    assert delay_and_padding(frame[:whole]) is not None
    assert delay_and_padding(frame[: whole - 1]) is None
