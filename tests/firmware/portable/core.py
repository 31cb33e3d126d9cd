"""The portable core, built with g++ and called through ctypes."""

import ctypes
import hashlib
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path
from struct import Struct
from typing import Any, NamedTuple

from firmware.engine.output_event import OutputEvent
from firmware.engine.state import EngineState, VoiceState
from firmware.engine.voice import Levels

SOURCES = Path(__file__).parents[3] / "firmware" / "portable"
FLAGS = (
    *("-std=c++17", "-O2", "-fno-exceptions", "-fno-rtti", "-ffp-contract=off"),
    *("-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-pedantic", "-Werror"),
)
SANITIZERS = (
    "-std=c++17",
    "-O1",
    "-g",
    "-fsanitize=address,undefined",
    "-fno-sanitize-recover",
)
NEVER = -(2**63)

_VOICE = Struct("<103d18i")
_STATE = Struct("<2d2iI11i")
_OUTPUT = Struct("<q4d3i4s")
LEVELS, MIDI, CLOCK_OUT = range(3)


def build(folder: Path) -> Path:
    """Build the core as a shared library, unless this very source has been built there."""
    sources = sorted(SOURCES.glob("*.cpp"))
    texts = b"".join(path.read_bytes() for path in sorted(SOURCES.glob("*.[hc]*")))
    library = folder / f"core-{hashlib.sha256(texts).hexdigest()[:16]}.so"
    if not library.exists():
        part = library.with_suffix(".part")
        command = ["g++", *FLAGS, "-shared", "-fPIC", *map(str, sources), "-o", str(part)]
        subprocess.run(command, check=True)
        part.rename(library)
    return library


def build_program(main: Path, folder: Path, flags: tuple[str, ...] = FLAGS) -> Path:
    """Build a program of the core and a `main` of the tests."""
    program = folder / main.stem
    sources = (main, *sorted(SOURCES.glob("*.cpp")))
    subprocess.run(
        ["g++", *flags, f"-I{SOURCES}", *map(str, sources), "-o", str(program)], check=True
    )
    return program


def load(library: Path) -> ctypes.CDLL:
    core = ctypes.CDLL(str(library))
    for name in ("next_deadline_ns", "milli_bpm", "tick", "dropped"):
        getattr(core, f"exnihilo_engine_{name}").restype = ctypes.c_int64
    core.exnihilo_engine_outputs.restype = ctypes.c_void_p
    return core


class Written(NamedTuple):
    """What an engine wrote, in plain numbers."""

    time_ns: int
    voice: int
    content: tuple[float, ...] | bytes | bool


class PortableEngine:
    """The engine of the core, with the names of its twin."""

    def __init__(self, core: ctypes.CDLL) -> None:
        self._core = core
        self._memory = ctypes.create_string_buffer(core.exnihilo_engine_bytes())
        self._engine = ctypes.c_void_p(ctypes.addressof(self._memory))
        core.exnihilo_engine_begin(self._engine)

    def set_state(self, state: EngineState, now_ns: int) -> None:
        self.set_bytes(state_bytes(state), now_ns)

    def set_bytes(self, state: bytes, now_ns: int) -> None:
        self._core.exnihilo_engine_set_state(self._engine, state, ctypes.c_int64(now_ns))

    def pulse(self, time_ns: int) -> None:
        self._core.exnihilo_engine_pulse(self._engine, ctypes.c_int64(time_ns))

    def reset(self, time_ns: int) -> None:
        self._core.exnihilo_engine_reset(self._engine, ctypes.c_int64(time_ns))

    def panic(self, now_ns: int) -> list[Written]:
        count = self._core.exnihilo_engine_panic(self._engine, ctypes.c_int64(now_ns))
        return list(self._written(count))

    def advance(self, now_ns: int) -> list[Written]:
        written: list[Written] = []
        while True:
            count = self._core.exnihilo_engine_advance(self._engine, ctypes.c_int64(now_ns))
            written += self._written(count)
            if not self.get("full"):
                return written

    @property
    def next_deadline_ns(self) -> int | None:
        deadline_ns = self.get("next_deadline_ns")
        return None if deadline_ns == NEVER else deadline_ns

    def get(self, name: str, *more: int) -> int:
        value: int = getattr(self._core, f"exnihilo_engine_{name}")(self._engine, *more)
        return value

    def _written(self, count: int) -> Iterator[Written]:
        if not count:
            return iter(())
        at = self._core.exnihilo_engine_outputs(self._engine)
        return read_outputs(ctypes.string_at(at, count * _OUTPUT.size))


def read_outputs(data: bytes) -> Iterator[Written]:
    """Read outputs as the core lays them out."""
    for time_ns, *volts, voice, kind, size, message in _OUTPUT.iter_unpack(data):
        content: Any = tuple(volts) if kind == LEVELS else message[:size]
        yield Written(time_ns, voice, bool(message[0]) if kind == CLOCK_OUT else content)


def written(event: OutputEvent) -> Written:
    """Return what an event writes as the portable engine does."""
    content: Any = event.content
    return Written(
        event.time_ns, event.voice, tuple(content) if isinstance(content, Levels) else content
    )


def state_bytes(state: EngineState) -> bytes:
    """Lay a state out as the core wants it."""
    return b"".join(map(_voice_bytes, state.voices)) + _STATE.pack(
        state.swing,
        state.chaos,
        state.running,
        state.milli_bpm,
        state.seed,
        state.freeze,
        state.quantum,
        state.scale,
        state.root,
        state.recall,
        state.clock_source,
        state.clock_in_ppqn,
        state.clock_out,
        state.clock_out_ppqn,
        state.freewheel,
        state.reset_at_once,
    )


def _voice_bytes(voice: VoiceState) -> bytes:
    return _VOICE.pack(
        *voice.pattern.onset,
        *voice.pattern.velocity,
        *voice.pattern.offset,
        voice.threshold,
        voice.groove,
        voice.probability,
        voice.ratchet_chance,
        voice.accent,
        voice.gate,
        voice.fill,
        voice.gate_mode,
        voice.length,
        voice.rotation,
        voice.division,
        voice.ratchet,
        voice.mute,
        voice.advance_by_gate,
        voice.slides,
        voice.transpose,
        *voice.pitches,
        voice.moves,
    )


class RefusedError(ValueError):
    """A decoder file that the core refuses, and its reason."""


class PortableDecoder:
    """The decoder of the core."""

    QUANTISATIONS = ("int16x8", "weight-only", "float32")

    def __init__(self, core: ctypes.CDLL, data: bytes) -> None:
        self._core = core
        self._data = ctypes.create_string_buffer(data, len(data))
        self._memory = ctypes.create_string_buffer(core.exnihilo_model_bytes())
        self._model = ctypes.c_void_p(ctypes.addressof(self._memory))
        scratch = ctypes.create_string_buffer(max(len(data), 1))
        begin = core.exnihilo_model_begin
        begin.restype = ctypes.c_char_p
        reason = begin(self._model, self._data, len(data), scratch)
        if reason is not None:
            raise RefusedError(reason.decode())
        self.latents: int = core.exnihilo_model_latents(self._model)
        self.width: int = core.exnihilo_model_width(self._model)
        self.quantisation = self.QUANTISATIONS[core.exnihilo_model_quantisation(self._model)]
        self._inputs = (ctypes.c_double * self.latents)()
        self._outputs = (ctypes.c_float * self.width)()

    def run(self, latents: Iterable[float]) -> list[float]:
        self._inputs[:] = list(latents)
        self._core.exnihilo_model_run(self._model, self._inputs, self._outputs)
        return list(self._outputs)
