# SPDX-License-Identifier: CERN-OHL-P-2.0
"""The one table of values: rails, references, the parts of each stage, the pins.

The netlist, the simulation decks, the sheets and the parts list all read these values;
`firmware/board/constants.py` repeats what the firmware needs, and a test compares the two.
Resistors are in ohms, capacitors in farads, everything else as its name says.
"""

from dataclasses import dataclass

SUPPLY_VOLTS = 12.0
"""The rack's rails, plus and minus."""

ANALOG_VOLTS = 3.3
"""REF3033: supply and reference of the converter, the input amplifiers and the pots."""

DAC_REFERENCE_VOLTS = 4.096
"""REF5040: supply, and so full scale, of an MCP4728, and the bias of its output stages."""

DAC_BITS = 12
ADC_BITS = 12
MAX_VOICES = 3


@dataclass(frozen=True, slots=True)
class OutputParts:
    """Non-inverting stage with a bias from the reference; feedback is taken at the jack.

    The inverting node sees `feedback_ohms` from the jack, `bias_ohms` from the reference and
    `ground_ohms` to ground. As the bias is the converter's own full scale, the code of 0 V
    depends on resistor ratios alone.
    """

    feedback_ohms: float = 10e3
    bias_ohms: float = 13e3
    ground_ohms: float = 36e3
    filter_ohms: float = 1e3
    filter_farads: float = 1e-9
    series_ohms: float = 680.0
    loop_farads: float = 470e-12

    def gain(self) -> float:
        """Jack volts per converter volt."""
        return 1 + self.feedback_ohms / self.bias_ohms + self.feedback_ohms / self.ground_ohms

    def offset_volts(self) -> float:
        """Jack volts at converter code 0."""
        return -DAC_REFERENCE_VOLTS * self.feedback_ohms / self.bias_ohms

    def range_volts(self) -> tuple[float, float]:
        """Jack volts at the lowest and the highest code."""
        full_scale = DAC_REFERENCE_VOLTS * (1 - 2**-DAC_BITS)
        return self.offset_volts(), self.offset_volts() + self.gain() * full_scale


@dataclass(frozen=True, slots=True)
class BiasParts:
    """Divider from the analogue rail, buffered: the virtual middle of every input stage."""

    top_ohms: float = 13e3
    bottom_ohms: float = 10e3

    def volts(self) -> float:
        """Give the voltage after the buffer."""
        return ANALOG_VOLTS * self.bottom_ohms / (self.top_ohms + self.bottom_ohms)


@dataclass(frozen=True, slots=True)
class InputParts:
    """Inverting CV input on the analogue rail, its other input at the bias."""

    input_ohms: float = 100e3
    feedback_ohms: float = 15e3
    feedback_farads: float = 10e-9
    series_ohms: float = 1e3
    pin_farads: float = 10e-9

    def gain(self) -> float:
        """Give converter volts per jack volt."""
        return -self.feedback_ohms / self.input_ohms

    def offset_volts(self) -> float:
        """Give converter volts with 0 V at the jack."""
        return BIAS.volts() * (1 - self.gain())


@dataclass(frozen=True, slots=True)
class ClockParts:
    """Inverting Schmitt trigger around the bias.

    Its amplifier's inputs stay on the rails at +-12 V on the jack, so no clamp is needed.
    """

    input_ohms: float = 100e3
    bias_ohms: float = 12e3
    filter_farads: float = 100e-12
    threshold_ohms: float = 10e3
    hysteresis_ohms: float = 470e3
    line_ohms: float = 1e3
    """To the Pi's pin, which must not be driven hard while the Pi is off."""

    def thresholds_volts(self) -> tuple[float, float]:
        """Jack volts at which the stage sees a falling and a rising edge."""
        divider = self.bias_ohms / (self.input_ohms + self.bias_ohms)
        feedback = self.threshold_ohms / (self.threshold_ohms + self.hysteresis_ohms)
        shift, bias = feedback / divider, BIAS.volts()
        return bias * (1 - shift), bias + (ANALOG_VOLTS - bias) * shift


