"""What the panel tells those who listen from outside, and what it asks of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from firmware.front_panel import FrontPanel
    from firmware.parameters import Key
    from firmware.patch import Patch
    from firmware.pattern import Pattern
    from firmware.state import Place


@dataclass(frozen=True, slots=True)
class News:
    """What happened since the last time: for those who listen from outside.

    changes: values set; patterns: of the voices that were decoded anew; steps: of the voices
    that went on, as played; places: of the voices that moved on the map; faults: what began.
    `playing` is the patch with what the CVs add.
    """

    playing: Patch
    changes: Mapping[Key, float]
    patterns: Mapping[int, Pattern]
    steps: Mapping[int, int]
    places: Mapping[int, Place]
    faults: Sequence[str]
    bundle: str


class Service(Protocol):
    """Somebody outside who sets and listens, such as OSC."""

    def fileno(self) -> int:
        """Give the descriptor that is readable when `serve_ready` has something to do."""

    def serve_ready(self, panel: FrontPanel, now_ns: int) -> None:
        """Take what came: `panel.instrument.set_value` and its like."""

    def publish(self, panel: FrontPanel, news: News, now_ns: int) -> None:
        """Tell whoever listens."""
