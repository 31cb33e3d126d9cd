"""The board in numbers: pins, addresses, and what a code is worth in volts at a jack.

These are the nominal values of the circuit in `hardware/constants.py`, to which a test holds
them. A calibrated module replaces the nominal stages by its own measured ones.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pins:
    """BCM line numbers of the Raspberry Pi header by what they carry."""

    clock_in: int
    reset_in: int
    clock_out: int
    encoder_a: int
    encoder_b: int
    encoder_switch: int
    oled_dc: int
    oled_reset: int
    ldac: tuple[int, int, int]
    """Of each voice's MCP4728; pulled low on the board, moved only to set an address."""
    midi_tx: int
    midi_rx: int
    i2c_sda: int
    i2c_scl: int
    shutdown: int
    button_voice_1: int
    button_voice_2: int
    button_voice_3: int
    button_shift: int
    status_led: int


PINS = Pins(
    clock_in=17,
    reset_in=27,
    clock_out=16,
    encoder_a=5,
    encoder_b=6,
    encoder_switch=13,
    oled_dc=25,
    oled_reset=12,
    ldac=(22, 23, 24),
    midi_tx=14,
    midi_rx=15,
    i2c_sda=2,
    i2c_scl=3,
    shutdown=26,
    button_voice_1=4,
    button_voice_2=18,
    button_voice_3=19,
    button_shift=20,
    status_led=21,
)

STATUS_LED = "exnihilo-status"
"""The kernel's name of the status LED (overlay `gpio-led`)."""

I2C_BUS = 1
DAC_ADDRESSES = (0x60, 0x61, 0x62)
"""The MCP4728 of each voice."""

SPI_BUS = 0
ADC_CHIP_SELECT = 0
OLED_CHIP_SELECT = 1

ADC_INPUTS = (
    "knob_x",
    "knob_y",
    "knob_threshold",
    "cv_x",
    "cv_y",
    "cv_threshold",
    "cv_assign_1",
    "cv_assign_2",
)
"""What hangs on each input of the MCP3208, 0 to 7."""

DAC_OUTPUTS = ("pitch", "velocity", "accent", "gate")
"""What leaves each output of an MCP4728, A to D."""

CLOCK_THRESHOLDS_VOLTS = (1.156, 1.797)
"""Jack volts of the falling and the rising edge; the stage inverts, so the pin is low above."""


@dataclass(frozen=True, slots=True)
class OutputStage:
    """From a converter code to jack volts: `offset + gain * reference * code / 2**bits`."""

    gain: float
    """Jack volts per converter volt."""
    offset_volts: float
    """Jack volts at code 0."""
    reference_volts: float
    bits: int

    @property
    def lowest_volts(self) -> float:
        """Jack volts of code 0."""
        return self.volts(0)

    @property
    def highest_volts(self) -> float:
        """Jack volts of the highest code."""
        return self.volts((1 << self.bits) - 1)

    @property
    def zero_code(self) -> int:
        """The code nearest to 0 V, which the converter's EEPROM holds for power-on."""
        return self.code(0.0)

    def volts(self, code: float) -> float:
        """Jack volts of a code."""
        return self.offset_volts + self.gain * self.reference_volts * code / (1 << self.bits)

    def code(self, volts: float) -> int:
        """Find the code nearest to jack volts, limited to the converter's range."""
        per_code = self.gain * self.reference_volts / (1 << self.bits)
        nearest = round((volts - self.offset_volts) / per_code)
        return min(max(nearest, 0), (1 << self.bits) - 1)


@dataclass(frozen=True, slots=True)
class InputStage:
    """From jack volts to a converter code: the pin stands at `offset + gain * volts`."""

    gain: float
    """Converter volts per jack volt; negative where the stage inverts."""
    offset_volts: float
    """Converter volts with 0 V at the jack."""
    reference_volts: float
    bits: int

    def volts(self, code: float) -> float:
        """Jack volts behind a code."""
        pin_volts = self.reference_volts * code / (1 << self.bits)
        return (pin_volts - self.offset_volts) / self.gain

    def code(self, volts: float) -> int:
        """Find the code that the jack volts give, held inside the converter's range."""
        pin_volts = self.offset_volts + self.gain * volts
        nearest = round(pin_volts / self.reference_volts * (1 << self.bits))
        return min(max(nearest, 0), (1 << self.bits) - 1)


CV_OUTPUT = OutputStage(
    gain=1 + 10 / 13 + 10 / 36, offset_volts=-4.096 * 10 / 13, reference_volts=4.096, bits=12
)
"""All four outputs of a voice: -3.15 V to +5.23 V, 2.05 mV a code, 0 V at code 1539."""

CV_INPUT = InputStage(gain=-0.15, offset_volts=1.65, reference_volts=3.3, bits=12)
"""The five CV inputs: linear over +-10 V, 5.4 mV a code; at +-11 V the stage saturates."""

KNOB = InputStage(gain=1.0, offset_volts=0.0, reference_volts=3.3, bits=12)
"""A pot across the converter's reference: 0 V to `reference_volts`."""
