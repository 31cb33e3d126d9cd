"""What the panel hands to its services, such as OSC, and what they may ask of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from firmware.engine.pattern import Pattern
from firmware.engine.state import Report
from firmware.instrument.instrument import Instrument
from firmware.instrument.patch import Patch


@dataclass(frozen=True, slots=True)
class PanelSnapshot:
    """What is set and what plays now.

    patch: what was set; playing: with what the CVs add; patterns: of each voice, as decoded;
    bundle: the name of the one that plays; bundles: the names of those installed.
    """

    patch: Patch
    playing: Patch
    patterns: Sequence[Pattern]
    report: Report
    bundle: str
    bundles: Sequence[str]


@dataclass(frozen=True, slots=True)
class PanelUpdate:
    """What happened since the last one.

    steps: by voice, the step of each voice that played one; faults: those that began.
    """

    steps: Mapping[int, int]
    faults: Sequence[str]


class PanelCommands(Protocol):
    """What a service may do with the panel."""

    instrument: Instrument

    def reset(self, now_ns: int) -> None:
        """Go to the first step."""

    def panic(self, now_ns: int) -> None:
        """Silence whatever sounds."""


class PanelService(Protocol):
    """A client from outside that sets values and is sent what changes, such as OSC."""

    def fileno(self) -> int:
        """Return the descriptor that is readable when `serve_ready` has something to do."""

    def serve_ready(self, commands: PanelCommands, now_ns: int) -> None:
        """Handle what was received."""

    def publish(self, snapshot: PanelSnapshot, update: PanelUpdate, now_ns: int) -> None:
        """Send what changed to the subscribers."""
