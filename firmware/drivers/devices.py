"""The chips on the board: their drivers, and which process owns which.

The player owns what must be on time, the panel the rest; none is in both.
"""

import time
from dataclasses import dataclass

from firmware.board import constants
from firmware.drivers.bus import I2c, ReopeningI2c, open_i2c
from firmware.drivers.gpio import (
    CLOCK_LINES,
    Inputs,
    Outputs,
    ReconnectingLines,
    open_inputs,
    open_outputs,
)
from firmware.drivers.mcp4728 import Mcp4728


@dataclass(frozen=True, slots=True)
class PlayerHardware:
    """The player's devices: a DAC per voice, clock and reset in, clock out."""

    dacs: tuple[Mcp4728, ...]
    clock_inputs: ReconnectingLines[Inputs]
    outputs: ReconnectingLines[Outputs]


def dacs_on(i2c: I2c) -> tuple[Mcp4728, ...]:
    """Return every voice's DAC; a missing one raises at its first use."""
    return tuple(Mcp4728(i2c, address) for address in constants.DAC_ADDRESSES)


def open_player_hardware() -> PlayerHardware:
    """Open what is there of the player's chips and lines; what is absent is tried again."""
    return PlayerHardware(
        dacs=board_dacs(),
        clock_inputs=ReconnectingLines(lambda: open_inputs(CLOCK_LINES)),
        outputs=ReconnectingLines(lambda: open_outputs((constants.PINS.clock_out,))),
    )


def board_dacs() -> tuple[Mcp4728, ...]:
    """Return the DACs of this Raspberry Pi; an absent bus is an absent DAC."""
    return dacs_on(ReopeningI2c(open_i2c, time.monotonic))
