"""The interface between the panel and its services, such as OSC."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from firmware.bundle.manifest import Axis
from firmware.engine.pattern import Pattern
from firmware.engine.state import Report
from firmware.instrument.instrument import Instrument
from firmware.instrument.patch import Patch


@dataclass(frozen=True, slots=True)
class PanelSnapshot:
    """The current values.

    patch: the set values; playing: with the CVs added; patterns: of each voice, as decoded;
    bundle: the name of the current one; bundles: the names of the installed ones;
    axes: what X and Y mean, of each voice, empty where the bundle does not say; maps: of each
    voice, 0..9 by density, empty until it is rendered; loops: where each voice was trained.
    """

    patch: Patch
    playing: Patch
    patterns: Sequence[Pattern]
    report: Report
    bundle: str
    bundles: Sequence[str]
    axes: Sequence[Sequence[Axis]] = ()
    maps: Sequence[Sequence[int]] = ()
    loops: Sequence[Sequence[tuple[float, float]]] = ()


@dataclass(frozen=True, slots=True)
class PanelUpdate:
    """What happened since the last update.

    steps: by voice, the step of each voice that played one; faults: those that began;
    nearest: after a recall on another bundle, how many steps each voice's rhythm is off.
    """

    steps: Mapping[int, int]
    faults: Sequence[str]
    nearest: Sequence[int] = ()


class PanelCommands(Protocol):
    """The commands of the panel to its services."""

    instrument: Instrument

    def reset(self, now_ns: int) -> None:
        """Go to the first step."""

    def panic(self, now_ns: int) -> None:
        """End all notes."""


class PanelService(Protocol):
    """A service that sets values and sends changes to its clients, such as OSC."""

    def fileno(self) -> int:
        """Return the descriptor that is readable when `serve_ready` has something to do."""

    def serve_ready(self, commands: PanelCommands, now_ns: int) -> None:
        """Handle what was received."""

    def publish(
        self, snapshot: Callable[[], PanelSnapshot], update: PanelUpdate, now_ns: int
    ) -> None:
        """Send changes to the subscribers; without any, no snapshot is needed."""
