# SPDX-License-Identifier: CERN-OHL-P-2.0
"""From a block of the circuit to the lines of a deck, and from a deck to figures."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from hardware.board import Board, Part
from hardware.main_board import AMPLIFIER_UNITS
from hardware.spice.models import FIELD_EFFECT, LIBRARY, MODELS


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured figure and the limits it must keep."""

    stage: str
    name: str
    value: float
    unit: str
    low: float | None = None
    high: float | None = None

    @property
    def holds(self) -> bool:
        return (self.low is None or self.value >= self.low) and (
            self.high is None or self.value <= self.high
        )


def node(net: str) -> str:
    """Name a net as ngspice likes it: `+3V3A` is `p3v3a`, ground is 0."""
    if net == "GND":
        return "0"
    return net.replace("+", "p").replace("-", "n").lower()


def lines(
    board: Board, blocks: Iterable[str], scale: Mapping[str, float] | None = None
) -> list[str]:
    """Write the parts of some blocks, and the amplifiers that serve them, as deck lines.

    `scale` multiplies the value of a part, by designator. Jacks and connectors are left out.
    """
    chosen = board.block(*blocks)
    written = [
        line for part in chosen for line in _passive(part, (scale or {}).get(part.ref, 1))
    ]
    written += [line for part in chosen for line in _transistors(part)]
    nets = {net for part in chosen for net in part.pins.values()}
    for part in board.parts:
        if part.value in {"TL074", "MCP6004"}:
            written += _amplifiers(part, nets)
    return written


def _passive(part: Part, scale: float) -> list[str]:
    """Write a resistor, capacitor, inductor or diode; nothing for anything else."""
    prefix = part.item.prefix
    if prefix == "D":
        anode, cathode = node(part.pins["2"] or ""), node(part.pins["1"] or "")
        return [f"{part.ref} {anode} {cathode} {MODELS[part.value]}"]
    if prefix not in {"R", "C", "L"} or part.item.magnitude is None:
        return []
    one, two = (node(part.pins[pin] or "") for pin in ("1", "2"))
    if part.item.series_ohms:
        inner = f"{part.ref.lower()}_inner"
        return [
            f"R{part.ref} {one} {inner} {part.item.series_ohms}",
            f"{part.ref} {inner} {two} {part.item.magnitude * scale:.9g}",
        ]
    return [f"{part.ref} {one} {two} {part.item.magnitude * scale:.9g}"]


def _transistors(part: Part) -> list[str]:
    """Write a field-effect transistor with its body diode, or a pair of bipolar ones."""
    ends = {pin: node(net or "") for pin, net in part.pins.items()}
    if part.value in FIELD_EFFECT:
        gate, source, drain = ends["1"], ends["2"], ends["3"]
        anode, cathode = FIELD_EFFECT[part.value].body(source, drain)
        return [
            f"M{part.ref} {drain} {gate} {source} {source} {part.value} W=1 L=1",
            f"D{part.ref} {anode} {cathode} body",
        ]
    if part.value == "BCM857BS":
        return [
            f"Q{part.ref}_1 {ends['6']} {ends['2']} {ends['1']} BCM857BS",
            f"Q{part.ref}_2 {ends['3']} {ends['5']} {ends['4']} BCM857BS",
        ]
    return []


def _amplifiers(part: Part, nets: set[str | None]) -> list[str]:
    """Of a quad, those amplifiers whose feedback, or whose source if followers, is there."""
    found = []
    for unit, (out, minus, plus) in enumerate(AMPLIFIER_UNITS):
        follows = part.pins[out] == part.pins[minus]
        if part.pins[plus if follows else minus] in nets and (
            follows or part.pins[out] in nets
        ):
            ends = [node(part.pins[pin] or "") for pin in (plus, minus, "4", "11", out)]
            found.append(f"X{part.ref}_{unit} {' '.join(ends)} {part.value}")
    return found


def deck(title: str, circuit: Iterable[str], *fixture: str) -> str:
    """Assemble a deck; `fixture` holds the sources, loads, analysis and `.save` lines."""
    options = ".options reltol=1e-5 abstol=1e-12 vntol=1e-8 gmin=1e-14"
    return "\n".join((title, LIBRARY, *circuit, *fixture, options, ".end", ""))
