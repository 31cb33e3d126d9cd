import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.audio.audio_file import SAMPLE_RATE
from trainer.audio.spectrum import HOP, WINDOW, filterbank, log_bands, stretch


def test_frames_are_one_hop_apart_and_hold_the_windowed_spectrum() -> None:
    samples = np.random.default_rng(0).standard_normal(300 * HOP + WINDOW).astype(np.float32)
    bands = log_bands(samples)
    assert bands.shape == (301, filterbank().shape[1])
    window = np.sin(np.pi * np.arange(WINDOW) / WINDOW) ** 2
    for frame in (0, 127, 128, 300):
        piece = samples[frame * HOP : frame * HOP + WINDOW].astype(float)
        magnitude = np.abs(np.fft.rfft(piece * window)) * 4 / WINDOW
        expected = np.log1p(1000 * magnitude @ filterbank())
        assert bands[frame] == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize("hz", [60, 440, 3000, 12000])
def test_a_tone_lights_the_band_at_its_frequency(hz: float) -> None:
    tone = np.sin(2 * np.pi * hz * np.arange(WINDOW) / SAMPLE_RATE).astype(np.float32)
    band = int(log_bands(tone)[0].argmax())
    centre_hz = int(filterbank()[:, band].argmax()) * SAMPLE_RATE / WINDOW
    assert abs(centre_hz - hz) < max(SAMPLE_RATE / WINDOW, 0.03 * hz)


def test_every_bin_between_the_ends_counts_in_full() -> None:
    weight = filterbank().sum(axis=1)
    inside = np.flatnonzero(weight)[3:-20]
    assert weight[inside].min() > 0.4
    assert weight.max() <= 1 + 1e-6


@given(size=st.integers(1, 50), start=st.integers(-200, 200), length=st.integers(0, 200))
def test_a_stretch_is_cut_from_a_loop_without_end(size: int, start: int, length: int) -> None:
    loop = np.arange(size, dtype=np.float32)
    found = stretch(loop, start, start + length)
    assert found.tolist() == [at % size for at in range(start, start + length)]
