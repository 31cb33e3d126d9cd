"""SSD1306, 128 x 64, on SPI, with lines for reset and data/command (data sheet rev 1.1)."""

import importlib
import time
from collections.abc import Callable
from typing import Any, Protocol

from firmware.board.constants import OLED_CHIP_SELECT, PINS
from firmware.drivers.bus import BusError, SpiWrite, open_spi
from firmware.drivers.gpio import Outputs, open_outputs

WIDTH, HEIGHT = 128, 64
PAGES = 8
COLUMN_ADDRESS, PAGE_ADDRESS, CONTRAST, DISPLAY_ON = 0x21, 0x22, 0x81, 0xAF
"""Commands (table 9-1). The first two set where data goes (section 10.1.3)."""

SET_UP = bytes(
    (
        *(0xAE, 0xD5, 0x80, 0xA8, HEIGHT - 1, 0xD3, 0x00, 0x40),  # off; clock, rows, no shift
        *(0x8D, 0x14),  # the charge pump makes the panel's voltage (application note 1.1)
        *(0x20, 0x00, 0xA1, 0xC8, 0xDA, 0x12),  # address by row; upright; 64 rows of pins
        *(0xD9, 0xF1, 0xDB, 0x40, 0xA4, 0xA6),  # pre-charge, deselect level; not inverse
    )
)
RESET_S = 0.00001
"""Reset is low for 3 us at least (section 8.9)."""

SPEED_HZ = 8_000_000
OLED_LINES = (PINS.oled_dc, PINS.oled_reset)


class Picture(Protocol):
    """The part of a Pillow image that is read; the player does not load Pillow."""

    def tobytes(self) -> bytes:
        """Return the pixels, row by row, eight to a byte, the leftmost highest."""


class Oled:
    """The module's display."""

    def __init__(
        self, spi: SpiWrite, lines: Outputs, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        """Reset and set up the display, dark. Raises `BusError`."""
        self._spi = spi
        self._lines = lines
        self._numpy: Any = importlib.import_module("numpy")
        # What the display's memory holds, page by page; None where that is not known.
        self._pages: list[bytes | None] = [None] * PAGES
        lines.set(PINS.oled_reset, high=False)
        sleep(RESET_S)
        lines.set(PINS.oled_reset, high=True)
        self._command(*SET_UP)
        self._show_pages([bytes(WIDTH)] * PAGES)
        self._command(DISPLAY_ON)

    def show(self, image: Picture) -> None:
        """Show an image of mode "1" and 128 x 64: the pages that differ. Raises `BusError`."""
        self._show_pages(self._packed(image))

    def set_contrast(self, level: int) -> None:
        """Set the brightness, 0..255. Raises `BusError`."""
        self._command(CONTRAST, level)

    def _show_pages(self, pages: list[bytes]) -> None:
        for number, page in enumerate(pages):
            if page != self._pages[number]:
                self._pages[number] = None
                self._command(COLUMN_ADDRESS, 0, WIDTH - 1, PAGE_ADDRESS, number, number)
                self._write(page, is_data=True)
                self._pages[number] = page

    def _packed(self, image: Picture) -> list[bytes]:
        """Return the display's pages: a byte a column, the top pixel lowest (SSD1306 8.7)."""
        numpy = self._numpy
        rows = numpy.frombuffer(image.tobytes(), numpy.uint8)
        bits = numpy.unpackbits(rows).reshape(PAGES, HEIGHT // PAGES, WIDTH)
        columns = numpy.packbits(bits, axis=1, bitorder="little")
        return [column.tobytes() for column in columns]

    def _command(self, *values: int) -> None:
        self._write(bytes(values), is_data=False)

    def _write(self, data: bytes, *, is_data: bool) -> None:
        try:
            self._lines.set(PINS.oled_dc, high=is_data)
            self._spi.write(data)
        except BusError:
            raise
        except OSError as error:
            raise BusError(f"OLED: {error}") from error


def open_oled() -> Oled:
    """Open the module's display. Raises `BusError`."""
    return Oled(open_spi(OLED_CHIP_SELECT, SPEED_HZ), open_outputs(OLED_LINES))
