"""From ticks and engine states to events: which step sounds, and when.

The sequencer has almost no state: a voice's step follows from the song position alone, so
lengths, divisions and rotations keep their phase through every change, and random numbers are
the same for the same seed. A step is decided in the tick in which it is due, with the engine
state at that time.
"""

from collections.abc import Iterator
from copy import copy
from math import ceil, floor
from typing import NamedTuple

from firmware.engine.clock import TICKS_PER_STEP, Tick
from firmware.engine.scale import fold, quantise
from firmware.engine.state import PITCHES, EngineState, GateMode, VoiceState
from firmware.engine.step_decision import (
    STREAM_RATCHET,
    StepMemory,
    StepRandom,
    decide,
    ratchet_chance,
)

GAP_NS = 1_000_000
"""A gate falls at least so long before the next may rise, so that envelopes see both."""

MS_NS = 1_000_000


class StepTime(NamedTuple):
    """A voice and a time: `tick` plus `offset_ns`."""

    voice: int
    tick: int
    offset_ns: int


class NoteOn(NamedTuple):
    """A voice sounds: at `tick` plus `offset_ns`, for `length_ns`."""

    voice: int
    tick: int
    offset_ns: int
    length_ns: int
    note: int
    velocity: float
    accent: bool
    slide: bool
    tied: bool


class NoteOff(NamedTuple):
    """A tied voice falls silent, because its next step does not sound."""

    voice: int
    tick: int
    offset_ns: int


class StepPlayed(NamedTuple):
    """A voice passed a step of its pattern, sounding or not; `wrapped` begins a new cycle."""

    voice: int
    tick: int
    offset_ns: int
    step: int
    wrapped: bool


Event = NoteOn | NoteOff | StepPlayed


class Sequencer:
    """All voices over one song position; `tick` is called once for every tick, in order."""

    def __init__(self, voices: int) -> None:
        """Begin before the first step of `voices` voices."""
        self._voices = tuple(map(VoiceSequencer, range(voices)))
        self._expected = 0
        # As long as this state plays, no step is due before this song position.
        self._state: EngineState | None = None
        self._due_ticks = 0.0

    def tick(self, tick: Tick, state: EngineState) -> list[Event]:
        """Return the events of the steps that are due within this tick."""
        if tick.index != self._expected:
            self._state = None
            for voice in self._voices:
                voice.locate(tick.index)
        self._expected = tick.index + 1
        if state is self._state and tick.index + 1 <= self._due_ticks:
            return []
        events = [event for voice in self._voices for event in voice.steps_due(tick, state)]
        self._state = state
        self._due_ticks = min(voice.due_ticks for voice in self._voices)
        return events

    def next_index(self, index: int, state: EngineState) -> int:
        """Return the first tick from `index` on in which a step is due, or may be."""
        if state is not self._state or index != self._expected:
            return index
        return max(index, floor(self._due_ticks))

    def prepare_tick(self, tick: Tick, state: EngineState) -> list[Event]:
        """Return what `tick` would, without advancing; nothing for a tick out of order."""
        if tick.index != self._expected:
            return []
        if state is self._state and tick.index + 1 <= self._due_ticks:
            return []
        return [
            event for voice in map(copy, self._voices) for event in voice.steps_due(tick, state)
        ]


