"""Everything a hand, a message or a preset can set, in one table.

OSC, the encoder's pages, presets, MIDI and the manual are all made from `PARAMETERS`. A `Patch`
is one value for each: immutable, whole, and what a preset stores.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import isfinite
from operator import itemgetter
from types import MappingProxyType
from typing import NamedTuple

from firmware.pattern import STEPS
from firmware.scale import SCALE_NAMES
from firmware.score import (
    PITCHES,
    VOICES,
    ClockOut,
    ClockSource,
    GateMode,
    Quantum,
    Score,
    VoiceScore,
)

PPQNS = (1, 2, 4, 8, 24, 48)
DIVISION_MAX = 16
CV_INPUTS = ("x", "y", "threshold", "1", "2")
"""The CV inputs in the order of every row of five: three of their own, two assignable."""

CV_RANGES_VOLTS = ((0.0, 5.0), (0.0, 8.0), (0.0, 10.0), (-5.0, 5.0))
"""What full travel of a CV is; a symmetric range gives -1..1, so that 0 V adds nothing."""

CV_TARGETS = (
    *("none", "transpose", "length", "swing", "chaos", "rotate"),
    *("bundle", "voice", "run", "z", "w"),
)
"""What an assignable CV can move. Append only: saved state counts on the order."""

NOTE_NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")


class ParameterError(ValueError):
    """A value that a parameter cannot take, or no such parameter."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One thing that can be set: its range, whether it is whole, and what it does.

    `choices` name the values from `low` on. `count` is above 1 for rows such as the eight
    pitches. Parameters that are not `musical` belong to the rack rather than to the piece:
    a preset leaves them alone.
    """

    name: str
    low: float
    high: float
    default: float
    meaning: str
    whole: bool = False
    per_voice: bool = True
    count: int = 1
    choices: tuple[str, ...] = ()
    musical: bool = True


class Key(NamedTuple):
    """Which value: a parameter's name, its voice from 0, and its place in a row from 0."""

    name: str
    voice: int = 0
    place: int = 0


def _voice(name: str, low: float, high: float, default: float, meaning: str) -> Parameter:
    return Parameter(name, low, high, default, meaning)


def _whole(name: str, low: int, high: int, default: int, meaning: str) -> Parameter:
    return Parameter(name, low, high, default, meaning, whole=True)


def _choice(
    name: str,
    choices: tuple[str, ...],
    default: int,
    meaning: str,
    *,
    per_voice: bool = False,
    musical: bool = True,
) -> Parameter:
    high = len(choices) - 1
    return Parameter(
        name,
        0,
        high,
        default,
        meaning,
        whole=True,
        per_voice=per_voice,
        choices=choices,
        musical=musical,
    )


def _row(
    name: str, choices: tuple[str, ...], default: int, count: int, meaning: str
) -> Parameter:
    choice = _choice(name, choices, default, meaning, musical=False)
    return replace(choice, count=count)


def _cv(name: str, low: float, high: float, default: float, meaning: str) -> Parameter:
    count = len(CV_INPUTS)
    return Parameter(
        name, low, high, default, meaning, per_voice=False, count=count, musical=False
    )


_OFF_ON = ("off", "on")

