"""Blocks of samples hold what the jacks did, when they did it."""

import numpy as np
import pytest

from firmware.desk.stream import RING_FRAMES, Cvs, Synth, notes_between
from firmware.simulator.synth import TIMBRES, sound_of
from firmware.simulator.trace import CvNote, Sample

FRAMES = 480
BLOCK_NS = 10_000_000
HIGH = (1.0, 2.5, 0.0, 5.0)
LOW = (1.0, 2.5, 0.0, 0.0)


def test_cvs_step_at_their_frame_and_hold_over_blocks() -> None:
    cvs = Cvs(2)
    first = cvs.block([[Sample(5_000_000, HIGH)], []], 0, FRAMES)
    assert first.shape == (FRAMES, 8)
    assert not first[: FRAMES // 2].any()
    assert first[FRAMES // 2 :, :4] == pytest.approx(np.tile([0.1, 0.25, 0, 0.5], (240, 1)))
    assert not first[:, 4:].any()
    second = cvs.block([[], [Sample(0, HIGH)]], BLOCK_NS, FRAMES)
    assert second[:, 3] == pytest.approx(0.5)
    assert second[:, 7] == pytest.approx(0.5)


def test_a_note_sounds_from_its_frame_on_and_over_blocks() -> None:
    note = CvNote(2_500_000, 60_000_000, 0.0, 5.0, accent=False)
    synth = Synth()
    blocks = [synth.block([[note], [], []], 0, FRAMES)]
    blocks += [synth.block([[], [], []], n * BLOCK_NS, FRAMES) for n in range(1, 20)]
    output = np.concatenate(blocks)
    sound = sound_of(TIMBRES[0], note)
    wanted = np.zeros(len(output))
    wanted[120 : 120 + len(sound)] = sound
    assert output[:, 0] == pytest.approx(np.tanh(wanted * np.sqrt(0.5)), abs=1e-6)


def test_the_ring_is_silent_when_it_comes_round() -> None:
    synth = Synth()
    synth.block([[CvNote(0, 60_000_000, 0.0, 5.0, accent=True)], [], []], 0, FRAMES)
    for n in range(RING_FRAMES // FRAMES + 300):
        last = synth.block([[], [], []], n * BLOCK_NS, FRAMES)
    assert not last.any()


def test_only_notes_that_begin_in_the_span_are_given() -> None:
    trace = [Sample(t * 1_000_000, HIGH if t % 20 == 0 else LOW) for t in range(0, 100, 10)]
    (notes,) = notes_between([trace], 20_000_000, 41_000_000, 45_000_000)
    assert [(note.start_ns, note.end_ns) for note in notes] == [
        (20_000_000, 30_000_000),
        (40_000_000, 45_000_000),
    ]
