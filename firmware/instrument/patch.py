"""A patch: one value for each parameter. Presets store it; an engine state is made from it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from types import MappingProxyType
from typing import NamedTuple

from firmware.engine.clock import PPQNS
from firmware.engine.pattern import SILENCE, Pattern
from firmware.engine.state import (
    PITCHES,
    VOICES,
    ClockOut,
    ClockSource,
    EngineState,
    GateMode,
    PitchHold,
    Quantum,
    VoiceState,
)
from firmware.instrument.parameters import BY_NAME, CV_TARGETS, KEYS, Key

PLACES: Mapping[Key, int] = MappingProxyType({key: n for n, key in enumerate(KEYS)})
"""Where the value of a key is in a patch."""

ReadValues = Callable[[Sequence[float]], tuple[float, ...]]


def reader(*keys: Key) -> ReadValues:
    """Return a function that reads the values of two keys or more off a patch's values."""
    return itemgetter(*(PLACES[key] for key in keys))


_FIXED = ("groove", "accent", "gate", "trigger", "gate_mode", "ratchet", "advance")
_MOVED = (
    *("threshold", "dice", "ratchet_chance", "fill", "length", "rotate", "division", "mute"),
    "transpose",
)
"""Of a voice: what only a hand, a preset or a program changes, and what a CV moves as well."""
_ENGINE = (
    *("run", "tempo", "swing", "chaos", "seed", "freeze", "quantum", "scale", "root"),
    *("clock", "clock_in", "clock_out", "clock_rate", "freewheel", "reset_at_once"),
)
_READ_FIXED, _READ_ROWS, _READ_MOVED = (
    tuple(reader(*(key for key in keys if key.voice == voice)) for voice in range(VOICES))
    for keys in (
        [Key(name, voice) for voice in range(VOICES) for name in _FIXED],
        [
            Key(name, voice, place)
            for voice in range(VOICES)
            for name in ("pitch", "slide")
            for place in range(PITCHES)
        ],
        [Key(name, voice) for voice in range(VOICES) for name in _MOVED],
    )
)
_READ_ENGINE = reader(*map(Key, _ENGINE))
# Indexed, as calling an enumeration is slow.
_GATE_MODES, _QUANTA = tuple(GateMode), tuple(Quantum)
_CLOCK_SOURCES, _CLOCK_OUTS = tuple(ClockSource), tuple(ClockOut)


@dataclass(frozen=True, slots=True)
class Patch:
    """A value for every key, in the order of `KEYS`."""

    values: tuple[float, ...]

    def __getitem__(self, key: Key) -> float:
        """Return a value."""
        return self.values[PLACES[key]]

    def whole(self, name: str, voice: int = 0, place: int = 0) -> int:
        """Return a whole value."""
        return int(self[Key(name, voice, place)])

    def with_values(self, changes: Mapping[Key, float]) -> "Patch":
        """Return a patch with some values changed; they are trusted."""
        values = list(self.values)
        for key, value in changes.items():
            values[PLACES[key]] = value
        return Patch(tuple(values))

    def keys_unlike(self, other: "Patch") -> Iterator[Key]:
        """Return the keys whose values differ."""
        pairs = zip(KEYS, self.values, other.values, strict=True)
        return (key for key, mine, others in pairs if mine != others)

    def with_music_of(self, other: "Patch") -> "Patch":
        """Return this patch with the musical values of another, as a preset recall does."""
        return self.with_values({key: other[key] for key in KEYS if BY_NAME[key.name].musical})


_FIRST_PITCHES = (
    (36, 36, 48, 36, 39, 43, 36, 46),
    (60, 63, 67, 70, 72, 70, 67, 63),
    (72, 75, 79, 72, 82, 79, 75, 84),
)
"""C minor pentatonic over three octaves, so that three voices sound well at once."""

DEFAULT_PATCH = Patch(tuple(float(BY_NAME[key.name].default) for key in KEYS)).with_values(
    {
        Key("pitch", voice, place): note
        for voice, row in enumerate(_FIRST_PITCHES)
        for place, note in enumerate(row)
    }
    | {Key("cv_assign", 0, 1): CV_TARGETS.index("length")}
)


def engine_state_of(
    patch: Patch,
    voices: tuple[VoiceState, ...],
    recall: int,
    *,
    landed: bool = True,
    pitch_hold: PitchHold | None = None,
) -> EngineState:
    """Return the engine state of a patch whose voices were made by `voice_state`.

    One that has not landed yet waits for the bar.
    """
    numbers = _READ_ENGINE(patch.values)
    run, tempo, swing, chaos, seed, freeze, quantum, scale, root, *clock = numbers
    source, ppqn_in, out, ppqn_out, freewheel, reset_at_once = clock
    return EngineState(
        voices=voices,
        running=bool(run),
        milli_bpm=round(1000 * tempo),
        swing=swing,
        chaos=chaos,
        seed=int(seed),
        freeze=bool(freeze),
        quantum=_QUANTA[int(quantum)] if landed else Quantum.BAR,
        scale=int(scale),
        root=int(root),
        recall=recall,
        clock_source=_CLOCK_SOURCES[int(source)],
        clock_in_ppqn=PPQNS[int(ppqn_in)],
        clock_out=_CLOCK_OUTS[int(out)],
        clock_out_ppqn=PPQNS[int(ppqn_out)],
        freewheel=bool(freewheel),
        reset_at_once=bool(reset_at_once),
        pitch_hold=pitch_hold,
    )


class FixedValues(NamedTuple):
    """What a patch asks of a voice that no CV moves."""

    groove: float
    accent: float
    gate: float
    gate_mode: GateMode
    ratchet: int
    advance_by_gate: bool
    slides: int
    pitches: tuple[int, ...]


def fixed_values(patch: Patch, voice: int) -> FixedValues:
    """Return what a patch asks of a voice that no CV moves."""
    numbers, rows = _READ_FIXED[voice](patch.values), _READ_ROWS[voice](patch.values)
    groove, accent, gate, trigger, mode, ratchet, advance = numbers
    gate_mode = _GATE_MODES[int(mode)]
    slides = sum(1 << place for place, slide in enumerate(rows[PITCHES:]) if slide)
    return FixedValues(
        groove=groove,
        accent=accent,
        gate=trigger if gate_mode is GateMode.TRIGGER else gate,
        gate_mode=gate_mode,
        ratchet=int(ratchet),
        advance_by_gate=bool(advance),
        slides=slides,
        pitches=tuple(map(int, rows[:PITCHES])),
    )


def voice_state(
    patch: Patch,
    voice: int,
    pattern: Pattern = SILENCE,
    moves: int = 0,
    fixed: FixedValues | None = None,
) -> VoiceState:
    """Return what a patch asks of a voice, with the pattern that its decoder gives.

    `fixed` are the patch's fixed values, if they are known.
    """
    values = _READ_MOVED[voice](patch.values)
    threshold, dice, ratchet_chance, fill, length, rotate, division, mute, transpose = values
    groove, accent, gate, gate_mode, ratchet, by_gate, slides, pitches = fixed or fixed_values(
        patch, voice
    )
    # By position, as keywords are slow: this is made for each voice at each scan.
    return VoiceState(
        *(pattern, threshold, groove, dice, ratchet_chance, accent, fill, gate, gate_mode),
        *(int(length), int(rotate), int(division), ratchet, moves, mute > 0, by_gate),
        *(slides, int(transpose), pitches),
    )
