"""The log's lines about faults: one when a fault begins, and no flood of them."""

import logging
from collections.abc import Iterable

QUIET_NS = 60_000_000_000
"""Time between two lines about the same kind of fault."""

_LOG = logging.getLogger(__name__)


class FaultLog:
    """Writes faults that began to the log, each kind once a minute at most."""

    def __init__(self) -> None:
        """Start with nothing written."""
        self._due_ns: dict[str, int] = {}

    def write(self, faults: Iterable[str], now_ns: int) -> None:
        """Write faults, each `KIND: TEXT`, whose kind was not written lately."""
        for fault in faults:
            kind, _, _ = fault.partition(":")
            if now_ns >= self._due_ns.get(kind, now_ns):
                self._due_ns[kind] = now_ns + QUIET_NS
                _LOG.warning("%s", fault)
