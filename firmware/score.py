"""What passes between panel and player: immutable, packed, with a version and a number.

`EngineState` is the whole desired state; the last complete one wins. `Command` is for what
happens once. `Report` is what the player sends, without ever waiting for a reader. `wire.py`
packs them for the message socket.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

from firmware.clock import TICKS_PER_QUARTER, TICKS_PER_STEP
from firmware.pattern import SILENCE, STEPS, Pattern

VOICES = 3
PITCHES = 8
CONTROLS_MAX = 16
NOTES_MAX = 16
PROGRAM = 128
"""The control number that stands for a program change."""


class ClockSource(IntEnum):
    """Who counts the time."""

    INTERNAL = 0
    JACK = 1
    MIDI = 2


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


@dataclass(frozen=True, slots=True)
class VoiceState:
    """What one voice shall play.

    `threshold`, `groove`, `dice`, `ratchet_chance` and `accent` are 0..1. `division` n plays
    every step n times as slow, -n as fast. `gate` is a share of the step or, in trigger mode,
    milliseconds. `slides` has a bit per pitch. `groove` scales the learned micro-timing.
    `dice` 1 lets a step sound as often as its onset probability says, 0 always.
    """

    pattern: Pattern = SILENCE
    threshold: float = 0.5
    groove: float = 1.0
    dice: float = 0.0
    ratchet_chance: float = 0.0
    accent: float = 0.75
    gate: float = 0.5
    gate_mode: GateMode = GateMode.SHARE
    length: int = STEPS
    rotation: int = 0
    division: int = 1
    ratchet: int = 2
    mute: bool = False
    advance_by_gate: bool = False
    slides: int = 0
    transpose: int = 0
    pitches: tuple[int, ...] = (60,) * PITCHES


class PitchHold(NamedTuple):
    """A voice whose pitch stands at a code with its gate up while it is tuned."""

    voice: int
    code: int


@dataclass(frozen=True, slots=True)
class EngineState:
    """The whole desired state of the player.

    Patterns land on the next `quantum`; everything else at once, unless `recall` differs from
    the one playing (a preset or a bundle was recalled), when all of it lands together. The
    jacks of a `held` voice leave alone what it plays.
    """

    voices: tuple[VoiceState, ...] = (VoiceState(),) * VOICES
    running: bool = True
    milli_bpm: int = 120_000
    swing: float = 0.5
    chaos: float = 0.0
    seed: int = 0
    freeze: bool = False
    quantum: Quantum = Quantum.STEP
    scale: int = 0
    root: int = 0
    recall: int = 0
    clock_source: ClockSource = ClockSource.INTERNAL
    clock_in_ppqn: int = 4
    clock_out: ClockOut = ClockOut.CLOCK
    clock_out_ppqn: int = 4
    freewheel: bool = False
    reset_at_once: bool = False
    held: PitchHold | None = None


class CommandKind(IntEnum):
    """What can happen once."""

    RESET = 1
    PANIC = 2
    CALIBRATE = 3
    """The calibration was kept anew: read it again."""


class Command(NamedTuple):
    """Something that happens once, at a monotonic time."""

    kind: CommandKind
    time_ns: int


class MidiControl(NamedTuple):
    """A control change, or a program change (number `PROGRAM`), received; channel from 0."""

    channel: int
    number: int
    value: int


JACK_CHANNEL = 16
"""The channel of a note that was a pulse at the clock jack while another clock counts."""


class MidiNote(NamedTuple):
    """A note-on received; channel from 0, and the song position in ticks at which it came."""

    channel: int
    note: int
    velocity: int
    tick: int


class Fault(IntEnum):
    """What the player counts, in the order of `Report.faults`."""

    DAC = 0
    MIDI = 1
    MESSAGE = 2
    CLOCK = 3
    LATE = 4
    LINE = 5


@dataclass(frozen=True, slots=True)
class Report:
    """Where the player is.

    `tick` is the song position. `steps` are the pattern steps last played, -1 before the
    first. `faults` counts by kind in the order of `Fault`. `lateness_ns` is the worst since the
    last report. `controls` holds at most `CONTROLS_MAX` MIDI messages for the panel, `notes` at
    most `NOTES_MAX`.
    """

    running: bool = False
    locked: bool = True
    milli_bpm: int = 0
    tick: int = 0
    steps: tuple[int, ...] = (-1,) * VOICES
    recall: int = 0
    lateness_ns: int = 0
    faults: tuple[int, ...] = (0,) * len(Fault)
    controls: tuple[MidiControl, ...] = ()
    notes: tuple[MidiNote, ...] = ()
