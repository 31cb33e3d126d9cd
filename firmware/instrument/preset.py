"""The saved state of the module, and its 64 presets.

Both are JSON with a version, with parameters by name, so that a later firmware with more
parameters reads them: missing values are defaults, unknown or invalid ones are ignored.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from firmware.engine.knob_curve import AXES
from firmware.engine.pattern import STEPS
from firmware.engine.state import VOICES
from firmware.instrument.parameters import KEYS, Key, ParameterError, checked_value
from firmware.instrument.patch import DEFAULT_PATCH, Patch, reader

FORMAT = "exnihilo-state"
VERSION = 1
PRESETS = 64
MEMORIES = 8

MapPosition = tuple[float, float, float, float]
MapSnapshot = tuple[MapPosition, ...]
"""A position on the map for each voice."""

Rhythm = tuple[bool, ...]
"""The steps that sound, before length and rotation."""

_ONSET, _REST = "x-"
_READ_POSITION = tuple(reader(*(Key(axis, voice) for axis in AXES)) for voice in range(VOICES))


@dataclass(frozen=True, slots=True)
class State:
    """A patch, eight map snapshots (or None), the bundle's name, the voice and page shown.

    `rhythms` are what the voices play at their set positions, in a preset; else empty.
    """

    patch: Patch = DEFAULT_PATCH
    memories: tuple[MapSnapshot | None, ...] = (None,) * MEMORIES
    bundle: str = ""
    voice: int = 0
    page: int = 0
    rhythms: tuple[Rhythm, ...] = ()


class StateError(ValueError):
    """Bytes that are not a valid state."""


def state_bytes(state: State) -> bytes:
    """Return the JSON of a state or a preset."""
    document = {
        "format": FORMAT,
        "version": VERSION,
        "patch": _patch_document(state.patch),
        "memories": state.memories,
        "bundle": state.bundle,
        "voice": state.voice,
        "page": state.page,
        "rhythms": [_rhythm_text(rhythm) for rhythm in state.rhythms],
    }
    return (json.dumps(document, allow_nan=False) + "\n").encode()


def parse_state(data: bytes) -> State:
    """Read a state or a preset. Raises `StateError` or `ValueError`."""
    try:
        document = json.loads(data)
    except RecursionError:
        raise StateError("nested too deeply") from None
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise StateError("not a state of this instrument")
    if document.get("version") != VERSION:
        raise StateError(f"version {document.get('version')} is unknown")
    try:
        return State(
            patch=_patch(document["patch"]),
            memories=_memories(document["memories"]),
            bundle=str(document["bundle"])[:100],
            voice=min(max(int(document["voice"]), 0), VOICES - 1),
            page=max(int(document["page"]), 0),
            rhythms=_rhythms(document.get("rhythms", [])),
        )
    except (KeyError, TypeError, AttributeError, OverflowError) as error:
        raise StateError(f"malformed ({error!r})") from None


def map_position(patch: Patch, voice: int) -> MapPosition:
    """Return the position of a patch's voice on the map."""
    x, y, z, w = _READ_POSITION[voice](patch.values)
    return x, y, z, w


def _patch_document(patch: Patch) -> dict[str, dict[str, float]]:
    document: dict[str, dict[str, float]] = {}
    for key in KEYS:
        document.setdefault(key.name, {})[f"{key.voice + 1}.{key.place + 1}"] = patch[key]
    return document


def _patch(document: Mapping[str, Mapping[str, Any]]) -> Patch:
    values: dict[Key, float] = {}
    for name, row in document.items():
        for place, value in row.items():
            voice, _, index = place.partition(".")
            key = Key(name, int(voice) - 1, int(index) - 1)
            try:
                values[key] = checked_value(key, value)
            except ParameterError:
                continue
    return DEFAULT_PATCH.with_values(values)


def _memories(document: list[Any]) -> tuple[MapSnapshot | None, ...]:
    memories = tuple(None if memory is None else _memory(memory) for memory in document)
    if len(memories) != MEMORIES:
        raise StateError(f"{len(memories)} memories")
    return memories


def _rhythm_text(rhythm: Rhythm) -> str:
    return "".join(_ONSET if sounds else _REST for sounds in rhythm)


def _rhythms(document: list[str]) -> tuple[Rhythm, ...]:
    rhythms = tuple(tuple(step == _ONSET for step in text) for text in document)
    if len(rhythms) not in {0, VOICES} or any(len(rhythm) != STEPS for rhythm in rhythms):
        raise StateError("rhythms that are not 32 steps for each voice")
    return rhythms


def _memory(document: list[list[float]]) -> MapSnapshot:
    places = tuple((float(x), float(y), float(z), float(w)) for x, y, z, w in document)
    if len(places) != VOICES or not all(0 <= v <= 1 for place in places for v in place):
        raise StateError("a memory off the map")
    return places