@dataclass(frozen=True, slots=True)
class MidiParts:
    """TRS type A: current flows out of the ring and back into the tip."""

    out_ohms: float = 220.0
    in_ohms: float = 220.0
    pull_up_ohms: float = 1e3


@dataclass(frozen=True, slots=True)
class PowerParts:
    """Fuses and filter of the rack's rails, and the switch between converter and Pi."""

    fuse_ohms: float = 0.15
    """MF-MSMF050 at its least (Bourns data sheet MF-MSMF); it is 1 ohm after a trip."""
    minus_fuse_ohms: float = 0.4
    """MF-MSMF014 at its least; it is 6.5 ohm after a trip."""
    bulk_farads: float = 22e-6
    pi_farads: float = 47e-6
    base_ohms: float = 10e3
    gate_ohms: float = 47e3


@dataclass(frozen=True, slots=True)
class BusParts:
    """The voices' side of the I2C bus, which is alive only while the rack is on."""

    pull_up_ohms: float = 1.8e3


@dataclass(frozen=True, slots=True)
class LightParts:
    """Series resistors of the LEDs; 1 to 2 mA light a high-efficiency 3 mm LED."""

    stage_ohms: float = 2.2e3
    """From a stage's 5 V output."""
    pi_ohms: float = 1e3
    """From a 3.3 V line of the Pi."""


OUTPUT = OutputParts()
BIAS = BiasParts()
INPUT = InputParts()
CLOCK = ClockParts()
MIDI = MidiParts()
POWER = PowerParts()
BUS = BusParts()
LIGHT = LightParts()

POT_OHMS = 10e3
POT_FARADS = 100e-9
CLOCK_OUT_OHMS = 1e3
PULL_OHMS = 10e3
DEBOUNCE_FARADS = 10e-9
DECOUPLING_FARADS = 100e-9
BULK_FARADS = 10e-6
RAIL_FARADS = 4.7e-6
"""On each 12 V rail of a voice card."""
NOISE_FARADS = 1e-6
"""On the noise pin of the REF5040, and beside the converter and the bus regulator."""

DAC_ADDRESSES = (0x60, 0x61, 0x62)
"""I2C addresses by voice, set once in each chip's EEPROM; new chips answer at 0x60."""

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
"""What hangs on each of the MCP3208's inputs 0 to 7."""

DAC_OUTPUTS = ("pitch", "velocity", "accent", "gate")
"""What leaves each of the MCP4728's outputs A to D."""

BUTTONS = ("button_voice_1", "button_voice_2", "button_voice_3", "button_shift")
"""The four buttons of the panel, from the left."""

SPI_CHIP_SELECTS = {"adc": 0, "oled": 1}

BCM_PINS = {
    "i2c_sda": 2,
    "i2c_scl": 3,
    "button_voice_1": 4,
    "encoder_a": 5,
    "encoder_b": 6,
    "spi_oled_select": 7,
    "spi_adc_select": 8,
    "spi_miso": 9,
    "spi_mosi": 10,
    "spi_clock": 11,
    "oled_reset": 12,
    "encoder_switch": 13,
    "midi_tx": 14,
    "midi_rx": 15,
    "clock_out": 16,
    "clock_in": 17,
    "button_voice_2": 18,
    "button_voice_3": 19,
    "button_shift": 20,
    "status_led": 21,
    "ldac_1": 22,
    "ldac_2": 23,
    "ldac_3": 24,
    "oled_dc": 25,
    "shutdown": 26,
    "reset_in": 27,
}
"""BCM line numbers by what they carry."""

HEADER_PINS = {
    2: 3,
    3: 5,
    4: 7,
    5: 29,
    6: 31,
    7: 26,
    8: 24,
    9: 21,
    10: 19,
    11: 23,
    12: 32,
    13: 33,
    14: 8,
    15: 10,
    16: 36,
    17: 11,
    18: 12,
    19: 35,
    20: 38,
    21: 40,
    22: 15,
    23: 16,
    24: 18,
    25: 22,
    26: 37,
    27: 13,
}
"""Pin of the 40-pin header by BCM line number."""
