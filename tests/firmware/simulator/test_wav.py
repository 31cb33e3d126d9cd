"""WAV files, read back by an independent reader."""

import io

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from firmware.simulator.trace import Sample
from firmware.simulator.wav import SAMPLE_RATE, write_cv_wav, write_wav

volts = st.tuples(*[st.floats(-3.5, 5.5, width=32)] * 4)


def traces_of(draws):
    traces = []
    for steps in draws:
        now, trace = 0, []
        for wait, level in steps:
            trace.append(Sample(now, level))
            now += wait
        traces.append(trace)
    return traces


@given(
    st.lists(
        st.lists(st.tuples(st.integers(1, 10_000_000), volts), min_size=1, max_size=8),
        min_size=1,
        max_size=3,
    ),
    st.integers(0, 20_000_000),
    st.integers(1, 40_000_000),
)
def test_every_sample_is_the_voltage_at_its_time(draws, start_ns, length_ns):
    traces = traces_of(draws)
    file = io.BytesIO()
    write_cv_wav(file, traces, start_ns, start_ns + length_ns)
    file.seek(0)
    data, rate = soundfile.read(file, dtype="float32", always_2d=True)
    assert rate == SAMPLE_RATE
    assert data.shape == (-(-length_ns * SAMPLE_RATE // 10**9), 4 * len(traces))
    for frame in {0, len(data) // 3, len(data) // 2, len(data) - 1}:
        # Compared in units of 1 / (48000 * 1e9) s, so that nothing is rounded.
        now = frame * 10**9 + start_ns * SAMPLE_RATE
        row = []
        for trace in traces:
            held = [s for s in trace if s.time_ns * SAMPLE_RATE <= now] or trace[:1]
            row += held[-1].volts
        assert data[frame] == pytest.approx(np.array(row) / 10, abs=1e-7)


def test_long_files_are_whole():
    trace = [Sample(0, (0.0,) * 4), Sample(900_000_000, (0.0, 0.0, 0.0, 5.0))]
    file = io.BytesIO()
    write_cv_wav(file, [trace], 0, 2_000_000_000)
    file.seek(0)
    data, _ = soundfile.read(file)
    assert len(data) == 2 * SAMPLE_RATE
    assert np.flatnonzero(data[:, 3]).tolist() == list(range(43_200, 96_000))
    assert data[-1, 3] == 0.5


def test_the_file_says_float_in_the_extensible_format():
    file = io.BytesIO()
    write_wav(file, [np.zeros((10, 12), np.float32)], 10)
    file.seek(0)
    info = soundfile.info(file)
    assert (info.format, info.subtype, info.channels) == ("WAVEX", "FLOAT", 12)


@pytest.mark.parametrize(
    ("blocks", "frames"),
    [
        ([], 0),
        ([np.zeros((10, 2), np.float32)], 11),
        ([np.zeros((1, 12), np.float32)], 1 << 31),
    ],
)
def test_what_cannot_be_written_is_refused(blocks, frames):
    with pytest.raises(ValueError, match=r"frames|WAV"):
        write_wav(io.BytesIO(), blocks, frames)