class VoiceSequencer:
    """One voice; its main state is the step that it decides next, due at `due_ticks`."""

    def __init__(self, voice: int) -> None:
        """Begin before the first step."""
        self.tied = False
        self._voice = voice
        self._next_step = 0
        self._decided_tick = -1
        self._division = 1
        self._gates = 0
        self._cycle = 0
        self._memory = StepMemory()
        # When the next step is due, and the values from which that was computed.
        self.due_ticks = 0.0
        self._timed_by: VoiceState | None = None
        self._swing = 0.0

    def locate(self, index: int) -> None:
        """Go to another song position, after a reset or a MIDI song position."""
        self._timed_by = None
        self._memory = StepMemory()
        self._next_step = first_step(index, self._division)
        self._decided_tick = index - 1
        if index == 0:
            self._gates = 0

    def steps_due(self, tick: Tick, state: EngineState) -> Iterator[Event]:
        """Decide the steps whose time lies before the next tick."""
        wanted = state.voices[self._voice]
        if wanted.division != self._division:
            self._divide(tick.index, wanted.division)
        if wanted is not self._timed_by or state.swing != self._swing:
            self._timed_by, self._swing = wanted, state.swing
            self.due_ticks = due_ticks(self._next_step, wanted, state.swing)
        while self.due_ticks < tick.index + 1:
            late_ticks = max(self.due_ticks - tick.index, 0.0)
            time = StepTime(self._voice, tick.index, round(late_ticks * tick.period_ns))
            following = due_ticks(self._next_step + 1, wanted, state.swing)
            until_ns = round((following - tick.index) * tick.period_ns)
            room_ns = max(until_ns - time.offset_ns, 2 * GAP_NS)
            yield from self._decide(time, room_ns, state)
            self._decided_tick = grid_tick(self._next_step, wanted.division)
            self._next_step += 1
            self.due_ticks = following

    def _divide(self, index: int, division: int) -> None:
        """Continue in another division, on the grid, without playing a position twice."""
        self._timed_by = None
        self._division = division
        self._next_step = first_step(max(index, self._decided_tick + 1), division)

    def _decide(self, time: StepTime, room_ns: int, state: EngineState) -> Iterator[Event]:
        """Decide a step that has `room_ns` until the voice's next."""
        wanted = state.voices[self._voice]
        cycle, position = divmod(self._next_step, wanted.length)
        if not state.freeze:
            self._cycle = cycle
        step = (position - wanted.rotation) % wanted.length
        yield StepPlayed(*time, step, wrapped=position == 0)
        random = StepRandom(state.seed, self._voice, self._cycle, step)
        decision, self._memory = decide(state, random, self._memory)
        if decision.sounds:
            yield from self._sound(time, room_ns, state, random, filled=decision.filled)
        elif self.tied:
            self.tied = False
            yield NoteOff(*time)

    def _sound(
        self,
        time: StepTime,
        room_ns: int,
        state: EngineState,
        random: StepRandom,
        *,
        filled: bool,
    ) -> Iterator[NoteOn]:
        wanted, step = state.voices[self._voice], random.step
        pitch = (self._gates if wanted.advance_by_gate else step) % PITCHES
        # A fill takes no pitch away from what plays after it.
        self._gates += not filled
        hits = wanted.ratchet if random.uniform(STREAM_RATCHET) < ratchet_chance(wanted) else 1
        tie = wanted.gate_mode is GateMode.TIE and hits == 1
        velocity = wanted.pattern.velocity[step]
        first = NoteOn(
            *time,
            length_ns=gate_ns(wanted, room_ns // hits, tie=tie),
            note=sounding_note(wanted, pitch, state),
            velocity=velocity,
            accent=velocity > wanted.accent,
            slide=bool(wanted.slides >> pitch & 1),
            tied=self.tied,
        )
        self.tied = tie
        yield first
        for hit in range(1, hits):
            offset_ns = time.offset_ns + hit * room_ns // hits
            yield first._replace(offset_ns=offset_ns, slide=False, tied=False)


def grid_tick(step: int, division: int) -> int:
    """Return the tick on which a voice's step lies, before swing and micro-timing."""
    if division > 0:
        return step * TICKS_PER_STEP * division
    return step * TICKS_PER_STEP // -division


def first_step(tick: int, division: int) -> int:
    """Return the first step of a voice that lies at `tick` or later."""
    if division > 0:
        return -(-tick // (TICKS_PER_STEP * division))
    return ceil(tick * -division / TICKS_PER_STEP)


def due_ticks(step: int, voice: VoiceState, swing: float) -> float:
    """Return the song position at which a voice's step is due, micro-timing and swing included.

    Swing bends the time of each pair of sixteenths, so that steps of every division, early and
    late ones, stay in their order.
    """
    index = (step % voice.length - voice.rotation) % voice.length
    late = voice.pattern.offset[index] * voice.groove
    scale = voice.division if voice.division > 0 else -1 / voice.division
    return swung_ticks((step + late) * TICKS_PER_STEP * scale, swing)


def swung_ticks(position: float, swing: float) -> float:
    """Move a song position in ticks by swing: 0.5 is straight, 0.75 the most."""
    pair, within = divmod(position, 2 * TICKS_PER_STEP)
    if within < TICKS_PER_STEP:
        return pair * 2 * TICKS_PER_STEP + within * 2 * swing
    late = within - TICKS_PER_STEP
    return (pair + swing) * 2 * TICKS_PER_STEP + late * 2 * (1 - swing)


def sounding_note(voice: VoiceState, pitch: int, state: EngineState) -> int:
    """Return the note of one of the eight pitches: transposed, on the scale, within reach."""
    note = voice.pitches[pitch] + voice.transpose
    return fold(quantise(note, state.scale, state.root))


def gate_ns(voice: VoiceState, room_ns: int, *, tie: bool) -> int:
    """Return how long a gate stays up, of the `room_ns` until the voice's next hit.

    A tie lasts until the next step decides; its length is what it may last if no step comes.
    """
    if tie:
        return 2 * room_ns
    longest_ns = max(room_ns - GAP_NS, room_ns // 2)
    if voice.gate_mode is GateMode.TRIGGER:
        return min(round(voice.gate * MS_NS), longest_ns)
    return min(max(round(voice.gate * room_ns), GAP_NS), longest_ns)
