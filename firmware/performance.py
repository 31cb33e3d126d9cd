"""The whole of playing, without a wire: clock, sequencer and voices under a given time.

The player and the simulator both drive this. `advance` is told the time and gives what must
be written now; `next_deadline_ns` says when to come again. Everything that waits stands in
one heap whose size is bounded: per voice the hits of one step, one end and one slide.
"""

from collections.abc import Callable
from dataclasses import replace
from heapq import heapify, heappop, heappush
from typing import NamedTuple

from firmware.action import NO_TRIMS, Action, Trims
from firmware.clock import Clock, Tick, ticks_ns
from firmware.clock_output import ClockOutput
from firmware.score import VOICES, ClockSource, Command, CommandKind, Report, Score
from firmware.sequencer import NoteOff, NoteOn, Sequencer, StepPlayed
from firmware.voice import SLIDE_STEP_NS, Content, Levels, Voice, levels_of

GATE_MIN_NS = 1_000_000
FRESH_NS = 1_000_000


class _Foreseen(NamedTuple):
    """The gates that will rise on a tick of a score if nothing changes before it."""

    tick: int
    score: Score
    gates: list[tuple[NoteOn, Levels]]


class _End(NamedTuple):
    voice: int
    serial: int


class _Glide(NamedTuple):
    voice: int
    serial: int


_Waiting = NoteOn | NoteOff | StepPlayed | _End | _Glide | Action
_ORDER = {_End: 0, NoteOff: 1, StepPlayed: 2, NoteOn: 3, _Glide: 4, Action: 5}


