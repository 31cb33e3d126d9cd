"""CV modulation of a patch: CVs always add to the set values and never change them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from firmware.engine.pattern import STEPS
from firmware.engine.scale import SEMITONES
from firmware.engine.state import VOICES
from firmware.instrument.controls import CvInput, CvSetting, sum_position
from firmware.instrument.parameters import (
    BY_NAME,
    CV_INPUTS,
    CV_RANGES_VOLTS,
    CV_TARGETS,
    DIVISION_MAX,
    Key,
    Parameter,
)
from firmware.instrument.patch import PLACES, Patch

GATE_VOLTS = 1.5
"""Above this a gate that runs or mutes is high."""

_MS_NS = 1_000_000
_IN_VOLTS = {"transpose", "run", "mute"}
_FULL_VOLTS = 10.0
"""Targets that mean volts rather than travel use the whole range of the input."""


_ALL_VOICES = tuple(range(VOICES))
_CV_VOICES, _DENSITY = PLACES[Key("cv_voices")], PLACES[Key("density")]
_ASSIGNED = tuple(PLACES[Key("cv_assign", 0, place)] for place in range(2))
_TRAVELS = tuple(
    tuple(PLACES[Key(name, voice)] for name in ("x", "y", "threshold"))
    for voice in range(VOICES)
)


@dataclass(frozen=True, slots=True)
class Modulation:
    """What the five inputs add: to X, Y and threshold, and to the two assigned targets.

    An assigned value is -1..1 of the target's travel, or volts for what means volts.
    """

    x: float = 0.0
    y: float = 0.0
    threshold: float = 0.0
    assigned: tuple[float, float] = (0.0, 0.0)


NO_MODULATION = Modulation()


class CvInputs:
    """The five CV jacks over time."""

    def __init__(self) -> None:
        """Begin with the first samples."""
        self._inputs = tuple(CvInput() for _ in CV_INPUTS)
        self._patch: Patch | None = None
        self._settings: tuple[CvSetting, ...] = ()
        self._volts: Sequence[float] = ()
        self._modulation = NO_MODULATION
        self._added = [0.0] * len(CV_INPUTS)

    def read(self, volts: Sequence[float], patch: Patch, now_ns: int) -> Modulation:
        """Take the volts of all jacks, in the order of `CV_INPUTS`."""
        if patch is not self._patch:
            self._patch = patch
            settings = tuple(_setting(patch, place) for place in range(len(CV_INPUTS)))
            if settings != self._settings:
                self._settings = settings
        elif volts == self._volts and not any(each.slew_ns for each in self._settings):
            return self._modulation
        self._volts = volts
        added = [
            jack.read(volt, setting, now_ns)
            for jack, volt, setting in zip(self._inputs, volts, self._settings, strict=True)
        ]
        if added != self._added:
            self._added = added
            x, y, threshold, *assigned = added
            self._modulation = Modulation(x, y, threshold, (assigned[0], assigned[1]))
        return self._modulation


def target(patch: Patch, place: int) -> str:
    """Return the target of the assignable CV 0 or 1."""
    return CV_TARGETS[int(patch.values[_ASSIGNED[place]])]


def modulated(patch: Patch, modulation: Modulation, selected: int) -> Patch:
    """Return the patch that plays: the set values with the CVs added."""
    values = list(patch.values)
    voices = (selected,) if values[_CV_VOICES] else _ALL_VOICES
    x, y, threshold = modulation.x, modulation.y, modulation.threshold
    if values[_DENSITY]:
        threshold = -threshold
    for voice in voices:
        x_at, y_at, threshold_at = _TRAVELS[voice]
        values[x_at] = sum_position(values[x_at], x)
        values[y_at] = sum_position(values[y_at], y)
        values[threshold_at] = sum_position(values[threshold_at], threshold)
    for place, value in enumerate(modulation.assigned):
        added = _ADDED.get(CV_TARGETS[int(values[_ASSIGNED[place]])])
        if added is not None:
            amount, at = added.amount(value), added.places
            for voice in voices if len(at) > 1 else (0,):
                values[at[voice]] = added.move(values[at[voice]], amount)
    return Patch(tuple(values))


def chosen(patch: Patch, modulation: Modulation, name: str, count: int) -> int | None:
    """Return which of `count` an assigned CV selects, if one is assigned to `name`."""
    for place, value in enumerate(modulation.assigned):
        if target(patch, place) == name and count:
            return min(int(max(value, 0.0) * count), count - 1)
    return None


def _setting(patch: Patch, place: int) -> CvSetting:
    low, high = CV_RANGES_VOLTS[patch.whole("cv_range", 0, place)]
    amount = patch[Key("cv_amount", 0, place)]
    if place >= 3 and target(patch, place - 3) in _IN_VOLTS:
        low, high, amount = -_FULL_VOLTS, _FULL_VOLTS, amount * _FULL_VOLTS
    return CvSetting(
        low_volts=low,
        high_volts=high,
        amount=amount,
        offset=patch[Key("cv_offset", 0, place)],
        slew_ns=round(patch[Key("cv_slew", 0, place)] * _MS_NS),
        dead_band_volts=patch[Key("cv_play", 0, place)] / 1000,
    )


def _add_swing(set_to: float, amount: float) -> float:
    return _clipped(set_to + amount, BY_NAME["swing"])


def _add_transposition(set_to: float, amount: float) -> float:
    return _clipped(set_to + amount, BY_NAME["transpose"])


def _add_length(set_to: float, amount: float) -> float:
    return _clipped(set_to + amount, BY_NAME["length"])


def _clipped(value: float, parameter: Parameter) -> float:
    if value < parameter.low:
        return parameter.low
    return parameter.high if value > parameter.high else value


def _add_turn(set_to: float, amount: float) -> float:
    return (set_to + amount) % STEPS


def _add_division(set_to: float, amount: float) -> float:
    """Add rates for travel, slower upwards, in the order -16..-2, 1..16."""
    place = set_to - 1 if set_to > 0 else set_to + 1
    furthest = DIVISION_MAX - 1
    place = min(max(place + amount, -furthest), furthest)
    return place + 1 if place >= 0 else place - 1


def _run(set_to: float, volts: float) -> float:
    return float(bool(set_to) and volts > GATE_VOLTS)


def _mute(set_to: float, volts: float) -> float:
    return float(bool(set_to) or volts > GATE_VOLTS)


class _Target(NamedTuple):
    """How an assigned CV moves a target.

    amount: from what the CV adds to units of the target; move: from the set value and that
    amount to the value that plays; places: where the values are in a patch, per voice.
    """

    amount: Callable[[float], float]
    move: Callable[[float, float], float]
    places: tuple[int, ...]


def _target(
    name: str, move: Callable[[float, float], float], amount: Callable[[float], float]
) -> _Target:
    voices = range(VOICES if BY_NAME[name].per_voice else 1)
    return _Target(amount, move, tuple(PLACES[Key(name, voice)] for voice in voices))


def _whole(unit: int) -> Callable[[float], float]:
    return lambda value: round(value * unit)


_SWING_TRAVEL = BY_NAME["swing"].high - BY_NAME["swing"].low
_ADDED: Mapping[str, _Target] = {
    "transpose": _target("transpose", _add_transposition, _whole(SEMITONES)),
    "length": _target("length", _add_length, _whole(STEPS - 1)),
    "rotate": _target("rotate", _add_turn, _whole(STEPS - 1)),
    "division": _target("division", _add_division, _whole(DIVISION_MAX - 1)),
    "swing": _target("swing", _add_swing, lambda value: value * _SWING_TRAVEL),
    "run": _target("run", _run, float),
    "mute": _target("mute", _mute, float),
    **{
        name: _target(name, sum_position, float)
        for name in ("chaos", "z", "w", "fill", "dice", "ratchet_chance")
    },
}
