"""SSD1306, 128 x 64, on SPI: luma.oled over a bus and lines that are passed in.

By default luma imports RPi.GPIO, which does not support a Pi 5; so its reset and data/command
lines go through our GPIO driver.
"""

import importlib
from typing import Any, Protocol

from firmware.board import constants
from firmware.drivers.bus import BusError, Spi, open_spi
from firmware.drivers.gpio import Outputs, open_outputs

WIDTH, HEIGHT = 128, 64
PAGES = 8
COLUMN_ADDRESS, PAGE_ADDRESS = 0x21, 0x22
"""Commands that set where data goes (SSD1306 data sheet, section 10.1.3)."""

SPEED_HZ = 8_000_000
OLED_LINES = (constants.PINS.oled_dc, constants.PINS.oled_reset)


class Picture(Protocol):
    """The part of a Pillow image that is read; the player does not load Pillow."""

    def tobytes(self) -> bytes:
        """Return the pixels, row by row, eight to a byte, the leftmost highest."""


class Oled:
    """The module's display."""

    def __init__(self, spi: Spi, lines: Outputs) -> None:
        """Reset and set up the display, dark. Raises `BusError`."""
        # Loaded here: a quarter of a second that only the panel spends.
        interfaces = importlib.import_module("luma.core.interface.serial")
        devices = importlib.import_module("luma.oled.device")
        try:
            serial = interfaces.spi(
                spi=_Opened(spi),
                gpio=_LumaLines(lines),
                bus_speed_hz=SPEED_HZ,
                gpio_DC=constants.PINS.oled_dc,
                gpio_RST=constants.PINS.oled_reset,
            )
            self._device: Any = devices.ssd1306(serial, width=WIDTH, height=HEIGHT)
        except OSError as error:
            raise BusError(f"OLED: {error}") from error
        self._numpy: Any = importlib.import_module("numpy")
        # What the display's memory holds, page by page; None where that is not known.
        self._pages: list[bytes | None] = [None] * PAGES

    def show(self, image: Picture) -> None:
        """Show an image of mode "1" and 128 x 64: the pages that differ. Raises `BusError`."""
        for number, page in enumerate(self._packed(image)):
            if page != self._pages[number]:
                self._pages[number] = None
                self._write(number, page)
                self._pages[number] = page

    def _packed(self, image: Picture) -> list[bytes]:
        """Return the display's pages: a byte a column, the top pixel lowest (SSD1306 8.7)."""
        numpy = self._numpy
        rows = numpy.frombuffer(image.tobytes(), numpy.uint8)
        bits = numpy.unpackbits(rows).reshape(PAGES, HEIGHT // PAGES, WIDTH)
        columns = numpy.packbits(bits, axis=1, bitorder="little")
        return [column.tobytes() for column in columns]

    def _write(self, number: int, page: bytes) -> None:
        try:
            self._device.command(COLUMN_ADDRESS, 0, WIDTH - 1, PAGE_ADDRESS, number, number)
            self._device.data(list(page))
        except OSError as error:
            raise BusError(f"OLED: {error}") from error

    def set_contrast(self, level: int) -> None:
        """Set the brightness, 0..255. Raises `BusError`."""
        try:
            self._device.contrast(level)
        except OSError as error:
            raise BusError(f"OLED: {error}") from error


class _Opened:
    """An open bus, for a library that would open it itself."""

    def __init__(self, spi: Spi) -> None:
        self.writebytes = spi.writebytes
        self.close = spi.close
        self.max_speed_hz = SPEED_HZ

    def open(self, bus: int, device: int) -> None:
        """Do nothing."""


class _LumaLines:
    """The part of RPi.GPIO's interface that luma uses."""

    OUT, LOW, HIGH = 0, 0, 1

    def __init__(self, lines: Outputs) -> None:
        self._lines = lines

    def setup(self, pin: int, direction: int) -> None:
        """Do nothing: the lines were requested as outputs."""

    def output(self, pin: int, value: int) -> None:
        """Drive a line."""
        self._lines.set(pin, high=bool(value))


def open_oled() -> Oled:
    """Open the module's display. Raises `BusError`."""
    return Oled(open_spi(constants.OLED_CHIP_SELECT, SPEED_HZ), open_outputs(OLED_LINES))
