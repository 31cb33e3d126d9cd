"""The simulated module end to end: patterns, MIDI and CV must tell the same story."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from firmware.bundle.manifest import VoiceModel
from firmware.desk.offline import Recording, Session
from firmware.engine.clock import TICKS_PER_STEP
from firmware.engine.pattern import STEPS, Pattern, checked_pattern
from firmware.engine.scale import fold
from firmware.engine.state import PITCHES
from firmware.instrument.parameters import Key
from firmware.instrument.patch import DEFAULT_PATCH, Patch
from firmware.simulator.trace import cv_notes
from tests.firmware.bundles import voice_of

TICK_NS = 60_000_000_000 // 120 // 96
BARS = 4
VOICE = voice_of()


@dataclass(frozen=True)
class Known:
    """A decoder whose pattern is known beforehand, wherever it is asked."""

    pattern: Pattern
    voice: VoiceModel = VOICE

    def decode(self, position: Sequence[float]) -> Pattern:
        return self.pattern

    def outputs(self, position: Sequence[float]) -> NDArray[np.float32]:
        return np.array(self.pattern.onset, np.float32)


def play(patterns: Sequence[Pattern], settings_: dict[Key, float]) -> Recording:
    patch = DEFAULT_PATCH.with_values(settings_)
    session = Session([Known(pattern) for pattern in patterns], patch)  # type: ignore[list-item]
    return session.play(BARS, settings_)


def expected_story(pattern: Pattern, patch: Patch, voice: int) -> list[tuple[int, int, int]]:
    """Say by hand what should sound: (tick, note, velocity)."""
    length = patch.whole("length", voice)
    story = []
    for step in range(16 * BARS):
        place = step % length
        if pattern.onset[place] > patch[Key("threshold", voice)]:
            note = fold(patch.whole("pitch", voice, place % PITCHES))
            velocity = max(1, round(127 * pattern.velocity[place]))
            story.append((step * TICKS_PER_STEP, note, velocity))
    return story


def midi_story(recording: Recording, voice: int) -> list[tuple[int, int, int]]:
    return [
        (round((time_ns - recording.start_ns) / TICK_NS), data[1], data[2])
        for time_ns, data in recording.midi
        if data[0] == 0x90 | voice
    ]


def cv_story(recording: Recording, voice: int) -> list[tuple[int, int, float]]:
    return [
        (
            round((note.start_ns - recording.start_ns) / TICK_NS),
            round(60 + 12 * note.pitch_volts),
            note.velocity_volts / 5,
        )
        for note in cv_notes(recording.traces[voice], recording.end_ns + 10**9)
    ]


levels = st.lists(st.integers(0, 100).map(lambda n: n / 100), min_size=STEPS, max_size=STEPS)


@st.composite
def patches(draw: st.DrawFn) -> dict[Key, float]:
    changes: dict[Key, float] = {}
    for voice in range(3):
        # Knobs are read in 4096 steps: thresholds lie between the hundredths of the patterns.
        changes[Key("threshold", voice)] = draw(st.integers(0, 98)) / 100 + 0.005
        changes[Key("length", voice)] = draw(st.integers(1, STEPS))
        for place in range(PITCHES):
            changes[Key("pitch", voice, place)] = draw(st.integers(0, 127))
    return changes


@settings(max_examples=20)
@given(st.lists(levels, min_size=3, max_size=3), patches())
def test_midi_cv_and_patterns_tell_the_same_story_to_the_tick(
    rows: list[list[float]], changes: dict[Key, float]
) -> None:
    patterns = [checked_pattern(row) for row in rows]
    recording = play(patterns, changes)
    patch = DEFAULT_PATCH.with_values(changes)
    for voice, pattern in enumerate(patterns):
        story = expected_story(pattern, patch, voice)
        assert midi_story(recording, voice) == story
        recorded = cv_story(recording, voice)
        assert [note[:2] for note in recorded] == [note[:2] for note in story]
        for (_, _, volts), (_, _, velocity) in zip(recorded, story, strict=True):
            assert volts == pytest.approx(velocity / 127, abs=0.009)


def test_the_module_is_silent_before_and_after() -> None:
    recording = play([checked_pattern([0.9] * STEPS)] * 3, {})
    for trace in recording.traces:
        assert trace[0].volts == pytest.approx((0, 0, 0, 0), abs=0.002)
        assert trace[1].time_ns >= recording.start_ns
        assert trace[-1].volts[3] == pytest.approx(0, abs=0.002)


def test_voices_share_the_decoders_in_turn_as_on_the_module() -> None:
    lone = checked_pattern([0.9, *[0.1] * 31])
    recording = play([lone], {})
    assert [midi_story(recording, voice)[0][0] for voice in range(3)] == [0, 0, 0]
    assert {voice[0].pattern for voice in recording.played} == {lone}


def test_one_transaction_of_nine_bytes_per_voice_and_event() -> None:
    session = Session([Known(checked_pattern([0.9] * STEPS))], DEFAULT_PATCH)  # type: ignore[list-item]
    recording = session.play(2, {})
    writes = [t for t in session.bus_transactions if not t.is_read and len(t.data) == 8]
    gates = sum(2 * len(cv_notes(trace, recording.end_ns)) for trace in recording.traces)
    at_start = 3
    assert len(writes) == gates + at_start


def test_the_display_shows_a_map() -> None:
    frame = play([checked_pattern([0.9] * STEPS)], {}).frame
    assert frame.size == (128, 64)
    assert len(frame.getcolors() or []) == 2
