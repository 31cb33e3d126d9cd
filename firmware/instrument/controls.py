"""From volts to controls: range, slew and dead-band on a CV; attenuverter; a knob's pick-up.

Positions are 0..1, or -1..1 for CVs. Time is an argument, in nanoseconds.
"""

from dataclasses import dataclass
from math import exp

from firmware.board.constants import KNOB

KNOB_HYSTERESIS = 0.0015
"""Dead-band of a knob: six codes of 4096."""

AVERAGE_NS = 100_000_000
"""Time constant in which noise on a CV is averaged."""

NOISE_REACH = 5 / 3
"""What noise reaches, in widths of the dead-band: 50 mV, five times 10 mV rms. A CV that goes
further is followed at once."""

PICKUP_DISTANCE = 0.01
"""How near a knob must come to a value to pick it up without passing it."""


_KNOB_MARGIN = 0.004
"""The share of a pot's travel without effect at each end of its track."""


def knob_position(volts: float) -> float:
    """Return a knob's position, 0..1, from the volts at its wiper."""
    travel = volts / KNOB.reference_volts
    return min(max((travel - _KNOB_MARGIN) / (1 - 2 * _KNOB_MARGIN), 0.0), 1.0)


def knob_travel(position: float) -> float:
    """Return the share of a knob's volts for a position, 0..1."""
    return _KNOB_MARGIN + position * (1 - 2 * _KNOB_MARGIN)


def cv_position(volts: float, low: float, high: float, dead_band_volts: float) -> float:
    """Return 0..1, or -1..1 of a range that includes negative volts.

    Within the dead-band of an end of the range, the position is that end.
    """
    position = volts / high
    end = 1.0 - dead_band_volts / high
    if position > end:
        position = 1.0
    elif position < -end:
        position = -1.0
    return 0.0 if low >= 0 and position < 0 else position


def sum_position(knob: float, cv: float) -> float:
    """Add a CV to a knob, clipped to 0..1."""
    total = knob + cv
    # Called for every control at every scan, where `min` and `max` cost ten times as much.
    if total < 0.0:
        return 0.0
    return 1.0 if total > 1.0 else total


class Slew:
    """A first-order low-pass, exact for any interval between samples."""

    def __init__(self) -> None:
        """Begin with the first sample, not with 0."""
        self._value: float | None = None
        self._time_ns = 0

    def follow(self, target: float, time_constant_ns: int, now_ns: int) -> float:
        """Go towards `target`; 63 % of the way in a time constant."""
        if self._value is None or time_constant_ns <= 0:
            self._value = target
        else:
            share = 1.0 - exp(-(now_ns - self._time_ns) / time_constant_ns)
            self._value += (target - self._value) * share
        self._time_ns = now_ns
        return self._value


class NoiseFilter:
    """Averages a signal while it stays near its average, and follows at once when it leaves."""

    def __init__(self) -> None:
        """Begin with the first sample."""
        self._mean: float | None = None
        self._time_ns = 0

    def follow(self, value: float, distance: float, now_ns: int) -> float:
        """Return the average, or `value` if it is further than `distance` from that."""
        interval_ns, self._time_ns = now_ns - self._time_ns, now_ns
        mean = self._mean
        if mean is None or not -distance <= value - mean <= distance:
            mean = value
        elif interval_ns > 0:
            mean += (value - mean) * (interval_ns / (interval_ns + AVERAGE_NS))
        self._mean = mean
        return mean


class Hysteresis:
    """A dead-band that moves with the signal: changes smaller than `width` move nothing.

    The `stops` are reached exactly, because within a width of them the output snaps there.
    """

    def __init__(self, stops: tuple[float, ...]) -> None:
        """Start at the first position given."""
        self._stops = stops
        self._value: float | None = None

    @property
    def value(self) -> float:
        """Return where the dead-band's middle stands."""
        return self._value or 0.0

    def follow(self, position: float, width: float) -> float:
        """Take a position; return the output."""
        value = position if self._value is None else self._value
        half = width / 2
        if value < position - half:
            value = position - half
        elif value > position + half:
            value = position + half
        self._value = value
        for stop in self._stops:
            if -width <= value - stop <= width:
                return stop
        return value


@dataclass(frozen=True, slots=True)
class CvSetting:
    """How a CV input is read: its range, its attenuverter -1..1, offset, slew and dead-band."""

    low_volts: float = 0.0
    high_volts: float = 5.0
    amount: float = 1.0
    offset: float = 0.0
    slew_ns: int = 0
    dead_band_volts: float = 0.03
    """Width within which it may vary without moving anything: by default five codes."""


class CvInput:
    """One CV jack: volts in, what it adds to its control out."""

    def __init__(self) -> None:
        """Begin with the first sample."""
        self._slew: Slew | None = None
        self._filter = NoiseFilter()
        self._hysteresis = Hysteresis((0.0,))
        self._setting: CvSetting | None = None
        self._low_volts = self._high_volts = self._added = 0.0

    def read(self, volts: float, setting: CvSetting, now_ns: int) -> float:
        """Return what the jack adds, before the sum is clipped.

        As long as the volts stay within the dead-band, that is what it was.
        """
        if setting.slew_ns:
            self._slew = self._slew or Slew()
            volts = self._slew.follow(volts, setting.slew_ns, now_ns)
        else:
            self._slew = None
        filtered = self._filter.follow(volts, NOISE_REACH * setting.dead_band_volts, now_ns)
        if setting is not self._setting or not self._low_volts <= filtered <= self._high_volts:
            self._setting = setting
            self._added = self._move(filtered, setting)
        return self._added

    def _move(self, volts: float, setting: CvSetting) -> float:
        width = setting.dead_band_volts
        played = self._hysteresis.follow(volts, width)
        middle = self._hysteresis.value
        self._low_volts, self._high_volts = middle - width / 2, middle + width / 2
        position = cv_position(played, setting.low_volts, setting.high_volts, width)
        return setting.amount * position + setting.offset


class Knob:
    """One pot and its pick-up: it moves a value only after passing through it.

    A value set by another source (OSC, MIDI, a preset, the encoder, another voice selected)
    stays until the knob is turned through it or comes within `PICKUP_DISTANCE` of it.
    """

    def __init__(self) -> None:
        self._hysteresis = Hysteresis((0.0, 1.0))
        self._position: float | None = None
        self._picked_up = False

    def release_pickup(self) -> None:
        """Wait until the knob is turned through the value, which another source has set."""
        self._picked_up = False

    def read(self, position: float, value: float) -> float | None:
        """Take a reading 0..1; return the new value, or None if the knob moves nothing.

        `value` is the current value of the knob's control.
        """
        stood, self._position = (
            self._position,
            self._hysteresis.follow(position, KNOB_HYSTERESIS),
        )
        if self._position == stood:
            return None
        if not self._picked_up:
            self._picked_up = self._meets(stood, value)
        return self._position if self._picked_up and stood is not None else None

    def _meets(self, stood: float | None, value: float) -> bool:
        here = self._position
        if stood is None or here is None:
            return False
        passed = min(stood, here) <= value <= max(stood, here)
        return passed or abs(here - value) <= PICKUP_DISTANCE
