"""Simulated SPI: an MCP3208 behind one chip select, an SSD1306 behind the other.

Each has the methods of `drivers.bus.Spi` that its driver uses.
"""

import errno
import os
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from PIL import Image

from firmware.board import constants
from firmware.board.constants import InputStage
from firmware.simulator.gpio import SimulatedOutputs

WIDTH, PAGES = 128, 8

NOMINAL_STAGES = {
    name: constants.KNOB if name.startswith("knob") else constants.CV_INPUT
    for name in constants.ADC_INPUTS
}
"""The input stage between each jack or knob and the converter."""


class SimulatedAdc:
    """MCP3208, bit by bit (DS21298E figure 5-1, tables 5-1 and 5-2), behind its input stages.

    volts: at each input of `constants.ADC_INPUTS`: jack volts, or a knob's wiper; may be set.
    frozen: conversions stop changing; floating: the chip is gone and the line reads all ones
    or all zeros; broken: the bus itself fails.
    """

    def __init__(self, stages: Mapping[str, InputStage] = NOMINAL_STAGES) -> None:
        self.volts = dict.fromkeys(constants.ADC_INPUTS, 0.0)
        self.frozen = False
        self.floating: int | None = None
        self.broken = False
        self._stages = stages
        self._held: dict[str, int] = {}

    def exchange(self, messages: tuple[bytes, ...]) -> bytes:
        """Answer messages, one after another. Raises `OSError` if the bus is broken."""
        return b"".join(map(self.answer, messages))

    def answer(self, message: bytes) -> bytes:
        """Answer one message bit for bit. Raises `OSError` if the bus is broken."""
        if self.broken:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        if self.floating is not None:
            return (b"\xff" if self.floating else b"\x00") * len(message)
        command = _command(message)
        if command is None:
            return b"\xff" * len(message)
        code = self._convert(single=command.single, select=command.select)
        return _reply(command.start, code, len(message))

    def _convert(self, *, single: bool, select: int) -> int:
        if single:
            return self._code(select)
        # Table 5-2: pairs, the odd select bit swaps plus and minus.
        return max(0, self._code(select) - self._code(select ^ 1))

    def _code(self, channel: int) -> int:
        name = constants.ADC_INPUTS[channel]
        if not (self.frozen and name in self._held):
            self._held[name] = self._stages[name].code(self.volts[name])
        return self._held[name]


class _Command(NamedTuple):
    """What the chip was asked, and at which bit the start bit came."""

    start: int
    single: bool
    select: int


@lru_cache(maxsize=64)
def _command(sent: bytes) -> _Command | None:
    """Read start, SGL, D2, D1 and D0; None without a whole command."""
    bits = "".join(f"{value:08b}" for value in sent)
    start = bits.find("1")
    head = bits[start + 1 : start + 5]
    if start < 0 or len(head) < 4:
        return None
    return _Command(start, head[0] == "1", int(head[1:], 2))


@lru_cache(maxsize=1024)
def _reply(start: int, code: int, size: int) -> bytes:
    """Return what the chip drives; undriven bits are ones, so that a driver must mask them."""
    word = f"{code:012b}"
    # Start, SGL, D2 D1 D0 and one more clock to sample; then null, MSB first, LSB first.
    bits = "1" * (start + 6) + "0" + word + word[-2::-1]
    bits = bits.ljust(8 * size, "0")
    return bytes(int(bits[first : first + 8], 2) for first in range(0, 8 * size, 8))


_ARGUMENTS = {
    **dict.fromkeys((0x20, 0x81, 0x8D, 0xA8, 0xD3, 0xD5, 0xD9, 0xDA, 0xDB), 1),
    **dict.fromkeys((0x21, 0x22, 0xA3), 2),
    **dict.fromkeys((0x29, 0x2A), 5),
    **dict.fromkeys((0x26, 0x27), 6),
}
"""How many bytes follow a command of the SSD1306 that has any (table 9-1)."""


