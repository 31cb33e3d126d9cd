"""The chips on the board: their drivers, and which process owns which.

The player owns what must be on time, the panel the rest; none is in both.
"""

from dataclasses import dataclass

from firmware.board import constants
from firmware.drivers.bus import I2c, open_i2c
from firmware.drivers.gpio import (
    CLOCK_LINES,
    Inputs,
    Outputs,
    open_inputs,
    open_outputs,
)
from firmware.drivers.mcp4728 import Mcp4728


@dataclass(frozen=True, slots=True)
class PlayerHardware:
    """The player's devices: a DAC per voice, clock and reset in, clock out."""

    dacs: tuple[Mcp4728, ...]
    clock_inputs: Inputs
    outputs: Outputs


def dacs_on(i2c: I2c) -> tuple[Mcp4728, ...]:
    """Return every voice's DAC; a missing one raises at its first use."""
    return tuple(Mcp4728(i2c, address) for address in constants.DAC_ADDRESSES)


def open_player_hardware() -> PlayerHardware:
    """Open the player's chips and lines of this Raspberry Pi. Raises `BusError`."""
    return PlayerHardware(
        dacs=dacs_on(open_i2c()),
        clock_inputs=open_inputs(CLOCK_LINES),
        outputs=open_outputs((constants.PINS.clock_out,)),
    )
