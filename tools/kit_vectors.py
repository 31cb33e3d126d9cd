"""The test vectors of the kit format, made from a kit that was trained for the tests."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from firmware.bundle.bundle import read_bundle
from firmware.bundle.decoder import Decoder, load_decoders
from firmware.bundle.manifest import MANIFEST, Manifest, manifest_bytes, schema
from firmware.engine.knob_curve import latent_at

KIT = Path(__file__).parents[1] / "tests" / "data" / "bundle"
FOLDER = "reference/kit-vectors"
THRESHOLDS = (0.3, 0.5, 0.7)
POSITIONS = (
    *((x / 4, y / 4) for y in range(5) for x in range(5)),
    *((0.1, 0.77), (0.345, 0.012), (0.999, 0.501)),
)
"""A grid, whose points are knots of most knob curves, and some between the knots."""
OUTSIDE = ((-0.2, 0.5), (0.5, 1.3))
REFUSED: tuple[tuple[tuple[str | int, ...], Any, str], ...] = (
    (("format",), "other", "the format is another one"),
    (("version",), 2, "the version is above 1"),
    (("voices",), [], "there is no voice"),
    (("surprise",), 1, "the schema has no such key"),
    (("voices", 0, "file"), "../voice1.tflite", "a file is outside the folder"),
    (("voices", 0, "sha256"), "0" * 64, "the hash differs"),
    (("voices", 0, "size_bytes"), 1, "the size differs"),
    (("voices", 0, "outputs"), ["velocity"], "the heads are not in their order"),
    (("voices", 0, "warp", 0), [1.0, 0.0], "the warp does not rise"),
    (("voices", 0, "check_points", 0, "expected"), [0.5] * 32, "outputs are missing"),
    (("voices", 0, "tolerance"), 0.5, "the tolerance is too large"),
)
"""Paths of keys, the values to put there, and why a player must refuse the manifest then."""


def generated() -> Iterator[tuple[str, bytes]]:
    """Yield the path below `docs/` and the content of each file."""
    bundle = read_bundle(KIT)
    voice = bundle.manifest.voices[0]
    manifest = replace(bundle.manifest, name="vectors", voices=(voice,), extras=())
    decoder = load_decoders(replace(bundle, manifest=manifest, models=bundle.models[:1]))[0]
    yield f"{FOLDER}/{MANIFEST}", manifest_bytes(manifest)
    yield f"{FOLDER}/{voice.file}", bundle.models[0]
    yield f"{FOLDER}/vectors.json", _json(vectors(manifest, decoder))
    yield "schemas/kit-manifest.json", _json(schema())


def vectors(manifest: Manifest, decoder: Decoder) -> dict[str, Any]:
    """Return what the decoder computes, and what is to be refused."""
    warp = manifest.voices[0].warp
    return {
        "knobs": [
            {"position": one, "latents": [*map(latent_at, one, warp)]}
            for one in (*POSITIONS, *OUTSIDE)
        ],
        "patterns": [_pattern(decoder, one) for one in POSITIONS],
        "refused": [
            {"path": path, "value": value, "reason": why} for path, value, why in REFUSED
        ],
    }


def changed(document: Any, path: tuple[str | int, ...], value: Any) -> Any:
    """Return a JSON document in which one value was replaced, or added."""
    head, *rest = path
    inner = changed(document[head], tuple(rest), value) if rest else value
    if isinstance(document, Mapping):
        return {**document, head: inner}
    return [inner if at == head else one for at, one in enumerate(document)]


def _pattern(decoder: Decoder, position: tuple[float, float]) -> dict[str, Any]:
    pattern = decoder.decode(position)
    return {
        "position": position,
        "outputs": [round(float(value), 6) for value in decoder.outputs(position)],
        "sounding": {
            str(threshold): "".join("-x"[on] for on in pattern.sounding(threshold))
            for threshold in THRESHOLDS
        },
    }


def _json(document: Any) -> bytes:
    return (json.dumps(document, indent=1) + "\n").encode()
