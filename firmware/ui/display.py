"""The display and the encoder, which may be absent and are reopened when they come back."""

import importlib
from collections.abc import Callable
from functools import partial
from typing import Generic, TypeVar

from firmware.drivers.backend import Backend
from firmware.drivers.bus import BusError
from firmware.drivers.encoder import GestureEvent
from firmware.drivers.front_controls import FrontControls
from firmware.drivers.gpio import Inputs
from firmware.drivers.oled import Oled
from firmware.instrument.faults import Faults
from firmware.storage.settings import Settings
from firmware.ui.snapshot import DisplaySnapshot

REOPEN_NS = TOUCHED_NS = 1_000_000_000
_MINUTE_NS = 60_000_000_000

Chip = TypeVar("Chip")


class ReconnectingDevice(Generic[Chip]):
    """A device that may be absent: a failure is a fault until it answers again."""

    def __init__(self, kind: str, open_chip: Callable[[], Chip], faults: Faults) -> None:
        """Take the function that opens the device, and its kind of fault."""
        self.chip: Chip | None = None
        self._kind = kind
        self._open = open_chip
        self._faults = faults
        self._retry_ns = 0

    def use(self, operate: Callable[[Chip], None], now_ns: int) -> bool:
        """Operate the device if it is present; return whether that worked."""
        if self.chip is None and now_ns < self._retry_ns:
            return False
        try:
            if self.chip is None:
                self._retry_ns = now_ns + REOPEN_NS
                self.chip = self._open()
            operate(self.chip)
        except BusError as error:
            self.chip = None
            self._faults.raise_(self._kind, str(error))
            return False
        self._faults.heal(self._kind)
        return True


class DisplayAndEncoder:
    """The display and the encoder, each reopened when it comes back."""

    def __init__(self, devices: Backend, faults: Faults, settings: Settings) -> None:
        """Take the devices and the user's settings."""
        self.controls = FrontControls(reversed_=settings.encoder.reversed)
        self._oled: ReconnectingDevice[Oled] = ReconnectingDevice(
            "oled", partial(_lit, devices, settings), faults
        )
        self._lines: ReconnectingDevice[Inputs] = ReconnectingDevice(
            "encoder", devices.encoder_lines, faults
        )
        self._off_ns = settings.display.off_after_min * _MINUTE_NS or None
        self._touched_ns: int | None = None
        self._shown: DisplaySnapshot | None = None
        self._image: object = None
        self._failed = False

    @property
    def descriptor(self) -> int | None:
        """Descriptor that is readable when the encoder was moved; None while it is absent."""
        return self._lines.chip.fileno() if self._lines.chip else None

    def poll_gestures(self, now_ns: int, *, moved: bool = True) -> list[GestureEvent]:
        """Return the gestures since the last call; `moved`: there may be edges to read."""
        done: list[GestureEvent] = []

        def read(lines: Inputs) -> None:
            for edge in lines.read_edges():
                done.extend(self.controls.edge(edge.line, edge.time_ns, closed=edge.rising))

        if moved or not self._lines.chip:
            self._lines.use(read, now_ns)
        elif self.controls.at_rest:
            return done
        done += self.controls.advance(now_ns)
        if done:
            self.touch(now_ns)
        return done

    def was_touched(self, now_ns: int) -> bool:
        """Return whether there was activity within the last second."""
        return self._touched_ns is not None and now_ns - self._touched_ns < TOUCHED_NS

    def touch(self, now_ns: int) -> None:
        """Note activity: the display stays on."""
        self._touched_ns = now_ns

    def show(self, snapshot: DisplaySnapshot, now_ns: int) -> None:
        """Show a snapshot unless it is on the screen; turn dark after long without input."""
        if self._touched_ns is None:
            self._touched_ns = now_ns
        absent = self._off_ns is not None and now_ns - self._touched_ns > self._off_ns
        wanted = None if absent else snapshot
        if wanted == self._shown and not self._failed:
            return
        # Loaded here: only the display needs Pillow.
        display = importlib.import_module("firmware.ui.screen")
        image = display.blank() if wanted is None else display.draw_page(wanted)
        self._shown = wanted
        if self._failed or image != self._image:
            self._image = image
            self._failed = not self._oled.use(lambda oled: oled.show(image), now_ns)


def _lit(devices: Backend, settings: Settings) -> Oled:
    oled = devices.oled()
    oled.set_contrast(settings.display.contrast)
    return oled
