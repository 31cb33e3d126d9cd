"""What plays a kit in a browser: the portable core, its sequencer and sound, in one file each.

The studio serves these files; a kit's report has them inside it.
"""

from __future__ import annotations

import base64
import gzip
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from importlib.resources import files

from firmware.bundle.manifest import Manifest, manifest_bytes

FOLDER = files(__package__)
SHARED = ("patch", "core", "synth")
"""What page and audio thread both need, in the order in which they need each other."""

OWN = ("dom", "map-drawing", "player")
AUDIO = ("processor",)
CHECK_POINTS = 16
"""As many as a reader of kits asks for."""

Points = Sequence[Sequence[tuple[str, float, float]]]
"""For each voice the name and the place of every loop."""

_IMPORT = re.compile(r'^import \{[^}]*\} from "[^"]+";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export ", re.MULTILINE)


def core() -> bytes:
    """Return the portable core as WebAssembly."""
    return (files("firmware") / "portable" / "exnihilo.wasm").read_bytes()


def text(name: str) -> str:
    """Return a file of this folder."""
    return (FOLDER / name).read_text("utf-8")


def script(names: Sequence[str]) -> str:
    """Return modules as one script, in which each sees what those before it declare."""
    parts = (_EXPORT.sub("", _IMPORT.sub("", text(f"{name}.js"))) for name in names)
    return "\n".join(parts)


def packed(manifest: Manifest, models: Sequence[bytes], points: Points) -> str:
    """Return all that plays a kit in base64, as report.js reads it.

    Compressed: the size of a JSON head in four bytes, the head ({sizes, points}), the core, the
    manifest and the models. The figures stand in the page itself and are left out.
    """
    voices = tuple(
        replace(voice, metrics={}, check_points=voice.check_points[:CHECK_POINTS])
        for voice in manifest.voices
    )
    parts = [core(), manifest_bytes(replace(manifest, voices=voices, extras=())), *models]
    head = {"sizes": [len(part) for part in parts], "points": points}
    packed_head = json.dumps(head, separators=(",", ":")).encode()
    data = len(packed_head).to_bytes(4, "little") + packed_head + b"".join(parts)
    return base64.b64encode(gzip.compress(data, mtime=0)).decode()
