"""The messages between panel and player, as immutable values.

`EngineState` is the whole desired state; the last complete one wins. A `Command` is an action
that happens once. A `Report` is sent by the player, which never waits for a reader.
`ipc/codec.py` packs them for the message socket.
"""

from enum import IntEnum
from typing import Annotated, NamedTuple

from firmware.engine.clock import TICKS_PER_QUARTER, TICKS_PER_STEP
from firmware.engine.pattern import SILENCE, STEPS, Pattern

VOICES = 3
PITCHES = 8
CONTROLS_MAX = 16
NOTES_MAX = 16
PROGRAM = 128
"""The control number that stands for a program change."""

U8 = Annotated[int, "B"]
S8 = Annotated[int, "b"]
U16 = Annotated[int, "H"]
U32 = Annotated[int, "I"]
U64 = Annotated[int, "Q"]
S64 = Annotated[int, "q"]
F32 = Annotated[float, "f"]
Flag = Annotated[bool, "?"]
"""How `ipc/codec.py` packs a field: the `struct` code of its type."""


class Count(NamedTuple):
    """How many records a list of a message holds."""

    low: int
    high: int


class ClockSource(IntEnum):
    """The source of the clock."""

    INTERNAL = 0
    JACK = 1
    MIDI = 2
    AUTO = 3
    """The jack while pulses come, else MIDI while its clock comes, else internal."""


class ClockOut(IntEnum):
    """What the clock output plays."""

    CLOCK = 0
    RESET = 1
    END_OF_CYCLE = 2


class GateMode(IntEnum):
    """How long a gate is: a share of the step, a trigger in ms, or tied to the next step."""

    SHARE = 0
    TRIGGER = 1
    TIE = 2


class Quantum(IntEnum):
    """Where changes land; the value is in ticks."""

    STEP = TICKS_PER_STEP
    BEAT = TICKS_PER_QUARTER
    BAR = 4 * TICKS_PER_QUARTER


class VoiceState(NamedTuple):
    """What one voice plays.

    `threshold`, `groove`, `probability`, `ratchet_chance`, `accent` and `fill` are 0..1;
    `step_decision.py` says what threshold, probability and fill do. `moves` counts how often
    the voice was moved on its map by more than noise, and wraps. `division` n divides
    the step rate, -n multiplies it. `gate` is a share of the step or, in trigger mode,
    milliseconds. `slides` has a bit per pitch. `groove` scales the learned micro-timing.
    `probability` 1 lets a step that passes the threshold sound as often as its onset
    probability says, 0 always.
    """

    pattern: Pattern = SILENCE
    threshold: F32 = 0.5
    groove: F32 = 1.0
    probability: F32 = 0.0
    ratchet_chance: F32 = 0.0
    accent: F32 = 0.75
    fill: F32 = 0.0
    gate: F32 = 0.5
    gate_mode: Annotated[GateMode, "B"] = GateMode.SHARE
    length: U8 = STEPS
    rotation: U8 = 0
    division: S8 = 1
    ratchet: U8 = 2
    moves: U16 = 0
    mute: Flag = False
    advance_by_gate: Flag = False
    slides: U8 = 0
    transpose: S8 = 0
    pitches: Annotated[tuple[int, ...], f"{PITCHES}h"] = (60,) * PITCHES


class PitchHold(NamedTuple):
    """A voice whose pitch stands at a code with its gate up while it is tuned."""

    voice: U8
    code: U16


class EngineState(NamedTuple):
    """The whole desired state of the player.

    Patterns land on the next `quantum`; everything else at once, unless `recall` differs from
    the one playing (a preset or a bundle was recalled), when all of it lands together. The
    jacks of the voice of a `pitch_hold` leave alone what it plays.
    """

    voices: Annotated[tuple[VoiceState, ...], Count(VOICES, VOICES)] = (VoiceState(),) * VOICES
    running: Flag = True
    milli_bpm: U32 = 120_000
    swing: F32 = 0.5
    chaos: F32 = 0.0
    seed: U32 = 0
    freeze: Flag = False
    quantum: Annotated[Quantum, "H"] = Quantum.STEP
    scale: U8 = 0
    root: U8 = 0
    recall: U32 = 0
    clock_source: Annotated[ClockSource, "B"] = ClockSource.INTERNAL
    clock_in_ppqn: U8 = 4
    clock_out: Annotated[ClockOut, "B"] = ClockOut.CLOCK
    clock_out_ppqn: U8 = 4
    freewheel: Flag = False
    reset_at_once: Flag = False
    pitch_hold: Annotated[PitchHold | None, Count(0, 1)] = None

    @property
    def clock_settings(self) -> tuple[object, ...]:
        """What decides which clock is needed."""
        return self.clock_source, self.clock_in_ppqn, self.freewheel

    def with_patterns_of(self, other: "EngineState") -> "EngineState":
        """Return this state with the patterns of another, and the moves that led to them."""
        pairs = zip(self.voices, other.voices, strict=True)
        voices = (mine._replace(pattern=its.pattern, moves=its.moves) for mine, its in pairs)
        return self._replace(voices=tuple(voices))


class CommandKind(IntEnum):
    """The kinds of commands."""

    RESET = 1
    PANIC = 2
    CALIBRATE = 3
    """A new calibration was saved: read it."""


class Command(NamedTuple):
    """An action that happens once, at a monotonic time."""

    kind: Annotated[CommandKind, "B"]
    time_ns: S64


class MidiControl(NamedTuple):
    """A control change, or a program change (number `PROGRAM`), received; channel from 0."""

    channel: U8
    number: U8
    value: U8


JACK_CHANNEL = 16
"""The channel of a note that was a pulse at the clock jack while another clock counts."""


class MidiNote(NamedTuple):
    """A note-on received; channel from 0, and the song position in ticks at which it came."""

    channel: U8
    note: U8
    velocity: U8
    tick: S64


class Fault(IntEnum):
    """The faults that the player counts, in the order of `Report.faults`."""

    DAC = 0
    MIDI = 1
    MESSAGE = 2
    CLOCK = 3
    LATE = 4
    LINE = 5
    REALTIME = 6


class Report(NamedTuple):
    """The status of the player.

    `tick` is the song position. `clock_source` is who counts the time now, never AUTO.
    `steps` are the pattern steps last played, -1 before the
    first. `faults` counts by kind in the order of `Fault`. `lateness_ns` is the worst since the
    last report. `controls` holds at most `CONTROLS_MAX` MIDI messages for the panel, `notes` at
    most `NOTES_MAX`.
    """

    running: Flag = False
    locked: Flag = True
    milli_bpm: U32 = 0
    tick: S64 = 0
    steps: Annotated[tuple[int, ...], f"{VOICES}i"] = (-1,) * VOICES
    recall: U32 = 0
    clock_source: Annotated[ClockSource, "B"] = ClockSource.INTERNAL
    lateness_ns: U64 = 0
    faults: Annotated[tuple[int, ...], f"{len(Fault)}I"] = (0,) * len(Fault)
    controls: Annotated[tuple[MidiControl, ...], Count(0, CONTROLS_MAX)] = ()
    notes: Annotated[tuple[MidiNote, ...], Count(0, NOTES_MAX)] = ()
