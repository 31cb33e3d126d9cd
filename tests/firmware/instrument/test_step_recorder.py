import pytest

from firmware.engine.pattern import STEPS
from firmware.engine.state import VoiceState
from firmware.instrument.step_recorder import Recorder


@pytest.mark.parametrize(
    ("tick", "voice", "step"),
    [
        (0, VoiceState(), 0),
        (11, VoiceState(), 0),
        (13, VoiceState(), 1),
        (24 * 31 + 13, VoiceState(), 0),
        (24 * 35, VoiceState(), 3),
        (24 * 5, VoiceState(rotation=2), 3),
        (24 * 1, VoiceState(rotation=2), 31),
        (24 * 17, VoiceState(length=16), 1),
        (24 * 6, VoiceState(division=2), 3),
        (24 * 3, VoiceState(division=-2), 6),
    ],
)
def test_a_hit_is_the_step_that_plays_there(tick: float, voice: VoiceState, step: int) -> None:
    recorder = Recorder()
    recorder.hit(tick, voice)
    assert [n for n, hit in enumerate(recorder.steps) if hit] == [step]


def test_hits_add_up_until_cleared() -> None:
    recorder = Recorder()
    for step in (0, 4, 4, 8):
        recorder.hit(24 * step, VoiceState())
    assert sum(recorder.steps) == 3
    recorder.clear()
    assert recorder.steps == [0] * STEPS