PARAMETERS: tuple[Parameter, ...] = (
    _voice("x", 0, 1, 0.5, "where on the map, from left to right"),
    _voice("y", 0, 1, 0.5, "where on the map, from bottom to top"),
    _voice("z", 0, 1, 0.5, "third latent, for models that have one"),
    _voice("w", 0, 1, 0.5, "fourth latent, for models that have one"),
    _voice("threshold", 0, 1, 0.5, "steps with a greater probability sound"),
    _whole("length", 1, STEPS, STEPS, "steps before the pattern begins again"),
    _whole("rotate", 0, STEPS - 1, 0, "steps by which everything comes later"),
    _whole("division", -DIVISION_MAX, DIVISION_MAX, 1, "n: steps n times as slow; -n: as fast"),
    _choice("mute", _OFF_ON, 0, "silences the voice", per_voice=True),
    Parameter(
        "pitch", 0, 127, 60, "MIDI notes of the eight pitches", whole=True, count=PITCHES
    ),
    Parameter(
        *("slide", 0, 1, 0, "pitches that are slid to"),
        whole=True,
        count=PITCHES,
        choices=_OFF_ON,
    ),
    _whole("transpose", -60, 60, 0, "semitones added to every pitch"),
    _choice("advance", ("step", "gate"), 0, "what brings the next pitch", per_voice=True),
    _choice("gate_mode", ("share", "trigger", "tie"), 0, "how gates end", per_voice=True),
    _voice("gate", 0.01, 1, 0.5, "share of the step that a gate stays up"),
    _voice("trigger", 1, 10, 5, "milliseconds that a trigger lasts"),
    _voice("accent", 0, 1, 0.75, "velocities above this are accents"),
    _voice("groove", 0, 1, 1, "how much of the learned micro-timing is played"),
    _voice("dice", 0, 1, 0, "how far a step's probability is a chance"),
    _whole("ratchet", 2, 8, 2, "hits of a ratchet"),
    _voice("ratchet_chance", 0, 1, 0, "how often a sounding step is a ratchet"),
    Parameter("tempo", 20, 300, 120, "beats per minute", per_voice=False),
    _choice("run", _OFF_ON, 1, "plays", musical=False),
    Parameter("swing", 0.5, 0.75, 0.5, "place of every second sixteenth", per_voice=False),
    Parameter("chaos", 0, 1, 0, "how far probabilities are shaken", per_voice=False),
    Parameter("seed", 0, 9999, 0, "which dice", whole=True, per_voice=False),
    _choice("freeze", _OFF_ON, 0, "keeps chaos and dice as they last fell"),
    _choice("quantum", ("step", "beat", "bar"), 0, "where changes land"),
    _choice("scale", SCALE_NAMES, 0, "scale of the quantiser"),
    _choice("root", NOTE_NAMES, 0, "root of the scale"),
    _choice("link", _OFF_ON, 0, "all voices follow X and Y, keeping their distances"),
    Parameter("glide", 0, 10, 0, "seconds that a recalled place is glided to", per_voice=False),
    _row("cv_assign", CV_TARGETS, 1, 2, "what the assignable CVs move"),
    _row("cv_range", ("0..5", "0..8", "0..10", "+-5"), 0, 5, "volts of full travel of a CV"),
    _cv("cv_amount", -1, 1, 1, "attenuverter of a CV"),
    _cv("cv_offset", -1, 1, 0, "added to a CV, as a share of its travel"),
    _cv("cv_slew", 0, 2000, 0, "milliseconds that a CV takes to arrive"),
    _cv("cv_play", 0, 500, 30, "millivolts that a CV may tremble and move nothing"),
    _choice("cv_voices", ("all", "selected"), 0, "which voices the CVs move", musical=False),
    _choice("clock", ("internal", "jack", "MIDI"), 0, "who counts the time", musical=False),
    _choice("clock_in", tuple(map(str, PPQNS)), 2, "pulses per quarter in", musical=False),
    _choice("clock_out", ("clock", "reset", "cycle"), 0, "clock output", musical=False),
    _choice("clock_rate", tuple(map(str, PPQNS)), 2, "pulses per quarter out", musical=False),
    _choice("freewheel", _OFF_ON, 0, "plays on when the clock stops", musical=False),
    _choice("reset_at_once", _OFF_ON, 0, "resets without waiting for a clock", musical=False),
)

BY_NAME: Mapping[str, Parameter] = MappingProxyType({p.name: p for p in PARAMETERS})


def _all_keys() -> Iterator[Key]:
    for parameter in PARAMETERS:
        for voice in range(VOICES if parameter.per_voice else 1):
            for place in range(parameter.count):
                yield Key(parameter.name, voice, place)


KEYS: tuple[Key, ...] = tuple(_all_keys())
_PLACES: Mapping[Key, int] = MappingProxyType({key: n for n, key in enumerate(KEYS)})
AXES = ("x", "y", "z", "w")
"""The parameters that are a place on the map."""

_VOICE_VALUES: tuple[Callable[[Sequence[float]], tuple[float, ...]], ...] = tuple(
    itemgetter(
        *(
            place
            for key, place in _PLACES.items()
            if BY_NAME[key.name].per_voice and key.voice == voice and key.name not in AXES
        )
    )
    for voice in range(VOICES)
)


