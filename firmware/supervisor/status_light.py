"""What the status LED shows of a module that runs."""

from enum import Enum

from firmware.drivers.led import Led

BLINK_NS = 500_000_000


class Condition(Enum):
    """What a module is doing; the kernel blinks the LED before, and turns it off after."""

    STARTING = "flickers"
    READY = "is lit"
    FAULT = "blinks once a second"
    STOPPING = "stays lit until it is safe to unplug"


_PERIODS_NS = {Condition.STARTING: BLINK_NS // 4, Condition.FAULT: BLINK_NS}


class StatusLight:
    """The LED over time; `show` is called at least ten times a second."""

    def __init__(self, led: Led) -> None:
        """Take the LED, which the kernel controls until the first call."""
        self._led = led
        self._lit: bool | None = None

    def show(self, condition: Condition, now_ns: int) -> None:
        """Show a condition."""
        period_ns = _PERIODS_NS.get(condition)
        lit = period_ns is None or now_ns // period_ns % 2 == 0
        if self._lit is None:
            # Before it can be lit for good, the kernel's own blinking ends.
            self._led.set(lit=False)
        if lit is not self._lit:
            self._lit = lit
            self._led.set(lit=lit)
