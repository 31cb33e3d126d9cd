"""The manifest of a bundle, checked before anything in it is used.

Its published form is `bundle.schema.json`.
"""

import hashlib
import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from itertools import pairwise
from typing import Any

from firmware.engine.pattern import STEPS
from firmware.errors import UserError
from firmware.storage.strict_json import strict_json

FORMAT = "exnihilo-bundle"
VERSION = 1
MANIFEST = "manifest.json"
MANIFEST_BYTES_MAX = 4 << 20
VALUES_MAX = 400_000


class BundleError(UserError, ValueError):
    """A bundle that cannot be played, and the reason."""


OPTIONAL = ("axes", "training_set")
"""Fields of a voice that the first kits did not have."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file of the bundle: its name, its SHA-256 in hex, its size in bytes."""

    file: str
    sha256: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class CheckPoint:
    """A knob position (0..1 per latent) and the decoder's raw outputs there."""

    position: tuple[float, ...]
    expected: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Axis:
    """What grows along a knob, and what its ends are called."""

    name: str
    low: str
    high: str


@dataclass(frozen=True, slots=True)
class TrainingSet:
    """Which loops a voice was trained on.

    `sources` are the names of folders, datasets, projects or an earlier bundle;
    `project_revisions` has the revision of each project among them, by name.
    """

    sources: tuple[str, ...]
    loops: int
    patterns: int
    project_revisions: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class VoiceModel:
    """One trained decoder and its knob curves.

    `layers` are the sizes of the whole autoencoder, the latent included. `outputs` name the
    heads in the order of the output tensor, `STEPS` values each; all are 0..1, and `offset` is
    the micro-timing plus one half. `latent_range` is the trained (low, high) per latent.
    `warp` holds, per latent, its values at evenly spaced knob positions from 0 to 1.
    `training_points` are the training patterns on the map, in knob positions. `axes` say what X
    and Y mean; empty where they mean something else in every training. `training_set` is None
    in bundles that do not say what their voices were trained on.
    """

    name: str
    layers: tuple[int, ...]
    latent_kind: str
    file: str
    sha256: str
    size_bytes: int
    quantisation: str
    outputs: tuple[str, ...]
    latent_range: tuple[tuple[float, float], ...]
    mapping: str
    warp: tuple[tuple[float, ...], ...]
    training_points: tuple[tuple[float, float], ...]
    metrics: Mapping[str, float]
    tolerance: float
    check_points: tuple[CheckPoint, ...]
    axes: tuple[Axis, ...] = ()
    training_set: TrainingSet | None = None

    @property
    def latents(self) -> int:
        """How many values drive the decoder: two, X and Y, unless trained with more."""
        return len(self.warp)


@dataclass(frozen=True, slots=True)
class Manifest:
    """The manifest of a bundle."""

    name: str
    created: str
    trainer_version: str
    seed: int
    loops: int
    patterns: int
    voices: tuple[VoiceModel, ...]
    extras: tuple[StoredFile, ...] = ()
    format: str = FORMAT
    version: int = VERSION

    @property
    def stored(self) -> tuple[StoredFile | VoiceModel, ...]:
        """The files beside the manifest, in the order in which they are sent."""
        return (*self.voices, *self.extras)


def parse_manifest(data: bytes, where: str = MANIFEST, *, verified: bool = False) -> Manifest:
    """Check a manifest's bytes against the schema and its own arithmetic.

    Those of a verified bundle are parsed alone: making the validator takes as long as all the
    rest of the module's start. Raises `BundleError`, beginning with `where`.
    """
    try:
        document = strict_json(data, VALUES_MAX)
    except ValueError as error:
        raise BundleError(f"{where}: not JSON ({error}); train or copy it again") from None
    if verified:
        return _manifest(document)
    _check_version(document, where)
    _check_schema(document, where)
    manifest = _manifest(document)
    _check_sense(manifest, where)
    return manifest


