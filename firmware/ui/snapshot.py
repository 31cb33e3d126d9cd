"""The display's contents as one frozen value: the pages are drawn from it alone."""

from collections.abc import Mapping
from dataclasses import dataclass

from firmware.bundle.manifest import Axis
from firmware.engine.pattern import SILENCE, Pattern
from firmware.engine.state import VOICES, Report
from firmware.instrument.faults import FaultState
from firmware.instrument.patch import Patch
from firmware.instrument.preset import MEMORIES, PRESETS, MapSnapshot
from firmware.ui.pages import Item, Page


@dataclass(frozen=True, slots=True)
class MapView:
    """The map of a voice: density 0..255 row by row from the bottom, and training points.

    `axes` say what X and Y mean; empty where the bundle does not say.
    """

    name: str = ""
    density: bytes = b""
    points: tuple[tuple[float, float], ...] = ()
    axes: tuple[Axis, ...] = ()


@dataclass(frozen=True, slots=True)
class BundleView:
    """A bundle in the list: its name, whether it plays, why it was refused."""

    name: str
    playing: bool = False
    refused: str = ""


@dataclass(frozen=True, slots=True)
class SystemView:
    """The computer: temperature, load, memory in megabytes, and lines about it."""

    celsius: float | None = None
    load: float = 0.0
    memory_mb: float = 0.0
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TuneView:
    """The octave being tuned: its volts and code, how far it was moved, whether it sounds."""

    volts: float = 0.0
    code: int = 0
    cents: float = 0.0
    sounding: bool = False


@dataclass(frozen=True, slots=True)
class DisplaySnapshot:
    """Everything on the screen. `patch` is what was set, `playing` with what the CVs add."""

    page: Page
    item: Item
    editing: bool
    voice: int
    patch: Patch
    playing: Patch
    pattern: Pattern
    report: Report
    choices: Mapping[str, int]
    patterns: tuple[Pattern, ...] = (SILENCE,) * VOICES
    map: MapView = MapView()
    presets: tuple[bool, ...] = (False,) * PRESETS
    memories: tuple[MapSnapshot | None, ...] = (None,) * MEMORIES
    bundles: tuple[BundleView, ...] = ()
    faults: Mapping[str, FaultState] | None = None
    recorded: tuple[int, ...] = ()
    cv_volts: tuple[float, ...] = (0.0,) * 5
    input_volts: float = 0.0
    tuned: TuneView = TuneView()
    midi: tuple[str, ...] = ()
    system: SystemView = SystemView()
    findings: tuple[str, ...] = ()
    notice: str = ""
