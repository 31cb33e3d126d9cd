"""The simulated module end to end: patterns, MIDI and CV must tell the same story."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from firmware.board.calibration import NOMINAL, Calibration, InputLine, Point, fit_output
from firmware.board.constants import ADC_INPUTS, DAC_OUTPUTS
from firmware.bundle.bundle import read_bundle
from firmware.bundle.decoder import load_decoders
from firmware.bundle.manifest import VoiceModel
from firmware.desk.offline import Recording, Session
from firmware.desk.random_walk import random_walk
from firmware.engine.clock import TICKS_PER_STEP
from firmware.engine.pattern import STEPS, Pattern, checked_pattern
from firmware.engine.scale import fold
from firmware.engine.state import PITCHES, ClockSource
from firmware.instrument.controls import KNOB_HYSTERESIS
from firmware.instrument.parameters import Key
from firmware.instrument.patch import DEFAULT_PATCH, Patch
from firmware.simulator.trace import cv_notes
from firmware.storage.paths import Home
from firmware.storage.settings import calibration_bytes
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

    def outputs_at(self, positions: Sequence[Sequence[float]]) -> NDArray[np.float32]:
        return np.array([self.outputs(position) for position in positions])


def play(
    patterns: Sequence[Pattern],
    settings_: dict[Key, float],
    *,
    bars: int = BARS,
    calibration: Calibration = NOMINAL,
) -> Recording:
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        home.prepare()
        home.calibration.write_bytes(calibration_bytes(calibration))
        decoders = [Known(pattern) for pattern in patterns]
        return Session(home, decoders, DEFAULT_PATCH, settings_).play(bars)  # type: ignore[arg-type]


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


@pytest.mark.parametrize("source", [ClockSource.JACK, ClockSource.MIDI])
def test_an_external_clock_is_given_pulses_at_the_tempo(source: ClockSource) -> None:
    patterns = [checked_pattern([0.9, 0.2] * (STEPS // 2))]
    changes: dict[Key, float] = {Key("clock"): source, Key("clock_in"): 2}
    recording = play(patterns, changes, bars=2)
    internal = play(patterns, {}, bars=2)
    assert midi_story(recording, 0) == midi_story(internal, 0)


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
    recording = play([checked_pattern([0.9] * STEPS)], {}, bars=2)
    writes = [t for t in recording.bus_transactions if not t.is_read and len(t.data) == 8]
    gates = sum(2 * len(cv_notes(trace, recording.end_ns)) for trace in recording.traces)
    at_start = 3
    assert len(writes) == gates + at_start


def test_the_display_shows_a_map() -> None:
    frame = play([checked_pattern([0.9] * STEPS)], {}).frame
    assert frame.size == (128, 64)
    assert len(frame.getcolors() or []) == 2


def dac_codes(recording: Recording, output: str) -> list[int]:
    """Give the codes that an output was set to, in order."""
    first = 2 * DAC_OUTPUTS.index(output)
    return [
        int.from_bytes(t.data[first : first + 2], "big")
        for t in recording.bus_transactions
        if len(t.data) == 8
    ]


def test_the_calibration_of_the_home_decides_the_codes() -> None:
    """The player itself writes to the DACs."""
    patterns = [checked_pattern([0.9] * STEPS)]
    nominal = play(patterns, {}, bars=1)
    pitch = NOMINAL.outputs[0][0]
    curve = fit_output(Point(pitch.code(volts) + 7, volts) for volts in (-3.0, 5.0))
    calibration = NOMINAL
    for voice in range(3):
        calibration = calibration.with_output(voice, DAC_OUTPUTS.index("pitch"), curve)
    tuned = play(patterns, {}, bars=1, calibration=calibration)
    shifted = [code + 7 for code in dac_codes(nominal, "pitch")]
    assert dac_codes(tuned, "pitch") == pytest.approx(shifted, abs=1)
    assert dac_codes(tuned, "gate") == dac_codes(nominal, "gate")


def positions_of_x(recording: Recording) -> list[float]:
    return [played.position[0] for played in recording.played[0]]


def test_the_panel_reads_the_knobs_with_their_hysteresis_and_calibration() -> None:
    patterns = [checked_pattern([0.9] * STEPS)]
    walk = random_walk(VOICE, 2, 0, lambda _: STEPS)
    nominal = positions_of_x(play(patterns, {}))
    assert nominal == pytest.approx([x for x, _ in walk], abs=KNOB_HYSTERESIS)
    assert nominal[1] != walk[1][0]
    place = ADC_INPUTS.index("knob_x")
    line = NOMINAL.inputs[place]
    low = NOMINAL.with_input(place, InputLine(line.offset_volts, 0.9 * line.volts_per_code))
    off = positions_of_x(play(patterns, {}, calibration=low))
    assert off[1] == pytest.approx(0.9 * walk[1][0], abs=0.01)


def test_each_stop_of_the_walk_plays_its_own_patterns_from_its_bar_on(
    bundle_folder: Path, tmp_path: Path
) -> None:
    decoders = load_decoders(read_bundle(bundle_folder))
    on_grid = {Key("groove", voice): 0.0 for voice in range(3)}
    recording = Session(Home(tmp_path), decoders, DEFAULT_PATCH, on_grid).play(6)
    for voice, stops in enumerate(recording.played):
        assert len({stop.pattern for stop in stops}) == 3
        story = [
            number * STEPS + step
            for number, stop in enumerate(stops)
            for step, on in enumerate(stop.pattern.sounding(stop.threshold))
            if on
        ]
        ticks = [tick for tick, _, _ in midi_story(recording, voice)]
        assert [round(tick / TICKS_PER_STEP) for tick in ticks] == story


@dataclass(frozen=True)
class Rising(Known):
    """A decoder that plays more the further right it is asked."""

    def decode(self, position: Sequence[float]) -> Pattern:
        count = round(position[0] * STEPS)
        return checked_pattern([0.9] * count + [0.1] * (STEPS - count))


def test_no_pass_of_the_walk_is_crowded(tmp_path: Path) -> None:
    voice = voice_of(training_points=tuple((n / 40, n % 7 / 7) for n in range(41)))
    decoders = [Rising(checked_pattern([0.9] * STEPS), voice)]
    recording = Session(Home(tmp_path), decoders, DEFAULT_PATCH, {}).play(16)  # type: ignore[arg-type]
    for number, stops in enumerate(recording.played):
        assert all(0 < sum(stop.pattern.sounding(stop.threshold)) <= 20 for stop in stops)
        passes = [
            tick // (STEPS * TICKS_PER_STEP) for tick, _, _ in midi_story(recording, number)
        ]
        assert max(passes.count(one) for one in range(8)) <= 20
