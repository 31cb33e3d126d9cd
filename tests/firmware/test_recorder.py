import pytest

from firmware.pattern import STEPS
from firmware.recorder import Recorder
from firmware.score import VoiceScore


@pytest.mark.parametrize(
    ("tick", "voice", "step"),
    [
        (0, VoiceScore(), 0),
        (11, VoiceScore(), 0),
        (13, VoiceScore(), 1),
        (24 * 31 + 13, VoiceScore(), 0),
        (24 * 35, VoiceScore(), 3),
        (24 * 5, VoiceScore(rotation=2), 3),
        (24 * 1, VoiceScore(rotation=2), 31),
        (24 * 17, VoiceScore(length=16), 1),
        (24 * 6, VoiceScore(division=2), 3),
        (24 * 3, VoiceScore(division=-2), 6),
    ],
)
def test_a_hit_is_the_step_that_plays_there(tick: float, voice: VoiceScore, step: int) -> None:
    recorder = Recorder()
    recorder.hit(tick, voice)
    assert [n for n, hit in enumerate(recorder.steps) if hit] == [step]


def test_hits_add_up_until_cleared() -> None:
    recorder = Recorder()
    for step in (0, 4, 4, 8):
        recorder.hit(24 * step, VoiceScore())
    assert sum(recorder.steps) == 3
    recorder.clear()
    assert recorder.steps == [0] * STEPS
