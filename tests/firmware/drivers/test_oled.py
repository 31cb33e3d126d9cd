"""The display's driver over the simulated bus and lines."""

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
    plain, chip.write = chip.write, lambda data: (written.extend(data), plain(data))
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


def test_the_display_is_reset_before_anything_is_sent_to_it():
    lines, _, _ = display()
    assert set(lines.levels) == set(OLED_LINES)
    assert lines.levels[constants.PINS.oled_reset]
    _, line, high = next(change for change in lines.changes)
    assert (line, high) == (constants.PINS.oled_reset, False)


def test_a_display_that_held_pictures_is_dark_when_it_turns_on():
    lines, chip, oled = display()
    oled.show(Image.new("1", (128, 64), 1))
    shown = []
    plain = chip.write
    chip.write = lambda data: (plain(data), shown.append(chip.image().getbbox()))
    Oled(chip, lines)
    assert set(shown) == {None}


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
