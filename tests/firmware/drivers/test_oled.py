"""luma's driver over the simulated bus and lines."""

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from firmware.board import constants
from firmware.drivers.bus import BusError
from firmware.drivers.oled import OLED_LINES, Oled
from firmware.simulator.clock import VirtualTime
from firmware.simulator.gpio import SimulatedOutputs
from firmware.simulator.spi import SimulatedOled


def display():
    lines = SimulatedOutputs(VirtualTime())
    chip = SimulatedOled(lines)
    return lines, chip, Oled(chip, lines)


@given(st.binary(min_size=1024, max_size=1024))
def test_what_is_shown_is_what_the_eye_sees(data):
    _, chip, oled = display()
    image = Image.frombytes("1", (128, 64), data)
    oled.show(image)
    assert chip.image().tobytes() == image.tobytes()


def test_only_what_changed_is_written():
    _, chip, oled = display()
    image = Image.new("1", (128, 64))
    oled.show(image)
    written = []
    plain, chip.writebytes = chip.writebytes, lambda data: (written.extend(data), plain(data))
    # The driver holds the method that was there when it was opened.
    oled._device._serial_interface._spi.writebytes = chip.writebytes
    oled.show(image)
    assert written == []
    image.putpixel((5, 20), 1)
    oled.show(image)
    assert len(written) < 2 * 128
    assert chip.image().tobytes() == image.tobytes()


def test_a_new_display_is_on_and_dark():
    _, chip, _ = display()
    assert chip.on
    assert chip.image().getbbox() is None


def test_the_lines_are_ours_and_not_rpi_gpio_s():
    lines, _, _ = display()
    assert set(lines.levels) == set(OLED_LINES)
    assert lines.levels[constants.PINS.oled_reset]
    assert "RPi" not in sys.modules


def test_a_broken_bus_is_reported_and_heals():
    _, chip, oled = display()
    image = Image.new("1", (128, 64), 1)
    chip.broken = True
    with pytest.raises(BusError, match="OLED"):
        oled.show(image)
    chip.broken = False
    oled.show(image)
    assert chip.image().tobytes() == image.tobytes()


def test_broken_lines_are_reported():
    lines, chip, _ = display()
    lines.broken = True
    with pytest.raises(BusError, match="GPIO"):
        Oled(chip, lines)
