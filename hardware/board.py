# SPDX-License-Identifier: CERN-OHL-P-2.0
"""A circuit under construction in SKiDL, and what is kept of it: plain, frozen values.

SKiDL knows the pins of every KiCad symbol and checks the electrical rules; everything after
that (simulation, sheets, parts list) reads the `Board` that `Bench.board` returns.
"""

import logging
import os
import re
from collections.abc import Mapping
from contextlib import chdir, redirect_stderr
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import import_module
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any

from hardware.parts import Item

SYMBOLS = Path("/usr/share/kicad/symbols")
FOOTPRINTS = Path("/usr/share/kicad/footprints")
OWN_FOOTPRINTS = Path(__file__).with_name("exnihilo.pretty")
"""Of the parts that KiCad's library does not have."""


@dataclass(frozen=True)
class Part:
    """A placed part."""

    ref: str
    block: str
    """The stage it belongs to: `cv_x`, `power`..."""
    item: Item
    pins: Mapping[str, str | None]
    """Net by pin number; None where a pin is left open on purpose."""

    @property
    def value(self) -> str:
        return self.item.value


@dataclass(frozen=True)
class Board:
    """A finished circuit."""

    name: str
    parts: tuple[Part, ...]

    @cached_property
    def by_ref(self) -> dict[str, Part]:
        return {part.ref: part for part in self.parts}

    @cached_property
    def nets(self) -> dict[str, tuple[tuple[str, str], ...]]:
        """(designator, pin) pairs by net."""
        found: dict[str, list[tuple[str, str]]] = {}
        for part in self.parts:
            for pin, net in part.pins.items():
                if net is not None:
                    found.setdefault(net, []).append((part.ref, pin))
        return {net: tuple(pins) for net, pins in sorted(found.items())}

    def block(self, *names: str) -> tuple[Part, ...]:
        """Find the parts of some stages."""
        return tuple(part for part in self.parts if part.block in names)


def footprint_path(footprint: str) -> Path:
    """Find the file of a footprint given as `library:name`."""
    library, name = footprint.split(":")
    own = OWN_FOOTPRINTS.with_name(f"{library}.pretty") / f"{name}.kicad_mod"
    return own if own.exists() else FOOTPRINTS / f"{library}.pretty" / f"{name}.kicad_mod"


class CircuitError(ValueError):
    """The circuit breaks an electrical rule."""


class Bench:
    """A board being wired; `place` parts by naming the net of each pin."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._skidl = _skidl()
        self._circuit = self._skidl.Circuit(name=name, tag=name)
        self._circuit.no_files = True
        self._nets: dict[str, Any] = {}
        self._placed: list[tuple[str, str, Item, dict[str, str | None]]] = []
        self._counts: dict[str, int] = {}

    def place(self, block: str, item: Item, **pins: str | None) -> str:
        """Add a part and wire it; pins are given as `p1="GND"`. Returns its designator."""
        wired = {pin.removeprefix("p"): net for pin, net in pins.items()}
        return self.place_pins(block, item, wired)

    def place_pins(self, block: str, item: Item, pins: Mapping[str, str | None]) -> str:
        """Add a part and wire it by pin number; None marks a pin left open on purpose."""
        ref = f"{item.prefix}{self._counts.get(item.prefix, 0) + 1}"
        self._counts[item.prefix] = self._counts.get(item.prefix, 0) + 1
        library, symbol = item.symbol.split(":")
        part = self._skidl.Part(
            library,
            symbol,
            ref=ref,
            tag=ref,
            value=item.value,
            footprint=item.footprint,
            circuit=self._circuit,
        )
        named = {pin.num for pin in part.pins}
        if named != set(pins):
            astray = sorted(named ^ set(pins))
            msg = f"{self.name} {ref} ({item.value}): pins {astray} are not wired or not there"
            raise CircuitError(msg)
        for pin, net in pins.items():
            part[pin] += self._circuit.NC if net is None else self._net(net)
        self._placed.append((ref, block, item, dict(pins)))
        return ref

    def power(self, *nets: str) -> None:
        """Declare nets that something outside the checker's sight drives."""
        for net in nets:
            self._net(net).drive = self._skidl.POWER

    def board(self) -> Board:
        """Check the electrical rules and hand over the circuit.

        Raises `CircuitError` when a rule is broken or a net leads nowhere.
        """
        parts = tuple(Part(ref, block, item, pins) for ref, block, item, pins in self._placed)
        board = Board(self.name, parts)
        problems = [f"net {net} has one pin" for net, at in board.nets.items() if len(at) < 2]
        problems += self._rules()
        if problems:
            msg = f"{self.name}: " + "; ".join(problems)
            raise CircuitError(msg)
        return board

    def netlist(self) -> str:
        """Write the KiCad netlist, without the date and place of its making."""
        text = str(
            self._circuit.generate_netlist(
                tool=self._skidl.KICAD6, do_backup=False, track_abs_path=False, track_src=False
            )
        )
        return re.sub(r'\((date|source) "[^"]*"\)', r'(\1 "")', text)

    def _net(self, name: str) -> Any:
        if name not in self._nets:
            self._nets[name] = self._skidl.Net(name, circuit=self._circuit)
        return self._nets[name]

    def _rules(self) -> list[str]:
        messages = _Listener()
        self._skidl.erc_logger.addHandler(messages)
        try:
            self._circuit.ERC()
        finally:
            self._skidl.erc_logger.removeHandler(messages)
        return messages.messages


class _Listener(logging.Handler):
    """Keeps the warnings and errors of a logger."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())


@cache
def _skidl() -> ModuleType:
    """Import SKiDL, which writes logs where it stands and speaks on standard error."""
    if not SYMBOLS.is_dir():
        msg = f"no KiCad symbols in {SYMBOLS}; install the Debian package `kicad-symbols`"
        raise CircuitError(msg)
    os.environ.setdefault("KICAD6_SYMBOL_DIR", str(SYMBOLS))
    with TemporaryDirectory() as folder, chdir(folder), redirect_stderr(StringIO()):
        skidl = import_module("skidl")
        skidl.set_default_tool(skidl.KICAD6)
        # Or every look-up would walk the working folder.
        skidl.lib_search_paths[skidl.KICAD6] = [str(SYMBOLS)]
        loggers = import_module("skidl.logger")
        loggers.stop_log_file_output()
    for logger in (loggers.rt_logger, loggers.erc_logger):
        for handler in list(logger.handlers):
            logger.removeHandler(handler)
        logger.addHandler(logging.NullHandler())
    return skidl
