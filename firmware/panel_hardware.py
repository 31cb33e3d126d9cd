"""How the panel reaches its chips: each opened by itself, so that one may be absent."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from firmware.chips.gpio import ENCODER_LINES, Inputs, open_inputs
from firmware.chips.mcp3208 import Mcp3208, open_adc
from firmware.chips.oled import Oled, open_oled


class Openers(NamedTuple):
    """Open a chip of the panel; each raises `BusError` if it is not there."""

    adc: Callable[[], Mcp3208]
    oled: Callable[[], Oled]
    encoder: Callable[[], Inputs]


BOARD = Openers(open_adc, open_oled, lambda: open_inputs(ENCODER_LINES))
"""This Raspberry Pi's own."""


def openers_of(rack: str) -> Openers:
    """Give the openers of a simulated rack's folder, or of the real board."""
    if not rack:
        return BOARD
    from firmware.simulator.remote import RemoteRack  # noqa: PLC0415 - not on the module

    remote = RemoteRack(Path(rack), ("panel",))
    return Openers(remote.adc, remote.oled, remote.encoder)
