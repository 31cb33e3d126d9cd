"""A model of the MCP4728, byte by byte (Microchip DS22187E; figures are the datasheet's).

Where the data sheet is silent, the model assumes the worst: a chip from the factory powers on
at mid-scale, and while it writes its EEPROM it acknowledges every command and executes none.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from firmware.board.constants import CV_OUTPUT
from firmware.drivers.mcp4728 import CHANNELS, Register
from firmware.simulator.parts import IDEAL, PartErrors, jack_table
from firmware.simulator.trace import Sample

FACTORY = (Register(code=2048, internal_reference=True, gain=2),) * CHANNELS
"""An assumption: the datasheet does not say."""

COMMISSIONED = (Register(code=CV_OUTPUT.zero_code),) * CHANNELS
"""0 V at every jack, reference the supply."""

INTERNAL_REFERENCE_VOLTS = 2.048
EEPROM_WRITE_NS = 50_000_000
"""The slowest chip's (pages 4-6)."""

_ALL = range(CHANNELS)


class Mcp4728Model:
    """One chip: input registers, EEPROM, outputs. Times are those of the bus."""

    def __init__(
        self,
        address: int,
        eeprom: tuple[Register, ...] = FACTORY,
        errors: PartErrors = IDEAL,
        history: int | None = None,
    ) -> None:
        """Power the chip on; `history` bounds the samples that its trace keeps."""
        self.address = address
        self.eeprom = list(eeprom)
        self.errors = errors
        self.ldac_low = True
        self.trace: deque[Sample] = deque(maxlen=history)
        self._busy_until_ns = 0
        self.power_on(0)

    def power_on(self, time_ns: int) -> None:
        """Load the EEPROM into registers and outputs (section 5.4.1)."""
        self.inputs = list(self.eeprom)
        self.outputs = list(self.eeprom)
        self._rescale()
        self._record(time_ns)

    def write(self, data: bytes, times_ns: list[int]) -> int:
        """Take the bytes of a write; return how many of them were acknowledged.

        `times_ns` are the times of the acknowledge pulses, one per byte.
        """
        if not data or self._busy(times_ns[0]):
            return len(data)
        command = data[0] >> 5
        if command <= 0b001:
            self._fast_write(data, times_ns)
        elif command == 0b010:
            self._write_registers(data, times_ns)
        elif command == 0b011:
            # Figure 5-11: a new address needs LDAC to fall within the second byte's last
            # clock, which no bus of whole bytes can do; the third byte is not acknowledged.
            return 1
        else:
            self._write_flags(data, times_ns)
        return len(data)

    def read(self, size: int, time_ns: int) -> bytes:
        """Return registers and EEPROM, A to D, over again (figure 5-15)."""
        status = 0x40 | (0 if self._busy(time_ns) else 0x80)
        group = bytearray()
        for channel in _ALL:
            head = status | channel << 4 | self.address & 0b111
            for register in (self.inputs[channel], self.eeprom[channel]):
                group += bytes((head, *_register_bytes(register)))
        return bytes(group[i % len(group)] for i in range(size))

    def general_call(self, command: int, time_ns: int) -> bool:
        """Execute a general call (section 5.4); return whether it was acknowledged."""
        if command == 0x06:
            self._busy_until_ns = 0
            self.power_on(time_ns)
        elif command == 0x09:
            self._change(lambda register, _: replace(register, power_down=0))
            self._rescale()
            self._record(time_ns)
        elif command == 0x08:
            self.latch(time_ns)
        # 0x0C, read address bits, is acknowledged; the read that follows wants LDAC to fall.
        return command in (0x06, 0x08, 0x09, 0x0C)

    def latch(self, time_ns: int) -> None:
        """Bring all input registers to the outputs, as a falling LDAC pin does."""
        self._update(_ALL, time_ns)

    def _busy(self, time_ns: int) -> bool:
        return time_ns < self._busy_until_ns

    def _fast_write(self, data: bytes, times_ns: list[int]) -> None:
        """Figure 5-7: x x PD1 PD0 D11..D8, D7..D0, for A to D; no UDAC, so LDAC decides."""
        for channel, first in zip(_ALL, range(0, len(data) - 1, 2), strict=False):
            high, low = data[first], data[first + 1]
            old = self.inputs[channel]
            code, power_down = (high & 0x0F) << 8 | low, high >> 4 & 0b11
            self.inputs[channel] = Register(code, old.internal_reference, old.gain, power_down)
            if self.ldac_low:
                self.latch(times_ns[first + 1])

    def _write_registers(self, data: bytes, times_ns: list[int]) -> None:
        """Figures 5-8 to 5-10, distinguished by W1 W0; 0 1 is not used."""
        kind = data[0] >> 3 & 0b11
        writes = {0b00: _multi_write, 0b10: _sequential_write, 0b11: _single_write}
        if kind not in writes:
            return
        saved = []
        for channel, udac, last in writes[kind](data):
            self.inputs[channel] = _decoded(data[last - 1], data[last])
            if self.ldac_low:
                self.latch(times_ns[last])
            elif not udac:
                self._update((channel,), times_ns[last])
            saved.append(channel)
        if kind != 0b00 and saved:
            for channel in saved:
                self.eeprom[channel] = self.inputs[channel]
            self._busy_until_ns = times_ns[-1] + EEPROM_WRITE_NS

    def _write_flags(self, data: bytes, times_ns: list[int]) -> None:
        """Figures 5-12 to 5-14: they reach the outputs whatever LDAC says; 1 1 1 is unused."""
        command = data[0] >> 5
        if command == 0b100:
            self._change(lambda r, c: replace(r, internal_reference=bool(data[0] >> 3 - c & 1)))
        elif command == 0b110:
            self._change(lambda r, c: replace(r, gain=1 + (data[0] >> 3 - c & 1)))
        elif command == 0b101 and len(data) > 1:
            # 1 0 1 x PD1A PD0A PD1B PD0B, PD1C PD0C PD1D PD0D x x x x
            bits = (data[0] & 0x0F) << 4 | data[1] >> 4
            self._change(lambda r, c: replace(r, power_down=bits >> 6 - 2 * c & 0b11))
        self._rescale()
        self._record(times_ns[-1])

    def _change(self, changed: Callable[[Register, int], Register]) -> None:
        for registers in (self.inputs, self.outputs):
            registers[:] = [changed(register, c) for c, register in enumerate(registers)]

    def _update(self, channels: Iterable[int], time_ns: int) -> None:
        for channel in channels:
            old, new = self.outputs[channel], self.inputs[channel]
            if new is old:
                continue
            self.outputs[channel] = new
            if (new.internal_reference, new.gain) != (old.internal_reference, old.gain):
                self._rescale()
            self._jacks[channel] = self._jack_volts(channel)
        self._record(time_ns)

    def _rescale(self) -> None:
        self._volts = jack_table(self.errors, self._full_scale()).tolist()
        self._jacks = [self._jack_volts(channel) for channel in _ALL]

    def _jack_volts(self, channel: int) -> float:
        # Powered down, an output is pulled to ground, which code 0 stands for.
        register = self.outputs[channel]
        volts: float = self._volts[channel][0 if register.power_down else register.code]
        return volts

    def _full_scale(self) -> NDArray[np.float64]:
        """Volts of code 4096 at each pin; the gain is ignored with the supply as reference."""
        supply = CV_OUTPUT.reference_volts * (1 + self.errors.reference_error)
        return np.array(
            [
                INTERNAL_REFERENCE_VOLTS * register.gain
                if register.internal_reference
                else supply
                for register in self.outputs
            ]
        )

    def _record(self, time_ns: int) -> None:
        a, b, c, d = self._jacks
        if not self.trace or self.trace[-1].volts != (a, b, c, d):
            self.trace.append(Sample(time_ns, (a, b, c, d)))

    @property
    def volts(self) -> tuple[float, float, float, float]:
        """Jack volts of the outputs A to D now."""
        return self.trace[-1].volts


