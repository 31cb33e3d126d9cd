"""The engine: clock, sequencer and voices under a given time, without inputs or outputs."""

from collections.abc import Callable
from heapq import heapify, heappop, heappush
from typing import NamedTuple

from firmware.engine.auto_clock import PULSED, active_source
from firmware.engine.clock import Clock, Tick, ticks_ns
from firmware.engine.clock_output import ClockOutput
from firmware.engine.output_event import NO_TRIMS, OutputEvent, Trims
from firmware.engine.sequencer import NoteOff, NoteOn, Sequencer, StepPlayed
from firmware.engine.state import VOICES, ClockSource, Command, CommandKind, EngineState, Report
from firmware.engine.voice import SLIDE_STEP_NS, Content, Levels, Voice, levels_of
from firmware.engine.waiting import ORDER, End, Glide, Waiting

GATE_MIN_NS = 1_000_000
FRESH_NS = 1_000_000


class _PreparedTick(NamedTuple):
    """The gates that rise on a tick of a state if nothing changes before it."""

    tick: int
    state: EngineState
    gates: list[tuple[NoteOn, Levels]]


class Engine:
    """Turns states, commands, pulses and the time into output events."""

    def __init__(
        self, make_clock: Callable[[EngineState], Clock], trims: Trims = NO_TRIMS
    ) -> None:
        """Begin stopped and silent; the first state starts it.

        `make_clock` makes the clock of a state, again for another clock source or rate.
        """
        self.state = EngineState(running=False)
        self.clock = make_clock(self.state)
        self._make_clock = make_clock
        self.steps = [-1] * VOICES
        self.tick, self._tick_ns = 0, -1
        self._trims = trims
        self._wanted = self.state
        self._sequencer = Sequencer(VOICES)
        self._clock_output = ClockOutput(trims)
        self._voices = tuple(Voice(channel) for channel in range(VOICES))
        self._heap: list[tuple[int, int, int, Waiting]] = []
        self._count = 0
        self._was_playing = False
        self._prepared: _PreparedTick | None = None

    @property
    def next_deadline_ns(self) -> int | None:
        """When `advance` is next due; None if only an edge or a message can change that."""
        return self._earliest_ns(self.clock.next_deadline_ns)

    @property
    def next_prepare_ns(self) -> int | None:
        """When `prepare_tick` or `advance` is next due; None as for `next_deadline_ns`.

        Ticks on which nothing is due are left until then, or until something comes in: before
        that is passed on, `prepare_tick` must be called.
        """
        deadline_ns = self._earliest_ns(self.clock.deadline_ns_of(self._next_busy_index()))
        return None if deadline_ns is None else deadline_ns - self.clock.lead_ns

    def advance(self, now_ns: int) -> list[OutputEvent]:
        """Return what must be written now, in order."""
        for tick in self.clock.advance(now_ns):
            self._tick(tick)
        outputs: list[OutputEvent] = []
        playing = self.clock.running and not self.clock.waiting
        if self._was_playing and not playing:
            self._fall_silent(now_ns, outputs)
        self._was_playing = playing
        while self._heap and self._heap[0][0] <= now_ns:
            time_ns, _, _, waiting = heappop(self._heap)
            self._run(waiting, time_ns, now_ns, outputs)
        return outputs

    def prepare_tick(self, now_ns: int) -> list[OutputEvent]:
        """Compute the next tick in advance, so that at its time it only has to be written.

        Return what is due within the clock's `lead_ns`; if it has none because a pulse may
        bring the tick, its gates are left for `prepared_gates`.
        """
        if self.clock.lead_ns:
            return self.advance(now_ns + self.clock.lead_ns)
        self._prepare_gates()
        return []

    def prepared_gates(self, now_ns: int) -> list[OutputEvent]:
        """Return the prepared gates of the tick that is due, if one is.

        `advance` must follow at once; it returns them again, which changes no jack.
        """
        due_ns = self.clock.next_tick_ns
        return [] if due_ns is None or due_ns > now_ns else self._prepared_gates(due_ns, now_ns)

    def prepared_gates_for_pulse(self, time_ns: int, now_ns: int) -> list[OutputEvent]:
        """Return the prepared gates of a pulse, which must then be passed to `pulse`."""
        return self._prepared_gates(time_ns, now_ns) if self.clock.expects(time_ns) else []

    def set_state(self, state: EngineState, now_ns: int) -> None:
        """Set the desired state; changes that need a boundary wait for it."""
        self._wanted = state
        if self.clock.waiting or not (self.clock.running and state.running):
            self._play(state, now_ns)
        elif state.recall == self.state.recall:
            self._play(state.with_patterns_of(self.state), now_ns)

    def command(self, command: Command, now_ns: int) -> list[OutputEvent]:
        """Run a command, at the command's own time."""
        outputs: list[OutputEvent] = []
        if command.kind is CommandKind.RESET:
            self.reset(command.time_ns)
        elif command.kind is CommandKind.PANIC:
            self._drop_waiting()
            for index, voice in enumerate(self._voices):
                self._emit(index, voice.silence(), now_ns, now_ns, outputs)
        return outputs

    def pulse(self, time_ns: int) -> None:
        """Take a pulse of the clock jack; without effect while another clock counts."""
        if self.state.clock_source in PULSED:
            self.clock.edge(time_ns)

    def reset(self, time_ns: int) -> None:
        """Go to the first step, as a pulse on the reset jack does."""
        self.clock.reset(time_ns, immediate=self.state.reset_at_once)

    def report(self) -> Report:
        """Return the current status."""
        return Report(
            running=self.clock.running,
            locked=self.clock.locked,
            milli_bpm=self.clock.milli_bpm,
            tick=self.tick,
            steps=tuple(self.steps),
            recall=self.state.recall,
            clock_source=active_source(self.clock, self.state),
        )

    def _play(self, state: EngineState, now_ns: int) -> None:
        """Make a state the current one and adapt the clock to it."""
        before, self.state = self.state, state
        other_clock = state.clock_settings != before.clock_settings
        if other_clock:
            self.clock = self._make_clock(state)
        if state.milli_bpm != before.milli_bpm:
            self.clock.set_tempo(state.milli_bpm, now_ns)
        if not state.running:
            self.clock.stop(now_ns)
        elif state.clock_source is not ClockSource.MIDI and (other_clock or not before.running):
            self.clock.resume(now_ns)

    def _earliest_ns(self, clock_ns: int | None) -> int | None:
        if not self._heap:
            return clock_ns
        return self._heap[0][0] if clock_ns is None else min(clock_ns, self._heap[0][0])

    def _next_busy_index(self) -> int:
        """Return the next tick that may play something or change the state."""
        index = self.clock.next_index
        if self._wanted is not self.state:
            return index
        output_index = self._clock_output.next_index(index, self.state)
        return min(self._sequencer.next_index(index, self.state), output_index)

    def _prepare_gates(self) -> None:
        index, known = self.clock.next_index, self._prepared
        state = self._state_at(index)
        if known and known.tick == index and known.state is state:
            return
        tick = Tick(index, 0, ticks_ns(1, self.clock.milli_bpm))
        events = self._sequencer.prepare_tick(tick, state)
        notes = [event for event in events if isinstance(event, NoteOn) and not event.offset_ns]
        each_once = len({note.voice for note in notes}) == len(notes)
        gates = [(note, levels_of(note)) for note in notes if each_once and not note.slide]
        self._prepared = _PreparedTick(index, state, gates)

    def _prepared_gates(self, time_ns: int, now_ns: int) -> list[OutputEvent]:
        """Return what was prepared for the tick at `time_ns`, once, if it is still valid.

        A late tick, or one that shares its time with the last (a clock that catches up), may
        be undone at once by the next one, so its gates are not written ahead.
        """
        known, self._prepared = self._prepared, None
        late = now_ns - time_ns >= FRESH_NS or time_ns <= self._tick_ns
        if known is None or late or not self._holds(known, time_ns):
            return []
        return [
            OutputEvent(time_ns, note.voice, levels)
            for note, levels in known.gates
            if note.tied or not self._voices[note.voice].sounding
        ]

    def _holds(self, known: _PreparedTick, time_ns: int) -> bool:
        """Return whether what was prepared comes next, undelayed, and no recall may stop it."""
        return (
            known.tick == self.clock.next_index
            and known.state is self._state_at(known.tick)
            and self._wanted.recall == self.state.recall
            and (not self._heap or self._heap[0][0] > time_ns)
            and not self._trims.cv_ns
        )

    def _state_at(self, index: int) -> EngineState:
        """Return the state that a tick plays: the desired one lands on its quantum."""
        return self.state if index % self._wanted.quantum else self._wanted

    def _tick(self, tick: Tick) -> None:
        self.tick, self._tick_ns = tick.index, tick.time_ns
        self._prepared = None
        state = self._state_at(tick.index)
        if state is not self.state:
            self._play(state, tick.time_ns)
        for event in self._sequencer.tick(tick, self.state):
            self._push(tick.time_ns + event.offset_ns, event)
        for output in self._clock_output.tick(tick, self.state):
            self._push(output.time_ns, output)

    def _run(
        self, waiting: Waiting, time_ns: int, now_ns: int, outputs: list[OutputEvent]
    ) -> None:
        match waiting:
            case OutputEvent():
                outputs.append(waiting)
            case StepPlayed():
                self._pass(waiting, time_ns)
            case NoteOn(voice):
                self._sound(waiting, time_ns, now_ns, outputs)
            case NoteOff(voice):
                self._emit(voice, self._voices[voice].release(), time_ns, now_ns, outputs)
            case End(voice, serial) if serial == self._voices[voice].serial:
                self._emit(voice, self._voices[voice].release(), time_ns, now_ns, outputs)
            case Glide(voice, serial) if serial == self._voices[voice].serial:
                self._glide(waiting, time_ns, now_ns, outputs)

    def _pass(self, played: StepPlayed, time_ns: int) -> None:
        self.steps[played.voice] = played.step
        if played.wrapped and played.voice == 0:
            for output in self._clock_output.cycle(time_ns, self.state):
                self._push(output.time_ns, output)

    def _sound(
        self, event: NoteOn, time_ns: int, now_ns: int, outputs: list[OutputEvent]
    ) -> None:
        voice = self._voices[event.voice]
        self._emit(event.voice, voice.play(event, time_ns), time_ns, now_ns, outputs)
        shortest_ns = now_ns + min(event.length_ns, GATE_MIN_NS)
        end_ns = max(time_ns + event.length_ns, shortest_ns)
        self._push(end_ns, End(event.voice, voice.serial))
        if voice.slide:
            self._push(time_ns + SLIDE_STEP_NS, Glide(event.voice, voice.serial))

    def _glide(
        self, glide: Glide, time_ns: int, now_ns: int, outputs: list[OutputEvent]
    ) -> None:
        voice = self._voices[glide.voice]
        self._emit(glide.voice, voice.glide(time_ns), time_ns, now_ns, outputs)
        if voice.slide:
            self._push(time_ns + SLIDE_STEP_NS, glide)

    def _emit(
        self,
        voice: int,
        contents: list[Content],
        time_ns: int,
        now_ns: int,
        outputs: list[OutputEvent],
    ) -> None:
        """Output a voice's contents, or queue those that a trim delays."""
        for content in contents:
            delay_ns = self._trims.midi_ns if isinstance(content, bytes) else self._trims.cv_ns
            output = OutputEvent(time_ns + delay_ns, voice, content)
            if output.time_ns <= now_ns:
                outputs.append(output)
            else:
                self._push(output.time_ns, output)

    def _fall_silent(self, now_ns: int, outputs: list[OutputEvent]) -> None:
        """End all notes because the clock stopped, or its pulses did."""
        self._drop_waiting()
        self._prepared = None
        for index, voice in enumerate(self._voices):
            self._emit(index, voice.release(), now_ns, now_ns, outputs)
        outputs.append(self._clock_output.stop(now_ns))

    def _drop_waiting(self) -> None:
        """Drop what has not sounded yet; outputs delayed by a trim are kept."""
        self._heap = [entry for entry in self._heap if isinstance(entry[3], OutputEvent)]
        heapify(self._heap)

    def _push(self, time_ns: int, waiting: Waiting) -> None:
        self._count += 1
        heappush(self._heap, (time_ns, ORDER[type(waiting)], self._count, waiting))
