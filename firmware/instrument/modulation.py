"""CV modulation of a patch: CVs always add to the set values and never change them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

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
)
from firmware.instrument.patch import Patch

GATE_VOLTS = 1.5
"""Above this a gate that runs or mutes is high."""

_MS_NS = 1_000_000
_IN_VOLTS = {"transpose", "run", "mute"}
_FULL_VOLTS = 10.0
"""Targets that mean volts rather than travel use the whole range of the input."""


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

    def read(self, volts: Sequence[float], patch: Patch, now_ns: int) -> Modulation:
        """Take the volts of all jacks, in the order of `CV_INPUTS`."""
        if patch is not self._patch:
            self._patch = patch
            self._settings = tuple(_setting(patch, place) for place in range(len(CV_INPUTS)))
        elif volts == self._volts and not any(each.slew_ns for each in self._settings):
            return self._modulation
        self._volts = volts
        x, y, threshold, first, second = (
            jack.read(volt, setting, now_ns)
            for jack, volt, setting in zip(self._inputs, volts, self._settings, strict=True)
        )
        self._modulation = Modulation(x, y, threshold, (first, second))
        return self._modulation


def target(patch: Patch, place: int) -> str:
    """Return the target of the assignable CV 0 or 1."""
    return CV_TARGETS[patch.whole("cv_assign", 0, place)]


def modulated(patch: Patch, modulation: Modulation, selected: int) -> Patch:
    """Return the patch that plays: the set values with the CVs added."""
    voices = range(VOICES) if patch.whole("cv_voices") == 0 else (selected,)
    changes: dict[Key, float] = {}
    up = -1.0 if patch[Key("density")] else 1.0
    for voice in voices:
        _add_travel(patch, changes, Key("x", voice), modulation.x)
        _add_travel(patch, changes, Key("y", voice), modulation.y)
        _add_travel(patch, changes, Key("threshold", voice), up * modulation.threshold)
    for place, value in enumerate(modulation.assigned):
        name = target(patch, place)
        if name in _MOVES:
            for voice in voices if BY_NAME[name].per_voice else (0,):
                _MOVES[name](patch, changes, Key(name, voice), value)
    return patch.with_values(changes)


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


_Move = Callable[[Patch, dict[Key, float], Key, float], None]


def _add_travel(patch: Patch, changes: dict[Key, float], key: Key, value: float) -> None:
    changes[key] = sum_position(changes.get(key, patch[key]), value)


def _add_swing(patch: Patch, changes: dict[Key, float], key: Key, value: float) -> None:
    parameter = BY_NAME["swing"]
    swing = changes.get(key, patch[key]) + value * (parameter.high - parameter.low)
    changes[key] = min(max(swing, parameter.low), parameter.high)


def _add_whole(patch: Patch, changes: dict[Key, float], key: Key, value: float) -> None:
    """Add notes for volts, steps for travel; clipped."""
    parameter = BY_NAME[key.name]
    unit = SEMITONES if key.name in _IN_VOLTS else STEPS - 1
    moved = changes.get(key, patch[key]) + round(value * unit)
    changes[key] = min(max(moved, parameter.low), parameter.high)


def _add_turn(patch: Patch, changes: dict[Key, float], key: Key, value: float) -> None:
    changes[key] = (changes.get(key, patch[key]) + round(value * (STEPS - 1))) % STEPS


def _add_division(patch: Patch, changes: dict[Key, float], key: Key, value: float) -> None:
    """Add rates for travel, slower upwards, in the order -16..-2, 1..16."""
    division = changes.get(key, patch[key])
    place = division - 1 if division > 0 else division + 1
    furthest = DIVISION_MAX - 1
    place = min(max(place + round(value * furthest), -furthest), furthest)
    changes[key] = place + 1 if place >= 0 else place - 1


def _run(patch: Patch, changes: dict[Key, float], key: Key, value: float) -> None:
    changes[key] = float(bool(patch[key]) and value > GATE_VOLTS)


def _mute(patch: Patch, changes: dict[Key, float], key: Key, value: float) -> None:
    changes[key] = float(bool(changes.get(key, patch[key])) or value > GATE_VOLTS)


_MOVES: dict[str, _Move] = {
    "transpose": _add_whole,
    "length": _add_whole,
    "rotate": _add_turn,
    "swing": _add_swing,
    "chaos": _add_travel,
    "z": _add_travel,
    "w": _add_travel,
    "run": _run,
    "mute": _mute,
    "fill": _add_travel,
    "dice": _add_travel,
    "ratchet_chance": _add_travel,
    "division": _add_division,
}
