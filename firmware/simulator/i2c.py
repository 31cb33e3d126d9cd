"""A simulated I2C bus at 400 kHz with MCP4728 models on it.

A transaction takes the time of its bits, so that a trace shows what an oscilloscope would:
the outputs of a chip follow one another as their bytes land, and chips wait for each other.
"""

import errno
import os
from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

from firmware.simulator.clock import TimeSource
from firmware.simulator.mcp4728 import Mcp4728Model

BIT_NS = 2_500
_BYTE_NS = 9 * BIT_NS
"""Eight bits and the acknowledge pulse."""

_GENERAL_CALL = 0x00


class Transaction(NamedTuple):
    """The bytes written after the address, or the bytes read."""

    time_ns: int
    address: int
    data: bytes
    is_read: bool


class SimulatedI2c:
    """The bus, and its simulated faults.

    absent: addresses that do not answer; stuck: a line held low, so that every transfer fails.
    Both raise the errors of Linux, and can be set and cleared at any time.
    """

    def __init__(
        self, clock: TimeSource, chips: Sequence[Mcp4728Model], history: int | None = None
    ) -> None:
        """Connect the chips; `history` bounds the transactions that are recorded."""
        self.chips = {chip.address: chip for chip in chips}
        self.absent: set[int] = set()
        self.stuck = False
        self.transactions: deque[Transaction] = deque(maxlen=history)
        self._clock = clock
        self._free_ns = 0

    def writeto(self, address: int, buffer: bytes | bytearray) -> None:
        """Write to a chip, or to all by the general call. Raises `OSError` as Linux does."""
        data = bytes(buffer)
        start_ns = self._begin(len(data))
        chips = self._addressed(address)
        self.transactions.append(Transaction(start_ns, address, data, is_read=False))
        times_ns = [start_ns + BIT_NS + (n + 2) * _BYTE_NS for n in range(len(data))]
        if address == _GENERAL_CALL:
            answers = [chip.general_call(data[0], times_ns[0]) for chip in chips if data]
            acknowledged = len(data) if any(answers) else 0
        else:
            acknowledged = chips[0].write(data, times_ns)
        if acknowledged < len(data):
            raise _no_acknowledge()

    def readfrom_into(self, address: int, buffer: bytearray) -> None:
        """Read from a chip. Raises `OSError` as Linux does."""
        start_ns = self._begin(len(buffer))
        chips = self._addressed(address)
        if address == _GENERAL_CALL:
            raise _no_acknowledge()
        buffer[:] = chips[0].read(len(buffer), start_ns)
        self.transactions.append(Transaction(start_ns, address, bytes(buffer), is_read=True))

    def _begin(self, size: int) -> int:
        """Wait for the bus; start, address, data, stop."""
        if self.stuck:
            raise OSError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT))
        start_ns = max(self._clock.now_ns, self._free_ns)
        self._free_ns = start_ns + 2 * BIT_NS + (size + 1) * _BYTE_NS
        return start_ns

    def _addressed(self, address: int) -> list[Mcp4728Model]:
        present = [chip for at, chip in self.chips.items() if at not in self.absent]
        chips = [chip for chip in present if address in (_GENERAL_CALL, chip.address)]
        if not chips:
            raise _no_acknowledge()
        return chips


def _no_acknowledge() -> OSError:
    return OSError(errno.EREMOTEIO, os.strerror(errno.EREMOTEIO))