def checked_value(key: Key, value: float) -> float:
    """Give the value as the parameter takes it.

    Raises `ParameterError` for no such parameter, voice or place, or a value out of range.
    A whole float is taken for an integer.
    """
    if key not in _PLACES:
        raise ParameterError(f"there is no {key.name} {key.voice + 1} {key.place + 1}")
    parameter = BY_NAME[key.name]
    if not isfinite(value) or not parameter.low <= value <= parameter.high:
        limits = f"{parameter.low:g} to {parameter.high:g}"
        raise ParameterError(f"{key.name} is {value:g}, and goes from {limits}")
    if parameter.whole and value != int(value):
        raise ParameterError(f"{key.name} is {value:g}, and takes whole numbers")
    if key.name == "division" and value in {0, -1}:
        raise ParameterError("division is never 0 or -1; 1 plays at the pattern's own speed")
    return float(value)


@dataclass(frozen=True, slots=True)
class Patch:
    """A value for every key, in the order of `KEYS`."""

    values: tuple[float, ...]

    def __getitem__(self, key: Key) -> float:
        """Give a value."""
        return self.values[_PLACES[key]]

    def whole(self, name: str, voice: int = 0, place: int = 0) -> int:
        """Give a whole value."""
        return int(self[Key(name, voice, place)])

    def with_values(self, changes: Mapping[Key, float]) -> "Patch":
        """Give a patch with some values changed; they are trusted."""
        values = list(self.values)
        for key, value in changes.items():
            values[_PLACES[key]] = value
        return Patch(tuple(values))

    def keys_unlike(self, other: "Patch") -> Iterator[Key]:
        """Give the keys whose values differ."""
        pairs = zip(KEYS, self.values, other.values, strict=True)
        return (key for key, mine, others in pairs if mine != others)

    def values_of(self, voice: int) -> tuple[float, ...]:
        """Give all values of a voice but its place on the map."""
        return _VOICE_VALUES[voice](self.values)

    def with_music_of(self, other: "Patch") -> "Patch":
        """Give this patch with the musical values of another: what recalling a preset does."""
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


def score_of(patch: Patch, voices: tuple[VoiceScore, ...], recall: int) -> Score:
    """Give the score of a patch whose voices were made by `voice_score`."""

    def value(name: str) -> float:
        return patch[Key(name)]

    return Score(
        voices=voices,
        running=bool(value("run")),
        milli_bpm=round(1000 * value("tempo")),
        swing=value("swing"),
        chaos=value("chaos"),
        seed=patch.whole("seed"),
        freeze=bool(value("freeze")),
        quantum=tuple(Quantum)[patch.whole("quantum")],
        scale=patch.whole("scale"),
        root=patch.whole("root"),
        recall=recall,
        clock_source=ClockSource(patch.whole("clock")),
        clock_in_ppqn=PPQNS[patch.whole("clock_in")],
        clock_out=ClockOut(patch.whole("clock_out")),
        clock_out_ppqn=PPQNS[patch.whole("clock_rate")],
        freewheel=bool(value("freewheel")),
        reset_at_once=bool(value("reset_at_once")),
    )


def voice_score(patch: Patch, voice: int) -> VoiceScore:
    """Give what a patch asks of a voice, but for the pattern that its decoder gives."""

    def value(name: str) -> float:
        return patch[Key(name, voice)]

    mode = GateMode(patch.whole("gate_mode", voice))
    slides = (patch.whole("slide", voice, place) << place for place in range(PITCHES))
    return VoiceScore(
        threshold=value("threshold"),
        groove=value("groove"),
        dice=value("dice"),
        ratchet_chance=value("ratchet_chance"),
        accent=value("accent"),
        gate=value("trigger" if mode is GateMode.TRIGGER else "gate"),
        gate_mode=mode,
        length=patch.whole("length", voice),
        rotation=patch.whole("rotate", voice),
        division=patch.whole("division", voice),
        ratchet=patch.whole("ratchet", voice),
        mute=bool(value("mute")),
        advance_by_gate=bool(value("advance")),
        slides=sum(slides),
        transpose=patch.whole("transpose", voice),
        pitches=tuple(patch.whole("pitch", voice, place) for place in range(PITCHES)),
    )
