"""What the panel tells those who listen from outside, and what it asks of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from firmware.front_panel import FrontPanel


@dataclass(frozen=True, slots=True)
class News:
    """What happened since the last time: for those who listen from outside.

    steps: of the voices that went on, as played; faults: what began.
    """

    steps: Mapping[int, int]
    faults: Sequence[str]


class Service(Protocol):
    """Somebody outside who sets and listens, such as OSC."""

    def fileno(self) -> int:
        """Give the descriptor that is readable when `serve_ready` has something to do."""

    def serve_ready(self, panel: FrontPanel, now_ns: int) -> None:
        """Take what came: `panel.instrument.set_value` and its like."""

    def publish(self, panel: FrontPanel, news: News, now_ns: int) -> None:
        """Tell whoever listens."""