def _multi_write(data: bytes) -> Iterator[tuple[int, bool, int]]:
    """Figure 5-8: channel, UDAC and the index of the last byte, for every three bytes."""
    for first in range(0, len(data) - 2, 3):
        yield data[first] >> 1 & 0b11, bool(data[first] & 1), first + 2


def _sequential_write(data: bytes) -> Iterator[tuple[int, bool, int]]:
    """Figure 5-9: from a channel to D, two bytes each."""
    start = data[0] >> 1 & 0b11
    lasts = range(2, len(data), 2)
    for channel, last in zip(range(start, CHANNELS), lasts, strict=False):
        yield channel, bool(data[0] & 1), last


def _single_write(data: bytes) -> Iterator[tuple[int, bool, int]]:
    """Figure 5-10: one channel."""
    if len(data) > 2:
        yield data[0] >> 1 & 0b11, bool(data[0] & 1), 2


def _decoded(high: int, low: int) -> Register:
    """Decode Vref PD1 PD0 Gx D11..D8, D7..D0."""
    return Register(
        code=(high & 0x0F) << 8 | low,
        internal_reference=bool(high & 0x80),
        gain=2 if high & 0x10 else 1,
        power_down=high >> 5 & 0b11,
    )


def _register_bytes(register: Register) -> tuple[int, int]:
    flags = register.internal_reference << 7 | register.power_down << 5
    return flags | (register.gain - 1) << 4 | register.code >> 8, register.code & 0xFF