class SimulatedOled:
    """SSD1306: commands and data by the D/C line into 1 KB of display memory.

    Source: Solomon Systech SSD1306 rev 1.1, section 9 and table 9-1. Of the scrolling and
    fading commands only the lengths are known. broken: the bus itself fails.
    """

    def __init__(self, lines: SimulatedOutputs) -> None:
        self.broken = False
        self._lines = lines
        lines.on_fall[constants.PINS.oled_reset] = self._reset
        self._memory = bytearray(WIDTH * PAGES)
        self._reset()

    def _reset(self) -> None:
        """Take the defaults of a reset (section 8.5); the memory keeps what it held."""
        self.on = False
        self.contrast = 0x7F
        self._inverse = self._all_on = False
        self._mirrored = self._flipped = True
        self._mode = 2
        self._columns, self._pages = (0, WIDTH - 1), (0, PAGES - 1)
        self._column = self._page = 0
        self._command: list[int] = []

    def write(self, data: bytes) -> None:
        """Take commands or data, as the D/C line says. Raises `OSError` if broken."""
        if self.broken:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        if not self._lines.levels.get(constants.PINS.oled_reset, True):
            return
        take = (
            self._data if self._lines.levels.get(constants.PINS.oled_dc) else self._command_byte
        )
        for value in data:
            take(value)

    def image(self) -> Image.Image:
        """Return the visible image: mode "1", 128 x 64, all dark while the display is off.

        Upright as on the common modules, which want segment remap and reversed scan.
        """
        if not self.on:
            return Image.new("1", (WIDTH, 8 * PAGES))
        if self._all_on:
            return Image.new("1", (WIDTH, 8 * PAGES), 1)
        pixels = [
            self._memory[(y // 8) * WIDTH + x] >> y % 8 & 1 != self._inverse
            for y in range(8 * PAGES)
            for x in range(WIDTH)
        ]
        image = Image.new("1", (WIDTH, 8 * PAGES))
        image.putdata([255 if lit else 0 for lit in pixels])
        if self._mirrored:
            image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        if self._flipped:
            image = image.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
        return image

    def _command_byte(self, value: int) -> None:
        self._command.append(value)
        name, *arguments = self._command
        if len(arguments) == _ARGUMENTS.get(name, 0):
            self._command = []
            self._obey(name, arguments)

    def _obey(self, name: int, arguments: list[int]) -> None:
        self._obey_addressing(name, arguments)
        if name == 0x81:
            self.contrast = arguments[0]
        elif name in (0xA0, 0xA1):
            self._mirrored = name == 0xA0
        elif name in (0xC0, 0xC8):
            self._flipped = name == 0xC0
        elif name in (0xA4, 0xA5):
            self._all_on = name == 0xA5
        elif name in (0xA6, 0xA7):
            self._inverse = name == 0xA7
        elif name in (0xAE, 0xAF):
            self.on = name == 0xAF

    def _obey_addressing(self, name: int, arguments: list[int]) -> None:
        if name == 0x20:
            self._mode = arguments[0] & 0b11
        elif name == 0x21:
            self._columns = (arguments[0] & 0x7F, arguments[1] & 0x7F)
            self._column = self._columns[0]
        elif name == 0x22:
            self._pages = (arguments[0] & 0b111, arguments[1] & 0b111)
            self._page = self._pages[0]
        elif 0xB0 <= name <= 0xB7:
            self._page = name & 0b111
        elif name < 0x10:
            self._column = self._column & 0x70 | name
        elif name < 0x20:
            self._column = (name & 0b111) << 4 | self._column & 0x0F

    def _data(self, value: int) -> None:
        self._memory[self._page * WIDTH + self._column] = value
        if self._mode == 1:
            wrapped = self._page == self._pages[1]
            self._page = self._pages[0] if wrapped else (self._page + 1) % PAGES
            if wrapped:
                self._column = self._next_column()
        else:
            wrapped = self._column == self._columns[1]
            self._column = self._next_column()
            if wrapped and self._mode == 0:
                last = self._page == self._pages[1]
                self._page = self._pages[0] if last else (self._page + 1) % PAGES

    def _next_column(self) -> int:
        wrapped = self._column == self._columns[1]
        return self._columns[0] if wrapped else (self._column + 1) % WIDTH
