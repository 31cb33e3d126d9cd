# SPDX-License-Identifier: CERN-OHL-P-2.0
"""`python set_address.py VOICE`: give a factory-fresh MCP4728 the address of its voice.

Run it on the module, once for each card, with the module's own Python and the firmware
stopped, then reboot. The chip takes a new address only if its LDAC line falls between two
edges of the clock, which no I2C driver can do: this moves SDA, SCL and LDAC by hand. All cards
may be connected, as each has its own LDAC. (MCP4728 data sheet DS22187E, figure 5-11.)
"""

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from firmware.board.constants import DAC_ADDRESSES, PINS

GPIO_CHIP = "/dev/gpiochip0"
TRIES = 2000
"""Questions before a chip counts as silent; its EEPROM takes up to 50 ms to write."""


class Wires(Protocol):
    """The three wires; SDA and SCL are released by True and pulled low by False."""

    def sda(self, *, high: bool) -> None: ...
    def scl(self, *, high: bool) -> None: ...
    def ldac(self, *, high: bool) -> None: ...
    def read_sda(self) -> bool: ...


class AddressError(RuntimeError):
    """A chip that does not answer."""


def set_address(wires: Wires, current: int, new: int) -> None:
    """Give the chip whose LDAC is held another address, kept through power-off.

    Addresses are I2C addresses, 0x60 to 0x67. Raises `AddressError` if no chip answers at
    `current`, if it refuses, or if it is not found at `new` afterwards.
    """
    old_bits, new_bits = current & 7, new & 7
    wires.ldac(high=True)
    try:
        _start(wires)
        taken = _send(wires, current << 1)
        # The chip is chosen by its LDAC falling after the eighth clock of this byte.
        taken &= _send(wires, 0x61 | old_bits << 2, lambda: wires.ldac(high=False))
        taken &= _send(wires, 0x62 | new_bits << 2) and _send(wires, 0x63 | new_bits << 2)
        _stop(wires)
    finally:
        wires.ldac(high=False)
    if not taken:
        msg = f"no DAC took the change at {current:#04x}; check its address, SDA, SCL and LDAC"
        raise AddressError(msg)
    if not any(answers(wires, new) for _ in range(TRIES)):
        msg = f"the DAC does not answer at {new:#04x}; switch the rack off and on and try again"
        raise AddressError(msg)


def answers(wires: Wires, address: int) -> bool:
    """Ask whether a chip is at an address."""
    _start(wires)
    there = _send(wires, address << 1)
    _stop(wires)
    return there


def _start(wires: Wires) -> None:
    wires.sda(high=True)
    wires.scl(high=True)
    wires.sda(high=False)
    wires.scl(high=False)


def _stop(wires: Wires) -> None:
    wires.sda(high=False)
    wires.scl(high=True)
    wires.sda(high=True)


def _send(wires: Wires, byte: int, before_ack: Callable[[], None] | None = None) -> bool:
    """Clock a byte out, highest bit first; tell whether it was acknowledged."""
    for bit in range(7, -1, -1):
        wires.sda(high=bool(byte >> bit & 1))
        wires.scl(high=True)
        wires.scl(high=False)
    if before_ack:
        before_ack()
    wires.sda(high=True)
    wires.scl(high=True)
    taken = not wires.read_sda()
    wires.scl(high=False)
    return taken


@contextmanager
def _header(ldac: int) -> Iterator[Wires]:
    """Take the three lines of the Raspberry Pi's header."""
    import gpiod  # noqa: PLC0415 - only on the module
    from gpiod.line import Direction, Drive, Value  # noqa: PLC0415

    bus = gpiod.LineSettings(
        direction=Direction.OUTPUT, drive=Drive.OPEN_DRAIN, output_value=Value.ACTIVE
    )
    select = gpiod.LineSettings(direction=Direction.OUTPUT, output_value=Value.INACTIVE)
    config: dict[Any, Any] = {PINS.i2c_sda: bus, PINS.i2c_scl: bus, ldac: select}
    with gpiod.request_lines(GPIO_CHIP, config=config) as lines:

        class Header:
            def sda(self, *, high: bool) -> None:
                lines.set_value(PINS.i2c_sda, Value.ACTIVE if high else Value.INACTIVE)

            def scl(self, *, high: bool) -> None:
                lines.set_value(PINS.i2c_scl, Value.ACTIVE if high else Value.INACTIVE)

            def ldac(self, *, high: bool) -> None:
                lines.set_value(ldac, Value.ACTIVE if high else Value.INACTIVE)

            def read_sda(self) -> bool:
                return lines.get_value(PINS.i2c_sda) is Value.ACTIVE

        yield Header()


def _number(text: str) -> int:
    return int(text, 0)


def main(arguments: list[str] | None = None) -> int:
    """Set one address; returns 1 when the chip does not answer."""
    parser = argparse.ArgumentParser(prog="set_address.py", description=__doc__)
    parser.add_argument("voice", type=int, choices=range(1, len(DAC_ADDRESSES) + 1))
    parser.add_argument(
        "--current",
        type=lambda text: int(text, 0),
        default=DAC_ADDRESSES[0],
        help="default 0x60",
    )
    options = parser.parse_args(arguments)
    new = DAC_ADDRESSES[options.voice - 1]
    try:
        with _header(PINS.ldac[options.voice - 1]) as wires:
            set_address(wires, options.current, new)
    except OSError as error:
        print(
            f"set_address: {GPIO_CHIP}: {error.strerror}; is this the module?", file=sys.stderr
        )
        return 1
    except AddressError as error:
        print(f"set_address: {error}", file=sys.stderr)
        return 1
    print(f"voice {options.voice} is at {new:#04x}; reboot, then run `firmware doctor`")
    return 0


if __name__ == "__main__":
    sys.exit(main())
