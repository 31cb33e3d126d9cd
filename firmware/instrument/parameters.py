"""All parameters, in one table.

OSC, the encoder's pages, presets, MIDI and the manual are all made from `PARAMETERS`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from math import isfinite
from types import MappingProxyType
from typing import NamedTuple

from firmware.engine.clock import PPQNS
from firmware.engine.pattern import STEPS
from firmware.engine.scale import SCALE_NAMES
from firmware.engine.state import (
    PITCHES,
    VOICES,
)

DIVISION_MAX = 16
CV_INPUTS = ("x", "y", "threshold", "1", "2")
"""The CV inputs in the order of every row of five: three of their own, two assignable."""

CV_RANGES_VOLTS = ((0.0, 5.0), (0.0, 8.0), (0.0, 10.0), (-5.0, 5.0))
"""What full travel of a CV is; a symmetric range gives -1..1, so that 0 V adds nothing."""

CV_TARGETS = (
    *("none", "transpose", "length", "swing", "chaos", "rotate"),
    *("bundle", "voice", "run", "z", "w"),
    *("mute", "fill", "dice", "ratchet_chance", "division"),
)
"""What an assignable CV can move. Append only: saved state counts on the order."""

CLOCK_SOURCES = ("internal", "jack", "MIDI", "auto")
"""In the order of `ClockSource`. Append only, as above."""

PROGRAM_CHANGES = ("both", "presets", "kits", "off")
"""What a program change recalls: presets by 0-63 and kits by 64-127, or one of them by all."""

NOTE_NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")


_READ_AS = {"bundle": "kit", "dice": "probability"}


def label(name: str) -> str:
    """Return a name of the interfaces as people read it."""
    return _READ_AS.get(name, name).replace("_", " ")


class ParameterError(ValueError):
    """An invalid value of a parameter, or an unknown parameter."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter: its range, whether it is whole, and its meaning.

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
    """The key of a value: a parameter's name, its voice from 0, its index in a row from 0."""

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
    _voice("x", 0, 1, 0.5, "position on the map, from left to right"),
    _voice("y", 0, 1, 0.5, "position on the map, from bottom to top"),
    _voice("z", 0, 1, 0.5, "third latent, for models that have one"),
    _voice("w", 0, 1, 0.5, "fourth latent, for models that have one"),
    _voice("threshold", 0, 1, 0.5, "steps with a greater probability sound"),
    _whole("length", 1, STEPS, STEPS, "steps until the pattern repeats"),
    _whole("rotate", 0, STEPS - 1, 0, "steps by which the pattern is delayed"),
    _whole(
        "division", -DIVISION_MAX, DIVISION_MAX, 1, "n divides, -n multiplies the step rate"
    ),
    _choice("mute", _OFF_ON, 0, "silences the voice", per_voice=True),
    Parameter(
        "pitch", 0, 127, 60, "MIDI notes of the eight pitches", whole=True, count=PITCHES
    ),
    Parameter(
        *("slide", 0, 1, 0, "pitches that begin with a slide"),
        whole=True,
        count=PITCHES,
        choices=_OFF_ON,
    ),
    _whole("transpose", -60, 60, 0, "semitones added to every pitch"),
    _choice(
        "advance", ("step", "gate"), 0, "event that selects the next pitch", per_voice=True
    ),
    _choice("gate_mode", ("share", "trigger", "tie"), 0, "how gates end", per_voice=True),
    _voice("gate", 0.01, 1, 0.5, "gate length as a share of the step"),
    _voice("trigger", 1, 10, 5, "length of a trigger in milliseconds"),
    _voice("accent", 0, 1, 0.75, "velocities above this are accents"),
    _voice("groove", 0, 1, 1, "amount of the learned micro-timing"),
    _voice("dice", 0, 1, 0, "probability-based triggering"),
    _whole("ratchet", 2, 8, 2, "hits of a ratchet"),
    _voice("ratchet_chance", 0, 1, 0, "probability that a step is a ratchet"),
    replace(
        _voice("fill", 0, 1, 0, "amount of quiet steps that sound as a fill"), musical=False
    ),
    Parameter("tempo", 20, 300, 120, "beats per minute", per_voice=False),
    _choice("run", _OFF_ON, 1, "plays", musical=False),
    Parameter("swing", 0.5, 0.75, 0.5, "position of every second sixteenth", per_voice=False),
    Parameter("chaos", 0, 1, 0, "random variation of probabilities", per_voice=False),
    Parameter("seed", 0, 9999, 0, "random seed", whole=True, per_voice=False),
    _choice("freeze", _OFF_ON, 0, "locks the current random variation"),
    _choice("quantum", ("step", "beat", "bar"), 0, "where changes land"),
    _choice("scale", SCALE_NAMES, 0, "scale of the quantiser"),
    _choice("root", NOTE_NAMES, 0, "root of the scale"),
    _choice("link", _OFF_ON, 0, "all voices follow X and Y, keeping their distances"),
    Parameter("glide", 0, 10, 0, "seconds of a glide to a recalled place", per_voice=False),
    _row("cv_assign", CV_TARGETS, 1, 2, "target of an assignable CV"),
    _row("cv_range", ("0..5", "0..8", "0..10", "+-5"), 0, 5, "volts of full travel of a CV"),
    _cv("cv_amount", -1, 1, 1, "attenuverter of a CV"),
    _cv("cv_offset", -1, 1, 0, "added to a CV, as a share of its travel"),
    _cv("cv_slew", 0, 2000, 0, "time constant of a CV's slew (ms)"),
    _cv("cv_play", 0, 500, 30, "dead-band of a CV (mV)"),
    _choice("density", _OFF_ON, 0, "threshold knob and CV up: more steps sound", musical=False),
    _choice("cv_voices", ("all", "selected"), 0, "which voices the CVs move", musical=False),
    _choice("clock", CLOCK_SOURCES, 3, "clock source", musical=False),
    _choice(
        "clock_in", tuple(map(str, PPQNS)), 2, "pulses per quarter note, input", musical=False
    ),
    _choice("clock_out", ("clock", "reset", "cycle"), 0, "clock output", musical=False),
    _choice(
        "clock_rate",
        tuple(map(str, PPQNS)),
        2,
        "pulses per quarter note, output",
        musical=False,
    ),
    _choice("freewheel", _OFF_ON, 0, "keeps playing when the clock stops", musical=False),
    _choice("reset_at_once", _OFF_ON, 0, "resets without waiting for a clock", musical=False),
    _choice(
        *("program", PROGRAM_CHANGES, 0, "what a MIDI program change recalls"), musical=False
    ),
)

