"""The SPI chips against their datasheets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.board import constants
from firmware.simulator.clock import VirtualTime
from firmware.simulator.gpio import SimulatedOutputs
from firmware.simulator.spi import NOMINAL_STAGES, SimulatedAdc, SimulatedOled


def adc_with(codes):
    adc = SimulatedAdc()
    for name, code in zip(constants.ADC_INPUTS, codes, strict=False):
        adc.volts[name] = NOMINAL_STAGES[name].volts(code)
    return adc


class TestMcp3208:
    """DS21298E section 5 and figure 6-1."""

    def test_figure_6_1_null_bit_then_msb_first(self):
        adc = adc_with([0, 0, 0, 0, 0, 0xABC, 0, 0])
        answer = adc.answer(bytes([0b110 | 5 >> 2, (5 & 0b11) << 6, 0]))
        assert answer == bytes([0xFF, 0b1110_1010, 0xBC])

    def test_figure_5_2_lsb_first_after_that_then_zeros(self):
        adc = adc_with([0b1000_0000_0011])
        answer = adc.answer(bytes([0x06, 0, 0, 0, 0, 0]))
        # B11..B0 end the third byte; B1 to B11 follow, then zeros.
        assert answer[2:] == bytes([0b0000_0011, 0b1000_0000, 0b0010_0000, 0])

    @pytest.mark.parametrize(
        ("select", "code"), [(0b000, 300), (0b001, 0), (0b010, 0), (0b011, 1500)]
    )
    def test_table_5_2_pairs(self, select, code):
        adc = adc_with([1000, 700, 500, 2000])
        answer = adc.answer(bytes([0x04 | select >> 2, (select & 0b11) << 6, 0]))
        assert (answer[1] & 0x0F) << 8 | answer[2] == code

    @pytest.mark.parametrize("sent", [b"", b"\0\0\0", b"\x01", b"\0\x0f"])
    def test_without_a_whole_command_nothing_is_driven(self, sent):
        assert adc_with([]).answer(sent) == b"\xff" * len(sent)

    @given(st.binary(max_size=12))
    def test_any_bytes_are_answered_byte_for_byte(self, sent):
        answer = adc_with([1, 2, 3]).answer(sent)
        assert len(answer) == len(sent)


class TestSsd1306:
    """SSD1306 rev 1.1 section 10."""

    @staticmethod
    def bench():
        lines = SimulatedOutputs(VirtualTime())
        lines.set(constants.PINS.oled_reset, high=True)
        chip = SimulatedOled(lines)
        return lines, chip

    @staticmethod
    def send(lines, chip, *commands, data=()):
        lines.set(constants.PINS.oled_dc, high=False)
        chip.write(bytes(commands))
        lines.set(constants.PINS.oled_dc, high=True)
        chip.write(bytes(data))

    @staticmethod
    def lit(chip):
        image = chip.image()
        pixels = image.load()
        return {(x, y) for x in range(128) for y in range(64) if pixels[x, y]}

    UPRIGHT = (0xA1, 0xC8, 0xAF)

    def test_off_shows_nothing_and_keeps_its_memory(self):
        lines, chip = self.bench()
        self.send(lines, chip, *self.UPRIGHT, 0xAE, data=[1])
        assert self.lit(chip) == set()
        self.send(lines, chip, 0xAF)
        assert self.lit(chip) == {(0, 0)}

    @pytest.mark.parametrize(
        ("orientation", "corner"),
        [((0xA1, 0xC8), (0, 0)), ((0xA0, 0xC8), (127, 0)), ((0xA1, 0xC0), (0, 63))],
    )
    def test_remap_and_scan_direction_turn_the_picture(self, orientation, corner):
        lines, chip = self.bench()
        self.send(lines, chip, *orientation, 0xAF, data=[1])
        assert self.lit(chip) == {corner}

    def test_horizontal_addressing_wraps_inside_its_window(self):
        lines, chip = self.bench()
        commands = (*self.UPRIGHT, 0x20, 0, 0x21, 5, 6, 0x22, 1, 2)
        self.send(lines, chip, *commands, data=[1, 2, 4, 8, 16])
        # Two columns, two pages; the fifth byte is where the first was.
        assert self.lit(chip) == {(5, 12), (6, 9), (5, 18), (6, 19)}

    def test_vertical_addressing_goes_down_first(self):
        lines, chip = self.bench()
        commands = (*self.UPRIGHT, 0x20, 1, 0x21, 5, 6, 0x22, 1, 2)
        self.send(lines, chip, *commands, data=[1, 2, 4, 8])
        assert self.lit(chip) == {(5, 8), (5, 17), (6, 10), (6, 19)}

    def test_page_addressing_stays_on_its_page(self):
        lines, chip = self.bench()
        self.send(lines, chip, *self.UPRIGHT, 0x20, 2, 0xB3, 0x0E, 0x17, data=[1, 1, 2])
        assert self.lit(chip) == {(126, 24), (127, 24), (0, 25)}

    def test_inverse_and_all_on(self):
        lines, chip = self.bench()
        self.send(lines, chip, *self.UPRIGHT, 0xA7, data=[1])
        assert len(self.lit(chip)) == 128 * 64 - 1
        self.send(lines, chip, 0xA5)
        assert len(self.lit(chip)) == 128 * 64

    def test_contrast_and_arguments_are_not_commands(self):
        lines, chip = self.bench()
        self.send(lines, chip, 0xAF, 0x81, 0xAE)
        assert chip.on
        assert chip.contrast == 0xAE

    def test_reset_turns_it_off_and_holds_it(self):
        lines, chip = self.bench()
        self.send(lines, chip, *self.UPRIGHT)
        lines.set(constants.PINS.oled_reset, high=False)
        self.send(lines, chip, 0xAF)
        assert not chip.on

    @given(st.lists(st.tuples(st.booleans(), st.binary(max_size=40)), max_size=10))
    def test_no_bytes_upset_the_model(self, transfers):
        lines, chip = self.bench()
        for data, values in transfers:
            lines.set(constants.PINS.oled_dc, high=data)
            chip.write(values)
        assert chip.image().size == (128, 64)