def manifest_bytes(manifest: Manifest) -> bytes:
    """Return the JSON of a manifest, the same bytes for the same manifest.

    What a voice leaves open is left out, so that manifests from before these fields were added
    keep their bytes.
    """
    document = asdict(manifest)
    for voice in document["voices"]:
        for name in OPTIONAL:
            if not voice[name]:
                del voice[name]
    return (json.dumps(document, indent=1, allow_nan=False) + "\n").encode()


def stored_file(name: str, data: bytes) -> StoredFile:
    """Describe a file by its name and bytes."""
    return StoredFile(name, hashlib.sha256(data).hexdigest(), len(data))


def schema() -> dict[str, Any]:
    """Return the published JSON schema of the manifest."""
    from importlib.resources import files  # noqa: PLC0415 - see _validator

    text = files("firmware.bundle").joinpath("bundle.schema.json").read_text("utf-8")
    document: dict[str, Any] = json.loads(text)
    return document


@cache
def _validator() -> Any:
    import fastjsonschema  # noqa: PLC0415 - half of the start-up time, and only bundles need it

    return fastjsonschema.compile(schema())


def _check_version(document: object, where: str) -> None:
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise BundleError(f"{where}: not the manifest of an Ex Nihilo kit")
    version = document.get("version")
    if isinstance(version, int) and version > VERSION:
        raise BundleError(
            f"{where}: version {version}, and this firmware reads up to {VERSION}; upgrade it"
        )


def _check_schema(document: object, where: str) -> None:
    import fastjsonschema  # noqa: PLC0415 - see _validator

    try:
        _validator()(document)
    except fastjsonschema.JsonSchemaValueException as error:
        reason = re.sub(r"\bdata\b\.?", "", error.message, count=1).strip()
        raise BundleError(f"{where}: {reason[:200]}") from None


def _manifest(document: dict[str, Any]) -> Manifest:
    voices = tuple(_voice(voice) for voice in document["voices"])
    extras = tuple(StoredFile(**extra) for extra in document["extras"])
    return Manifest(**{**document, "voices": voices, "extras": extras})


def _voice(document: dict[str, Any]) -> VoiceModel:
    points = tuple(
        CheckPoint(tuple(point["position"]), tuple(point["expected"]))
        for point in document["check_points"]
    )
    nested = {
        key: tuple(map(tuple, document[key]))
        for key in ("latent_range", "warp", "training_points")
    }
    flat = {key: tuple(document[key]) for key in ("layers", "outputs")}
    axes = tuple(Axis(**axis) for axis in document.get("axes", ()))
    built = {
        "check_points": points,
        "axes": axes,
        "training_set": _training_set(document.get("training_set")),
    }
    return VoiceModel(**{**document, **flat, **nested, **built})


def _training_set(document: dict[str, Any] | None) -> TrainingSet | None:
    if document is None:
        return None
    return TrainingSet(**{**document, "sources": tuple(document["sources"])})


def _check_sense(manifest: Manifest, where: str) -> None:
    """Check what a schema cannot express: lengths that must agree, finite and rising knots."""
    names = [voice.file for voice in manifest.voices] + [e.file for e in manifest.extras]
    if len(set(names)) != len(names):
        raise BundleError(f"{where}: two entries name the same file")
    for voice in manifest.voices:
        reason = _nonsense(voice)
        if reason:
            raise BundleError(f"{where}: voice {voice.name}: {reason}")


def _nonsense(voice: VoiceModel) -> str | None:
    width = STEPS * len(voice.outputs)
    if not voice.file.endswith(".tflite"):
        return f"{voice.file} is not a .tflite file"
    if len(voice.latent_range) != voice.latents or min(voice.layers) != voice.latents:
        return "layers, latent_range and warp disagree about the number of latents"
    if not all(map(_rises, voice.warp)) or not all(map(_rises, voice.latent_range)):
        return "a warp or latent range does not rise"
    if any(len(point.position) != voice.latents for point in voice.check_points):
        return "a check point has the wrong number of positions"
    if any(len(point.expected) != width for point in voice.check_points):
        return f"a check point does not hold {width} outputs"
    return None


def _rises(values: Sequence[float]) -> bool:
    finite = all(map(math.isfinite, values))
    return finite and all(a < b for a, b in pairwise(values))