class Performance:
    """What plays: give it scores, commands, edges and the time."""

    def __init__(self, make_clock: Callable[[Score], Clock], trims: Trims = NO_TRIMS) -> None:
        """Begin stopped and silent; the first score starts it.

        `make_clock` gives the clock that a score asks for; it is asked again when a score
        names another source or rate.
        """
        self.score = Score(running=False)
        self.clock = make_clock(self.score)
        self._make_clock = make_clock
        self.steps = [-1] * VOICES
        self.tick = 0
        self._trims = trims
        self._wanted = self.score
        self._sequencer = Sequencer(VOICES)
        self._clock_output = ClockOutput(trims)
        self._voices = tuple(Voice(channel) for channel in range(VOICES))
        self._heap: list[tuple[int, int, int, _Waiting]] = []
        self._count = 0
        self._was_playing = False
        self._foreseen: _Foreseen | None = None

    @property
    def next_deadline_ns(self) -> int | None:
        """When `advance` is next due; None if only an edge or a message can change that."""
        clock_ns = self.clock.next_deadline_ns
        if not self._heap:
            return clock_ns
        return self._heap[0][0] if clock_ns is None else min(clock_ns, self._heap[0][0])

    def advance(self, now_ns: int) -> list[Action]:
        """Give what must be written now, in order."""
        for tick in self.clock.advance(now_ns):
            self._tick(tick)
        actions: list[Action] = []
        playing = self.clock.running and not self.clock.waiting
        if self._was_playing and not playing:
            self._fall_silent(now_ns, actions)
        self._was_playing = playing
        while self._heap and self._heap[0][0] <= now_ns:
            time_ns, _, _, waiting = heappop(self._heap)
            self._act(waiting, time_ns, now_ns, actions)
        return actions

    def foresee(self) -> None:
        """Work out what the next tick will sound, so that it can be foretold at its time."""
        index, known = self.clock.next_index, self._foreseen
        score = self._score_at(index)
        if known and known.tick == index and known.score is score:
            return
        tick = Tick(index, 0, ticks_ns(1, self.clock.milli_bpm))
        events = self._sequencer.foresee(tick, score)
        notes = [event for event in events if isinstance(event, NoteOn) and not event.offset_ns]
        each_once = len({note.voice for note in notes}) == len(notes)
        gates = [(note, levels_of(note)) for note in notes if each_once and not note.slide]
        self._foreseen = _Foreseen(index, score, gates)

    def foretold(self, now_ns: int) -> list[Action]:
        """Give the gates that are known to rise with the tick that is due, if one is.

        `advance`, to be called right after, gives them again among all the rest: for the jacks
        no change.
        """
        due_ns = self.clock.next_tick_ns
        return [] if due_ns is None or due_ns > now_ns else self._foretold(due_ns, now_ns)

    def foretold_by_pulse(self, time_ns: int, now_ns: int) -> list[Action]:
        """Give the gates that are known to rise with a pulse, which `pulse` then takes."""
        return self._foretold(time_ns, now_ns) if self.clock.expects(time_ns) else []

    def take(self, score: Score, now_ns: int) -> None:
        """Take the desired state; what must wait for a boundary waits."""
        self._wanted = score
        if self.clock.waiting or not (self.clock.running and score.running):
            self._play(score, now_ns)
        elif score.recall == self.score.recall:
            self._play(_with_patterns_of(score, self.score), now_ns)

    def command(self, command: Command, now_ns: int) -> list[Action]:
        """Do what happens once, at the command's own time."""
        actions: list[Action] = []
        if command.kind is CommandKind.RESET:
            self.reset(command.time_ns)
        elif command.kind is CommandKind.PANIC:
            self._drop_waiting()
            for index, voice in enumerate(self._voices):
                self._emit(index, voice.silence(), now_ns, now_ns, actions)
        return actions

    def pulse(self, time_ns: int) -> None:
        """Take a pulse of the clock jack; without effect while another clock counts."""
        if self.score.clock_source is ClockSource.JACK:
            self.clock.edge(time_ns)

    def reset(self, time_ns: int) -> None:
        """Go to the first step, as a pulse on the reset jack does."""
        self.clock.reset(time_ns, immediate=self.score.reset_at_once)

    def report(self) -> Report:
        """Say where the performance is."""
        return Report(
            running=self.clock.running,
            locked=self.clock.locked,
            milli_bpm=self.clock.milli_bpm,
            tick=self.tick,
            steps=tuple(self.steps),
            recall=self.score.recall,
        )

    def _play(self, score: Score, now_ns: int) -> None:
        """Make a score the one that plays, and let the clock follow it."""
        before, self.score = self.score, score
        other_clock = _clock_of(score) != _clock_of(before)
        if other_clock:
            self.clock = self._make_clock(score)
        if score.milli_bpm != before.milli_bpm:
            self.clock.set_tempo(score.milli_bpm, now_ns)
        if not score.running:
            self.clock.stop(now_ns)
        elif score.clock_source is not ClockSource.MIDI and (other_clock or not before.running):
            self.clock.resume(now_ns)

    def _foretold(self, time_ns: int, now_ns: int) -> list[Action]:
        """Give what was foreseen of the tick at `time_ns`, once, and if it still holds.

        What is late may be followed at once by what takes it back, so it is not foretold.
        """
        known, self._foreseen = self._foreseen, None
        late = now_ns - time_ns >= FRESH_NS
        if known is None or late or not self._holds(known, time_ns):
            return []
        return [
            Action(time_ns, note.voice, levels)
            for note, levels in known.gates
            if note.tied or not self._voices[note.voice].sounding
        ]

    def _holds(self, known: _Foreseen, time_ns: int) -> bool:
        """Tell whether what was foreseen is what comes next, and leaves at once."""
        return (
            known.tick == self.clock.next_index
            and known.score is self._score_at(known.tick)
            # What is recalled may bring another clock, or the stop.
            and self._wanted.recall == self.score.recall
            and (not self._heap or self._heap[0][0] > time_ns)
            and not self._trims.cv_ns
        )

    def _score_at(self, index: int) -> Score:
        """Give the score that a tick plays: the wanted one lands on its quantum."""
        return self.score if index % self._wanted.quantum else self._wanted

    def _tick(self, tick: Tick) -> None:
        self.tick = tick.index
        self._foreseen = None
        score = self._score_at(tick.index)
        if score is not self.score:
            self._play(score, tick.time_ns)
        for event in self._sequencer.tick(tick, self.score):
            self._push(tick.time_ns + event.offset_ns, event)
        for action in self._clock_output.tick(tick, self.score):
            self._push(action.time_ns, action)

    def _act(self, waiting: _Waiting, time_ns: int, now_ns: int, actions: list[Action]) -> None:
        match waiting:
            case Action():
                actions.append(waiting)
            case StepPlayed():
                self._pass(waiting, time_ns)
            case NoteOn(voice):
                self._sound(waiting, time_ns, now_ns, actions)
            case NoteOff(voice):
                self._emit(voice, self._voices[voice].release(), time_ns, now_ns, actions)
            case _End(voice, serial):
                if serial == self._voices[voice].serial:
                    self._emit(voice, self._voices[voice].release(), time_ns, now_ns, actions)
            case _Glide(voice, serial):
                if serial == self._voices[voice].serial:
                    self._glide(waiting, time_ns, now_ns, actions)

    def _pass(self, played: StepPlayed, time_ns: int) -> None:
        self.steps[played.voice] = played.step
        if played.wrapped and played.voice == 0:
            for action in self._clock_output.cycle(time_ns, self.score):
                self._push(action.time_ns, action)

    def _sound(self, event: NoteOn, time_ns: int, now_ns: int, actions: list[Action]) -> None:
        voice = self._voices[event.voice]
        self._emit(event.voice, voice.play(event, time_ns), time_ns, now_ns, actions)
        shortest_ns = now_ns + min(event.length_ns, GATE_MIN_NS)
        end_ns = max(time_ns + event.length_ns, shortest_ns)
        self._push(end_ns, _End(event.voice, voice.serial))
        if voice.slide:
            self._push(time_ns + SLIDE_STEP_NS, _Glide(event.voice, voice.serial))

    def _glide(self, glide: _Glide, time_ns: int, now_ns: int, actions: list[Action]) -> None:
        voice = self._voices[glide.voice]
        self._emit(glide.voice, voice.glide(time_ns), time_ns, now_ns, actions)
        if voice.slide:
            self._push(time_ns + SLIDE_STEP_NS, glide)

    def _emit(
        self,
        voice: int,
        contents: list[Content],
        time_ns: int,
        now_ns: int,
        actions: list[Action],
    ) -> None:
        """Let a voice's contents out, or keep those back that a trim delays."""
        for content in contents:
            delay_ns = self._trims.midi_ns if isinstance(content, bytes) else self._trims.cv_ns
            action = Action(time_ns + delay_ns, voice, content)
            if action.time_ns <= now_ns:
                actions.append(action)
            else:
                self._push(action.time_ns, action)

    def _fall_silent(self, now_ns: int, actions: list[Action]) -> None:
        """End all notes because the clock stopped, or its pulses did."""
        self._drop_waiting()
        self._sequencer.release()
        self._foreseen = None
        for index, voice in enumerate(self._voices):
            self._emit(index, voice.release(), now_ns, now_ns, actions)
        actions.append(self._clock_output.stop(now_ns))

    def _drop_waiting(self) -> None:
        """Forget what has not sounded yet; outputs that a trim holds back still leave."""
        self._heap = [entry for entry in self._heap if isinstance(entry[3], Action)]
        heapify(self._heap)

    def _push(self, time_ns: int, waiting: _Waiting) -> None:
        self._count += 1
        heappush(self._heap, (time_ns, _ORDER[type(waiting)], self._count, waiting))


def _with_patterns_of(score: Score, playing: Score) -> Score:
    """Give a score that still plays the patterns of another."""
    voices = tuple(
        replace(wanted, pattern=now.pattern)
        for wanted, now in zip(score.voices, playing.voices, strict=True)
    )
    return replace(score, voices=voices)


def _clock_of(score: Score) -> tuple[object, ...]:
    """Give what of a score decides which clock it needs."""
    return score.clock_source, score.clock_in_ppqn, score.freewheel
