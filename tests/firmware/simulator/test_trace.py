"""Notes read from voltages."""

from hypothesis import given
from hypothesis import strategies as st

from firmware.simulator.trace import CvNote, Sample, cv_notes


def test_a_note_takes_what_stood_when_its_gate_rose():
    trace = [
        Sample(0, (0.0, 0.0, 0.0, 0.0)),
        Sample(5, (1.0, 0.0, 0.0, 0.0)),
        Sample(6, (1.0, 4.0, 5.0, 0.0)),
        Sample(7, (1.0, 4.0, 5.0, 5.0)),
        Sample(9, (2.0, 4.0, 5.0, 5.0)),
        Sample(12, (2.0, 4.0, 0.0, 0.0)),
    ]
    assert cv_notes(trace, 100) == [CvNote(7, 12, 1.0, 4.0, accent=True)]


def test_a_gate_still_up_ends_with_the_trace():
    trace = [Sample(0, (0.0, 1.0, 0.0, 5.0)), Sample(50, (0.0, 1.0, 0.0, 0.0))]
    assert cv_notes(trace, 20) == [CvNote(0, 20, 0.0, 1.0, accent=False)]


@given(st.lists(st.tuples(st.integers(1, 100), st.integers(1, 100)), max_size=20))
def test_as_many_notes_as_gates(gaps):
    trace, expected, now = [Sample(0, (0.0, 0.0, 0.0, 0.0))], [], 0
    for wait, length in gaps:
        start = now + wait
        now = start + length
        trace += [Sample(start, (0.5, 3.0, 0.0, 5.0)), Sample(now, (0.5, 3.0, 0.0, 0.0))]
        expected.append(CvNote(start, now, 0.5, 3.0, accent=False))
    assert cv_notes(trace, now + 1) == expected