BY_NAME: Mapping[str, Parameter] = MappingProxyType({p.name: p for p in PARAMETERS})


def _all_keys() -> Iterator[Key]:
    for parameter in PARAMETERS:
        for voice in range(VOICES if parameter.per_voice else 1):
            for place in range(parameter.count):
                yield Key(parameter.name, voice, place)


KEYS: tuple[Key, ...] = tuple(_all_keys())
_KNOWN = frozenset(KEYS)


def checked_key(key: Key) -> Key:
    """Return a key that exists. Raises `ParameterError` for any other."""
    if key not in _KNOWN:
        raise ParameterError(f"there is no {key.name} {key.voice + 1} {key.place + 1}")
    return key


def checked_value(key: Key, value: float) -> float:
    """Return the value as the parameter takes it.

    Raises `ParameterError` for no such parameter, voice or place, or a value out of range.
    A whole float is taken for an integer.
    """
    parameter = BY_NAME[checked_key(key).name]
    if not isfinite(value) or not parameter.low <= value <= parameter.high:
        limits = f"{parameter.low:g} to {parameter.high:g}"
        raise ParameterError(f"{key.name} is {value:g}, and goes from {limits}")
    if parameter.whole and value != int(value):
        raise ParameterError(f"{key.name} is {value:g}, and takes whole numbers")
    if key.name == "division" and value in {0, -1}:
        raise ParameterError("division is never 0 or -1; 1 plays at the pattern's own speed")
    return float(value)
