"""The Rack module without Rack, built with g++ and called through ctypes."""

import ctypes
import subprocess
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from firmware.engine.pattern import STEPS
from pd.vcv.plugin_parameters import keys
from tests.firmware.portable.core import FLAGS, SOURCES

HERE = Path(__file__).parent
PLUGIN = Path(__file__).parents[3] / "pd" / "vcv" / "plugin" / "src"
WITHOUT_RACK = (
    "controls.cpp",
    "kit_files.cpp",
    "kit_loader.cpp",
    "loaded_kit.cpp",
    "performer.cpp",
)
AUDIO_THREAD = ("controls.cpp", "performer.cpp")
INCLUDES = (f"-I{PLUGIN}", f"-I{SOURCES}")
WARNINGS = tuple(flag for flag in FLAGS if flag.startswith("-W") or flag == "-pedantic")
OPTIMISED = ("-std=c++17", "-O2", "-ffp-contract=off", *WARNINGS)
CLOCK, RESET, RUN = 5, 6, 7
"""Columns of the inputs after the five CVs."""
KEYS = tuple(keys())
MAP_SIZE = 32

Frames = NDArray[np.float32]


def build(main: str, target: Path, *flags: str) -> Path:
    sources = (HERE / main, *(PLUGIN / name for name in WITHOUT_RACK), *SOURCES.glob("*.cpp"))
    command = ["g++", *flags, *INCLUDES, *map(str, sources), "-o", str(target), "-pthread"]
    subprocess.run(command, check=True)
    return target


def load(library: Path) -> ctypes.CDLL:
    plugin = ctypes.CDLL(str(library))
    plugin.host_new.restype = ctypes.c_void_p
    plugin.host_process.restype = ctypes.c_int64
    for name in ("load", "kit"):
        getattr(plugin, f"host_{name}").restype = ctypes.c_char_p
    plugin.host_map.restype = ctypes.POINTER(ctypes.c_uint8)
    plugin.host_save.restype = ctypes.c_bool
    return plugin


class Host:
    """One module."""

    def __init__(self, plugin: ctypes.CDLL, rate_hz: float = 48_000) -> None:
        self._plugin = plugin
        self._host = ctypes.c_void_p(plugin.host_new(ctypes.c_double(rate_hz)))
        self.rate_hz = rate_hz
        self.allocations = 0

    def close(self) -> None:
        self._plugin.host_delete(self._host)

    def load(self, folder: Path) -> str:
        reason: bytes = self._plugin.host_load(self._host, str(folder).encode())
        return reason.decode()

    def follow(self, home: Path) -> None:
        self._plugin.host_follow(self._host, str(home).encode())

    def save(self, folder: Path) -> bool:
        return bool(self._plugin.host_save(self._host, str(folder).encode()))

    @property
    def kit(self) -> str:
        name: bytes = self._plugin.host_kit(self._host)
        return name.decode()

    def loops(self, voice: int) -> int:
        return int(self._plugin.host_loops(self._host, voice))

    def map(self, voice: int) -> NDArray[np.uint8]:
        cells = self._plugin.host_map(self._host, voice)
        return np.ctypeslib.as_array(cells, (MAP_SIZE, MAP_SIZE, STEPS)).copy()

    @property
    def selected(self) -> int:
        return int(self._plugin.host_selected(self._host))

    def select(self, voice: int) -> None:
        self._plugin.host_select(self._host, voice)

    def step(self, voice: int) -> int:
        return int(self._plugin.host_step(self._host, voice))

    def onset(self, voice: int) -> list[float]:
        onset = (ctypes.c_float * STEPS)()
        self._plugin.host_onset(self._host, voice, onset)
        return list(onset)

    def process(
        self, parameters: Sequence[float], inputs: Frames, *, run_is_patched: bool = False
    ) -> Frames:
        given = np.ascontiguousarray(inputs, np.float32)
        outputs = np.zeros((len(given), 13), np.float32)
        self.allocations += self._plugin.host_process(
            self._host,
            (ctypes.c_float * len(KEYS))(*parameters),
            given.ctypes.data_as(ctypes.c_void_p),
            ctypes.c_bool(run_is_patched),
            len(given),
            outputs.ctypes.data_as(ctypes.c_void_p),
        )
        return outputs
