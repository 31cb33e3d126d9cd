"""The status of the computer: temperature, load, memory, addresses."""

import os
import socket
from contextlib import suppress
from pathlib import Path

from firmware import __version__
from firmware.ui.snapshot import SystemView

THERMAL = Path("/sys/class/thermal/thermal_zone0/temp")
STATUS = Path("/proc/self/status")
HOT_CELSIUS = 80.0
"""From this temperature on, a Raspberry Pi reduces its clock."""


def read_system(thermal: Path = THERMAL) -> SystemView:
    """Return the status of the computer, without what is not available."""
    address = own_address() or "no network"
    return SystemView(
        celsius=celsius(thermal),
        load=os.getloadavg()[0],
        memory_mb=memory_mb(),
        lines=(f"firmware {__version__}", address),
    )


def celsius(thermal: Path = THERMAL) -> float | None:
    """Read the processor's temperature; None where there is no sensor."""
    with suppress(OSError, ValueError):
        return int(thermal.read_text("ascii")) / 1000
    return None


def memory_mb() -> float:
    """Return the resident memory of this process."""
    with suppress(OSError):
        for line in STATUS.read_text("ascii").splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
    return 0.0


def own_address() -> str | None:
    """Return this machine's network address, without sending a packet."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, suppress(OSError):
        probe.connect(("192.0.2.1", 9))
        address: str = probe.getsockname()[0]
        return address
    return None
