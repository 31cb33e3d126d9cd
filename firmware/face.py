"""The display and the encoder: opened when they are there, again when they come back."""

import importlib
from collections.abc import Callable
from functools import partial
from typing import Generic, TypeVar

from firmware.backend import Backend
from firmware.chips.bus import BusError
from firmware.chips.gpio import Inputs
from firmware.chips.oled import Oled
from firmware.encoder import Encoder, Handled
from firmware.faults import Faults
from firmware.settings import Settings
from firmware.view import View

REOPEN_NS = 1_000_000_000
_MINUTE_NS = 60_000_000_000

Chip = TypeVar("Chip")


class Healing(Generic[Chip]):
    """A chip that may be absent: its failures are a fault until it answers again."""

    def __init__(self, kind: str, open_chip: Callable[[], Chip], faults: Faults) -> None:
        """Take how it is opened and which kind of fault it is."""
        self.chip: Chip | None = None
        self._kind = kind
        self._open = open_chip
        self._faults = faults
        self._retry_ns = 0

    def use(self, deed: Callable[[Chip], None], now_ns: int) -> bool:
        """Do something with the chip if it is there; give whether it was done."""
        if self.chip is None and now_ns < self._retry_ns:
            return False
        try:
            if self.chip is None:
                self._retry_ns = now_ns + REOPEN_NS
                self.chip = self._open()
            deed(self.chip)
        except BusError as error:
            self.chip = None
            self._faults.raise_(self._kind, str(error))
            return False
        self._faults.heal(self._kind)
        return True


class Face:
    """What one looks at and turns."""

    def __init__(self, devices: Backend, faults: Faults, settings: Settings) -> None:
        """Take how the chips are opened, and how a person wants them."""
        self.encoder = Encoder(reversed_=settings.encoder.reversed)
        self._oled: Healing[Oled] = Healing("oled", partial(_lit, devices, settings), faults)
        self._lines: Healing[Inputs] = Healing("encoder", devices.encoder_lines, faults)
        self._off_ns = settings.display.off_after_min * _MINUTE_NS or None
        self._touched_ns: int | None = None
        self._shown: View | None = None
        self._failed = False

    @property
    def descriptor(self) -> int | None:
        """What is readable when the encoder was moved; None while it does not answer."""
        return self._lines.chip.fileno() if self._lines.chip else None

    def handled(self, now_ns: int) -> list[Handled]:
        """Give what the hand did since the last call."""
        done: list[Handled] = []

        def read(lines: Inputs) -> None:
            for edge in lines.read_edges():
                done.extend(self.encoder.edge(edge.line, edge.time_ns, closed=edge.rising))

        self._lines.use(read, now_ns)
        if done:
            self.touch(now_ns)
        return done + self.encoder.advance(now_ns)

    def touch(self, now_ns: int) -> None:
        """Know that somebody is there: the display stays on."""
        self._touched_ns = now_ns

    def show(self, view: View, now_ns: int) -> None:
        """Show a view if it is not shown yet; go dark when nobody has been there for long."""
        if self._touched_ns is None:
            self._touched_ns = now_ns
        absent = self._off_ns is not None and now_ns - self._touched_ns > self._off_ns
        wanted = None if absent else view
        if wanted == self._shown and not self._failed:
            return
        # Loaded here: Pillow is only the display's.
        display = importlib.import_module("firmware.display")
        image = display.blank() if wanted is None else display.draw_page(wanted)
        self._failed = not self._oled.use(lambda oled: oled.show(image), now_ns)
        self._shown = wanted


def _lit(devices: Backend, settings: Settings) -> Oled:
    oled = devices.oled()
    oled.set_contrast(settings.display.contrast)
    return oled
