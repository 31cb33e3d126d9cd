"""The trainings of a project: bundles in its folder, and a person's names, stars and notes.

A bundle that `trainer train` wrote anywhere in the project's folder, or in `trainings/`, is
one. Names, stars and notes lie beside them in one file.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from firmware.bundle.bundle import read_manifest
from firmware.bundle.latent_map import SIZE
from firmware.bundle.manifest import MANIFEST, BundleError, Manifest
from firmware.errors import UserError
from firmware.storage.files import write_whole
from trainer.data.project_file import locked
from trainer.model.checkpoint import FILE, Candidate, read_checkpoint
from trainer.model.latent import classic, linear, to_latents, warped
from trainer.model.network import decode, encode
from trainer.model.sampling import square_grid
from trainer.model.structures import PAPER

FOLDER = "trainings"
NOTES = "trainings.json"
FORMAT, VERSION = "exnihilo trainings", 1
TEXT_MAX = 4000


@dataclass(frozen=True, slots=True)
class Remark:
    """The name, star and note that a person gave a training."""

    name: str = ""
    star: bool = False
    note: str = ""
    hidden: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Training:
    """A bundle of the project. key: by which pages name it; number: its place in the list."""

    key: str
    folder: Path
    label: str
    manifest: Manifest
    remark: Remark
    saved_ns: int


class Trainings:
    """The bundles in a project's folder; manifests are read once for each change."""

    def __init__(self, project: Path) -> None:
        self._project = project
        self._read: dict[Path, tuple[int, Manifest]] = {}
        self._lock = threading.Lock()
        self._given = 0

    def all(self) -> list[Training]:
        """Return all readable bundles, the latest first."""
        remarks = self._remarks()
        found = [self._training(folder, remarks) for folder in self._folders()]
        kept = [one for one in found if one is not None]
        return sorted(kept, key=lambda one: (one.saved_ns, one.label), reverse=True)

    def find(self, key: str) -> Training:
        """Return a training. Raises UserError if there is none of that key."""
        for one in self.all():
            if one.key == key:
                return one
        raise UserError("this training is no longer in the project")

    def next_folder(self) -> Path:
        """Return the folder of the next training; none is returned twice."""
        with self._lock:
            found = [int(path.name) for path in self._own().glob("*") if path.name.isdecimal()]
            # A training makes its folder only when it is finished.
            self._given = max(self._given, *found, 0) + 1
            return self._own() / str(self._given)

    def remark(self, key: str, changes: Mapping[str, Any]) -> Remark:
        """Change name, star, note or hidden of a training, and return all of it.

        Raises UserError for other things and other types.
        """
        training = self.find(key)
        with locked(self._project):
            remarks = self._remarks()
            label = training.label
            remarks[label] = _changed(remarks.get(label, Remark()), changes)
            content = {
                "format": FORMAT,
                "version": VERSION,
                "trainings": {name: asdict(one) for name, one in remarks.items()},
            }
            write_whole(self._project / NOTES, (json.dumps(content, indent=1) + "\n").encode())
            return remarks[label]

    def _own(self) -> Path:
        return self._project / FOLDER

    def _folders(self) -> list[Path]:
        places = (self._project, self._own())
        return [path.parent for place in places for path in place.glob(f"*/{MANIFEST}")]

    def _training(self, folder: Path, remarks: Mapping[str, Remark]) -> Training | None:
        if folder.is_symlink():
            return None
        label = folder.relative_to(self._project).as_posix()
        try:
            saved_ns = (folder / MANIFEST).stat().st_mtime_ns
            known = self._read.get(folder)
            manifest = known[1] if known and known[0] == saved_ns else read_manifest(folder)
        except (OSError, BundleError):
            return None
        self._read[folder] = saved_ns, manifest
        key = hashlib.sha256(label.encode()).hexdigest()[:16]
        remark = remarks.get(label, Remark())
        return Training(key, folder, label, manifest, remark, saved_ns)

    def _remarks(self) -> dict[str, Remark]:
        try:
            content = json.loads((self._project / NOTES).read_text("utf-8"))
            return {str(name): Remark(**one) for name, one in content["trainings"].items()}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
            raise UserError(f"{self._project / NOTES}: cannot be read ({error})") from error


def _changed(remark: Remark, changes: Mapping[str, Any]) -> Remark:
    types: dict[str, type] = {"name": str, "star": bool, "note": str, "hidden": bool}
    for what, value in changes.items():
        if what not in types or not isinstance(value, types[what]):
            raise UserError(f"{what}: a training has no such property")
        if isinstance(value, str) and len(value) > TEXT_MAX:
            raise UserError(f"{what}: too long")
    return replace(remark, **changes)


@dataclass(frozen=True, slots=True)
class Kept:
    """What lies beside a bundle: its loops' points and how many candidates each voice has."""

    points: tuple[tuple[tuple[str, float, float], ...], ...]
    candidates: tuple[int, ...]
    chosen: tuple[int, ...]


def kept_of(training: Training) -> Kept:
    """Return the named points of each voice, and its candidates; none for an imported kit."""
    if not (training.folder / FILE).is_file():
        points = tuple(
            tuple(("", x, y) for x, y in voice.training_points)
            for voice in training.manifest.voices
        )
        return Kept(points, (1,) * len(points), (0,) * len(points))
    kept = read_checkpoint(training.folder)
    counts = tuple(len(voice.candidates) for voice in kept.voices)
    chosen = tuple(voice.chosen for voice in kept.voices)
    return Kept(kept.named_points(), counts, chosen)


def candidate_map(training: Training, voice: int, number: int) -> bytes:
    """Return the map of a kept candidate: uint8, rows of Y, columns of X, 32 per output.

    Raises UserError where there is no such candidate.
    """
    kept = read_checkpoint(training.folder)
    if not (0 <= voice < len(kept.voices) and 0 <= number < len(kept.voices[voice].candidates)):
        raise UserError("this candidate was not kept")
    onset = kept.sets.of(voice).onset
    return _drawn(training, voice, kept.voices[voice].candidates[number], onset)


def _drawn(
    training: Training, voice: int, candidate: Candidate, onset: NDArray[np.bool_]
) -> bytes:
    described, model = training.manifest.voices[voice], candidate.model
    if described.mapping == "classic":
        knots = classic(PAPER[described.name].classic_range, model.latents)
    elif described.mapping == "linear":
        knots = linear(model.latents)
    else:
        knots = warped(encode(model, onset))
    outputs = decode(model, to_latents(square_grid(SIZE, model.latents), knots))
    return bytes(np.round(np.clip(outputs, 0, 1) * 255).astype(np.uint8))
