"""The controls of the simulated module: knobs, CV jacks and encoder, as volts and edges."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from firmware.board.constants import KNOB
from firmware.simulator.remote import RemoteRack

JACK_VOLTS = 10.0
EDGE_NS = 4_000_000
"""Between two contacts of the encoder; slower than they bounce."""

PULSE_NS = 5_000_000


@dataclass(frozen=True, slots=True)
class Control:
    """A knob or a jack, at `volts` between two ends."""

    name: str
    label: str
    low_volts: float
    high_volts: float
    volts: float

    @property
    def share(self) -> float:
        """Its position, 0..1."""
        return (self.volts - self.low_volts) / (self.high_volts - self.low_volts)

    @property
    def reading(self) -> str:
        """Its value as text: percent of a knob, volts of a jack."""
        if self.name.startswith("knob"):
            return f"{100 * self.share:.0f} %"
        return f"{self.volts:+.2f} V"

    def moved(self, share: float) -> "Control":
        """Return the control moved by a share of its travel, no further than its ends."""
        volts = self.volts + share * (self.high_volts - self.low_volts)
        volts = min(max(volts, self.low_volts), self.high_volts)
        return Control(self.name, self.label, self.low_volts, self.high_volts, volts)


def _knob(name: str, label: str) -> Control:
    return Control(f"knob_{name}", label, 0.0, KNOB.reference_volts, KNOB.reference_volts / 2)


def _jack(name: str, label: str) -> Control:
    return Control(f"cv_{name}", label, -JACK_VOLTS, JACK_VOLTS, 0.0)


CONTROLS: tuple[Control, ...] = (
    _knob("x", "X"),
    _knob("y", "Y"),
    _knob("threshold", "Threshold"),
    _jack("x", "CV X"),
    _jack("y", "CV Y"),
    _jack("threshold", "CV Threshold"),
    _jack("assign_1", "CV 1"),
    _jack("assign_2", "CV 2"),
)


def turn(rack: RemoteRack, detents: int) -> None:
    """Turn the encoder to the right, or to the left if negative."""
    first, second = ("encoder_a", "encoder_b") if detents > 0 else ("encoder_b", "encoder_a")
    edges = list(_edges(first, second, abs(detents)))
    start_ns = time.monotonic_ns() - len(edges) * EDGE_NS
    for n, (contact, closed) in enumerate(edges):
        rack.edge(contact, rising=closed, time_ns=start_ns + n * EDGE_NS)


def press(rack: RemoteRack, *, down: bool) -> None:
    """Press or release the encoder."""
    rack.edge("encoder_switch", rising=down)


def pulse(rack: RemoteRack, jack: str) -> None:
    """Send a pulse to the clock or the reset jack."""
    now_ns = time.monotonic_ns()
    rack.edge(jack, rising=True, time_ns=now_ns)
    rack.edge(jack, rising=False, time_ns=now_ns + PULSE_NS)


def _edges(first: str, second: str, detents: int) -> Iterator[tuple[str, bool]]:
    for _ in range(detents):
        yield from ((first, True), (second, True), (first, False), (second, False))
