"""Traces what functions return, to find the modules that a value passes.

A way is run twice in one process, with nothing different but the value, under `sys.setprofile`.
A call is on the way if it returns something that differs between the runs, or if it calls one
that does. A module is counted once, however many of its functions are on the way.
"""

import sys
import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from enum import Enum
from types import FrameType
from typing import Any, NamedTuple

TRACED = ("firmware", "deploy")
HARNESS = ("firmware.desk", "firmware.simulator")
BESIDES = (
    *("firmware.ui", "firmware.panel.views", "firmware.panel.map_renderer"),
    *("firmware.panel.autosave", "firmware.osc.feedback", "firmware.midi"),
    "firmware.bundle.verify",
)
"""Where a value goes as well: the display, the saved state, OSC's feedback, MIDI, and the
verification, whose figures are never the same."""

LIBRARIES = ("firmware.storage.strict_json",)
"""Stricter forms of the standard library's modules, which are not traced either."""

DECODER = "firmware.bundle.decoder"
INSIDE_DECODER = (
    "firmware.bundle.exact_decoder",
    "firmware.bundle.tflite_reader",
    "firmware.bundle.tflite_tensors",
)
"""Counted as the decoder."""

VALUES = (
    *("firmware.board", "firmware.engine", "firmware.instrument"),
    *("firmware.bundle.manifest", "firmware.storage.paths"),
)
"""Modules here are values, not stops on their way, if all their classes are of values: frozen
dataclasses, named tuples and enumerations."""


class Call(NamedTuple):
    """One thing that a function returned."""

    module: str
    function: str
    value: object


class Trace:
    """What the functions of a run returned: how often, and under which modules."""

    def __init__(self) -> None:
        self.counts: Counter[Call] = Counter()
        self.stacks: dict[Call, tuple[str, ...]] = {}

    def __enter__(self) -> "Trace":
        threading.setprofile(self._profile)
        sys.setprofile(self._profile)
        return self

    def __exit__(self, *_: object) -> None:
        sys.setprofile(None)
        threading.setprofile(None)

    def _profile(self, frame: FrameType, event: str, returned: object) -> None:
        module = _module(frame)
        if event != "return" or not _within(module, TRACED):
            return
        call = Call(module, frame.f_code.co_qualname, digest(returned))
        self.counts[call] += 1
        if call not in self.stacks:
            self.stacks[call] = _stack(frame)


def _module(frame: FrameType) -> str:
    name = str(frame.f_globals.get("__name__", ""))
    return DECODER if name in INSIDE_DECODER else name


def _within(name: str, folders: Iterable[str]) -> bool:
    return any(f"{name}.".startswith(f"{folder}.") for folder in folders)


def _stack(frame: FrameType | None) -> tuple[str, ...]:
    """Return the modules on the stack, the outermost first."""
    modules = []
    while frame is not None:
        modules.append(_module(frame))
        frame = frame.f_back
    return tuple(dict.fromkeys(name for name in reversed(modules) if _within(name, TRACED)))


def digest(value: object) -> object:
    """Return what a value consists of, so that two runs can be compared; else its kind."""
    if isinstance(value, (int, float, str, bytes, type(None))):
        return value
    if isinstance(value, (bytearray, memoryview)):
        return bytes(value)
    if isinstance(value, (tuple, list)):
        return tuple(map(digest, value))
    if isinstance(value, dict):
        return tuple((digest(key), digest(one)) for key, one in value.items())
    if is_dataclass(value) and is_value(type(value)):
        return tuple(digest(getattr(value, entry.name)) for entry in fields(value))
    return type(value).__name__


def is_value(kind: type[Any]) -> bool:
    """Return whether a class is one of values: frozen, a named tuple or an enumeration."""
    frozen = is_dataclass(kind) and kind.__dataclass_params__.frozen  # type: ignore[attr-defined]
    return frozen or issubclass(kind, (Enum, tuple))


def of_values(name: str) -> bool:
    """Return whether a module is one of values."""
    classes = [
        kind
        for kind in vars(sys.modules[name]).values()
        if isinstance(kind, type) and kind.__module__ == name
    ]
    values = [kind for kind in classes if not issubclass(kind, Exception)]
    return _within(name, VALUES) and bool(values) and all(map(is_value, values))


def path(one: Trace, other: Trace, end: str) -> dict[str, int]:
    """Return the modules on the way up to `end`, with the calls of `one` that differ."""
    counts: Counter[str] = Counter()
    for call, stack in one.stacks.items():
        if call not in other.stacks and not any(
            _within(name, (*BESIDES, *LIBRARIES)) for name in stack
        ):
            for module in stack:
                counts[module] += one.counts[call] if module == call.module else 0
    modules = [name for name in counts if not _within(name, HARNESS)]
    return {name: counts[name] for name in modules[: modules.index(end) + 1]}


def counted(modules: Iterable[str]) -> list[str]:
    """Return the modules that count: all but those of values."""
    return [name for name in modules if not of_values(name)]
