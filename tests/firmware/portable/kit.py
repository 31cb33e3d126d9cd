"""A kit of the portable core, called through ctypes."""

import ctypes
from collections.abc import Sequence

from firmware.engine.pattern import STEPS, Pattern
from tests.firmware.portable.core import RefusedError


class PortableKit:
    """A manifest and models, read by the core."""

    def __init__(self, core: ctypes.CDLL, manifest: bytes) -> None:
        self._core = core
        for name in ("begin", "load", "name", "file"):
            getattr(core, f"exnihilo_kit_{name}").restype = ctypes.c_char_p
        self._memory = ctypes.create_string_buffer(core.exnihilo_kit_bytes())
        self._kit = ctypes.c_void_p(ctypes.addressof(self._memory))
        self._kept = [ctypes.create_string_buffer(manifest, max(len(manifest), 1))]
        self._check(core.exnihilo_kit_begin(self._kit, self._kept[0], len(manifest)))
        self.name = core.exnihilo_kit_name(self._kit).decode()
        count = core.exnihilo_kit_voices(self._kit)
        self.files = tuple(core.exnihilo_kit_file(self._kit, n).decode() for n in range(count))

    def load(self, voice: int, data: bytes) -> None:
        buffer, scratch = (
            ctypes.create_string_buffer(given, max(len(data), 1)) for given in (data, b"")
        )
        self._kept.append(buffer)
        self._check(self._core.exnihilo_kit_load(self._kit, voice, buffer, len(data), scratch))

    def decode(self, voice: int, position: Sequence[float]) -> Pattern:
        given = (ctypes.c_double * len(position))(*position)
        values = (ctypes.c_double * (3 * STEPS))()
        self._core.exnihilo_kit_decode(self._kit, voice, given, values)
        heads = [tuple(values[head * STEPS : (head + 1) * STEPS]) for head in range(3)]
        return Pattern(*heads)

    @staticmethod
    def _check(reason: bytes | None) -> None:
        if reason is not None:
            raise RefusedError(reason.decode())
