import threading
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from trainer.audio.audio_file import LONGEST_S, SAMPLE_RATE, LoopError, read_audio


def tone(seconds: float, rate: int, channels: int = 1) -> np.ndarray:
    wave = 0.5 * np.sin(2 * np.pi * 440 * np.arange(round(seconds * rate)) / rate)
    return np.repeat(wave[:, None], channels, axis=1).astype(np.float32)


@pytest.mark.parametrize("rate", [8000, 22050, 44100, 48000, 96000, 192000, 44056])
@pytest.mark.parametrize("channels", [1, 2, 6])
def test_any_rate_and_channel_count_becomes_mono_at_one_rate(
    rate: int, channels: int, tmp_path: Path
) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, tone(1.5, rate, channels), rate)
    audio = read_audio(path)
    assert audio.samples.ndim == 1
    assert audio.samples.dtype == np.float32
    assert audio.duration_s == pytest.approx(1.5, abs=0.001)
    inner = audio.samples[2000:-2000].astype(float)
    expected = np.sin(2 * np.pi * 440 * (np.arange(inner.size) + 2000) / SAMPLE_RATE)
    assert np.abs(inner / np.abs(inner).max() - expected).max() < 0.01


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.wav", "WAV"),
        ("a.aiff", "AIFF"),
        ("a.flac", "FLAC"),
        ("a.ogg", "OGG"),
        ("a.mp3", "MP3"),
    ],
)
def test_formats(name: str, kind: str, tmp_path: Path) -> None:
    soundfile.write(tmp_path / name, tone(1, 44100), 44100, format=kind)
    audio = read_audio(tmp_path / name)
    assert audio.duration_s == pytest.approx(1, abs=1e-4)
    assert not audio.lossy  # an mp3 file that states its delay decodes exactly


def test_opus(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.opus", tone(1, 48000), 48000, format="OGG", subtype="OPUS")
    assert read_audio(tmp_path / "a.opus").duration_s == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (np.zeros(44100), "silent"),
        (np.full(44100, 1e-6), "silent"),
        (np.ones(8000), "0.18 s long"),
        (np.array([]), "0.00 s long"),
        (np.r_[np.ones(30000), np.nan], "not numbers"),
        (np.r_[np.ones(30000), np.inf], "not numbers"),
    ],
)
def test_what_is_no_loop_says_why(content: np.ndarray, complaint: str, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", content, 44100, subtype="FLOAT")
    with pytest.raises(LoopError, match=complaint):
        read_audio(tmp_path / "a.wav")


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("a.wav", b"", "empty"),
        ("a.wav", b"only words", "not an audio file"),
        ("a.m4a", b"\0\0\0 ftypM4A ", "ffmpeg"),
        ("a.rx2", b"CAT ", "REX"),
    ],
)
def test_strangers_say_what_to_do(
    name: str, content: bytes, complaint: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(LoopError, match=complaint):
        read_audio(tmp_path / name)


def test_what_is_too_long_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, np.zeros(round((LONGEST_S + 1) * 4000), np.int16), 4000)
    with pytest.raises(LoopError, match="longer than 15 minutes"):
        read_audio(path)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("whole")
    for name in ("a.wav", "a.flac", "a.ogg", "a.aiff", "a.mp3"):
        soundfile.write(folder / name, tone(0.5, 44100, 2), 44100)
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@given(data=st.data())
def test_damaged_files_are_read_or_refused(
    data: st.DataObject, whole: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory
) -> None:
    name = data.draw(st.sampled_from(sorted(whole)))
    content = bytearray(whole[name])
    for at in data.draw(st.lists(st.integers(0, len(content) - 1), max_size=8)):
        content[at] ^= data.draw(st.integers(1, 255))
    del content[data.draw(st.integers(0, len(content))) :]
    path = tmp_path_factory.mktemp("damaged") / name
    path.write_bytes(content)
    try:
        samples = read_audio(path).samples
    except LoopError:
        return
    assert np.isfinite(samples).all()
    assert np.abs(samples).max() == pytest.approx(1, abs=1e-3)


def test_reading_is_the_same_from_several_threads(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", tone(2, 48000), 48000)
    found: list[np.ndarray] = []
    threads = [
        threading.Thread(target=lambda: found.append(read_audio(tmp_path / "a.wav").samples))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(np.array_equal(samples, found[0]) for samples in found)


def test_channels_that_cancel_are_not_silent(tmp_path: Path) -> None:
    """One side inverted, as a faulty cable or a widener leaves it."""
    tone = np.sin(np.arange(44100) / 20)
    path = tmp_path / "a.wav"
    soundfile.write(path, np.stack([0.5 * tone, -0.5 * tone], axis=1), 44100)
    expected = tone / np.abs(tone).max()
    assert read_audio(path).samples == pytest.approx(expected, abs=1e-3)


def test_two_sides_are_mixed(tmp_path: Path) -> None:
    left, right = np.sin(np.arange(44100) / 20), np.cos(np.arange(44100) / 7)
    path = tmp_path / "a.wav"
    soundfile.write(path, 0.4 * np.stack([left, right], axis=1), 44100)
    expected = (left + right) / np.abs(left + right).max()
    assert read_audio(path).samples == pytest.approx(expected, abs=1e-3)
