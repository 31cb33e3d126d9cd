"""The simulated module: every chip on its bus, and the handles that the real one has."""

from collections.abc import Callable, Sequence

from firmware.board import constants
from firmware.drivers.backend import Backend
from firmware.drivers.devices import PlayerHardware, dacs_on
from firmware.drivers.gpio import Inputs, ReconnectingLines
from firmware.drivers.mcp3208 import Mcp3208
from firmware.drivers.mcp4728 import Register
from firmware.drivers.oled import Oled
from firmware.simulator.clock import TimeSource
from firmware.simulator.gpio import LineLed, SimulatedInputs, SimulatedOutputs
from firmware.simulator.i2c import SimulatedI2c
from firmware.simulator.mcp4728 import COMMISSIONED, Mcp4728Model
from firmware.simulator.parts import IDEAL, PartErrors
from firmware.simulator.spi import SimulatedAdc, SimulatedOled
from firmware.simulator.trace import Trace


class Rack:
    """A powered module with access to every bus, jack and knob.

    dacs, i2c, adc, oled, outputs: the simulated chips and lines, with their faults;
    clock_jacks, encoder: the inputs of edges. `player` and `backend` return the drivers.
    """

    def __init__(
        self,
        clock: TimeSource,
        *,
        eeprom: tuple[Register, ...] = COMMISSIONED,
        errors: Sequence[PartErrors] = (IDEAL,) * len(constants.DAC_ADDRESSES),
        history: int | None = None,
    ) -> None:
        """Power it on. `history` bounds what traces keep; leave it out to keep everything."""
        self.dacs = tuple(
            Mcp4728Model(address, eeprom, part, history)
            for address, part in zip(constants.DAC_ADDRESSES, errors, strict=True)
        )
        self.i2c = SimulatedI2c(clock, self.dacs, history)
        self.outputs = SimulatedOutputs(clock, history)
        self.adc = SimulatedAdc()
        self.oled = SimulatedOled(self.outputs)
        self.clock_jacks = SimulatedInputs(clock)
        self.encoder = SimulatedInputs(clock)

    def player(self) -> PlayerHardware:
        """Open the player's side."""
        return PlayerHardware(
            dacs_on(self.i2c),
            ReconnectingLines(lambda: Inputs(self.clock_jacks.descriptor, self.clock_jacks)),
            ReconnectingLines(lambda: self.outputs),
        )

    def backend(self, midi: Callable[[int], int]) -> Backend:
        """Return the devices, with the port that `midi` opens in a direction."""
        return Backend(
            player=self.player,
            dacs=lambda: dacs_on(self.i2c),
            adc=lambda: Mcp3208(self.adc),
            oled=lambda: Oled(self.oled, self.outputs),
            clock_lines=lambda: Inputs(self.clock_jacks.descriptor, self.clock_jacks),
            encoder_lines=lambda: Inputs(self.encoder.descriptor, self.encoder),
            midi=midi,
            status_led=lambda: LineLed(self.outputs),
        )

    @property
    def traces(self) -> tuple[Trace, ...]:
        """The traces of each voice's four jacks since power-on."""
        return tuple(list(dac.trace) for dac in self.dacs)
