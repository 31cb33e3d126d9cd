"""The one place that chooses between this Raspberry Pi's devices and a simulated rack's."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from firmware.drivers.devices import PlayerHardware, board_dacs, open_player_hardware
from firmware.drivers.gpio import CLOCK_LINES, ENCODER_LINES, Inputs, open_inputs
from firmware.drivers.led import KernelLed, Led
from firmware.drivers.mcp3208 import Mcp3208, open_adc
from firmware.drivers.mcp4728 import Mcp4728
from firmware.drivers.oled import Oled, open_oled
from firmware.drivers.uart import open_board

HALVES = ("player", "panel")
"""The processes that serve a simulated rack, each on a socket of this name."""


@dataclass(frozen=True, slots=True)
class Backend:
    """How devices are opened, each by itself, so that one may be absent.

    Every function raises `BusError` or `OSError` if its device cannot be opened. `midi` takes
    a direction: `os.O_RDONLY`, `os.O_WRONLY` or `os.O_RDWR`.
    """

    player: Callable[[], PlayerHardware]
    dacs: Callable[[], tuple[Mcp4728, ...]]
    adc: Callable[[], Mcp3208]
    oled: Callable[[], Oled]
    clock_lines: Callable[[], Inputs]
    encoder_lines: Callable[[], Inputs]
    midi: Callable[[int], int]
    status_led: Callable[[], Led]


BOARD = Backend(
    player=open_player_hardware,
    dacs=board_dacs,
    adc=open_adc,
    oled=open_oled,
    clock_lines=lambda: open_inputs(CLOCK_LINES),
    encoder_lines=lambda: open_inputs(ENCODER_LINES),
    midi=open_board,
    status_led=KernelLed,
)
"""This Raspberry Pi's own devices."""


def open_backend(rack: str | Path | None, halves: Sequence[str] = HALVES) -> Backend:
    """Return the devices of the simulated rack in a folder, or the board's without one.

    `halves` names the processes of the rack to connect to. Raises `OSError` if the rack is not
    served.
    """
    if not rack:
        return BOARD
    # The one import upwards: the module never loads its simulator.
    from firmware.simulator.remote import RemoteRack  # noqa: PLC0415

    remote = RemoteRack(Path(rack), halves)
    return Backend(
        player=remote.player,
        dacs=lambda: remote.player().dacs,
        adc=remote.adc,
        oled=remote.oled,
        clock_lines=remote.clock_lines,
        encoder_lines=remote.encoder,
        midi=remote.open_midi,
        status_led=remote.status_led,
    )
