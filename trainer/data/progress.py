"""What long work reports while it runs, and how it is cancelled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


class Cancelled(Exception):  # noqa: N818 - an outcome that was asked for, not an error
    """Raised by an `OnProgress` to end the work that calls it; nothing is left behind."""


@dataclass(frozen=True, slots=True)
class Progress:
    """An event: the current phase, how much of it is done, 0..1, and on what it works.

    item: a file's name or a voice; empty where the phase has no items.
    """

    phase: str
    share: float
    item: str = ""


OnProgress = Callable[[Progress], None]
"""Called often by long work, from the thread that runs it. An exception ends the work."""


def ignore_progress(_event: Progress) -> None:
    """Report to nobody."""


def cancellable(on_progress: OnProgress, cancelled: Callable[[], bool]) -> OnProgress:
    """Return an `on_progress` that raises `Cancelled` once `cancelled()` is true.

    `cancelled` may be the `is_set` of a `threading.Event`.
    """

    def check(event: Progress) -> None:
        if cancelled():
            raise Cancelled
        on_progress(event)

    return check
