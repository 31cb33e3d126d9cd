"""What stays on the laptop beside a bundle: `training.npz`, to choose from and train on.

Every candidate's weights and figures, how they were trained, the patterns and where they lie.
The manifest does not name this file, so it is never pushed.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from firmware.bundle.manifest import Manifest
from firmware.engine.pattern import STEPS
from firmware.errors import UserError
from trainer.data.dataset import ARRAYS, DAMAGE, Dataset, from_arrays
from trainer.data.voice_sets import Rows, VoiceSets
from trainer.model.network import Array, Autoencoder, Layer

FILE = "training.npz"
VERSION = 3
LATENT_KINDS = ("linear", "relu", "vae")


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A trained model, the errors over its training, its figures, its rows' points (n, 2)."""

    model: Autoencoder
    errors: Array
    figures: Mapping[str, float]
    points: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class KeptVoice:
    """The candidates of one voice, best first, which one the bundle has, and its structure."""

    structure: str
    chosen: int
    candidates: tuple[Candidate, ...]

    @property
    def candidate(self) -> Candidate:
        """Give the one that the bundle has."""
        return self.candidates[self.chosen]


@dataclass(frozen=True, slots=True, eq=False)
class Checkpoint:
    """All that was ranked for a bundle, and the patterns that its voices were trained on."""

    voices: tuple[KeptVoice, ...]
    sets: VoiceSets

    @property
    def dataset(self) -> Dataset:
        """Give the patterns of all voices."""
        return self.sets.dataset

    def named_points(self) -> tuple[tuple[tuple[str, float, float], ...], ...]:
        """Give, for each voice, the name and the place on the map of every pattern."""
        named = []
        for number, voice in enumerate(self.voices):
            places = np.round(voice.candidate.points, 4).tolist()
            names = self.sets.of(number).names
            named.append(
                tuple((name, x, y) for name, (x, y) in zip(names, places, strict=True))
            )
        return tuple(named)


def pack(checkpoint: Checkpoint) -> bytes:
    """Give the bytes of `training.npz`, the same for the same content."""
    dataset = checkpoint.dataset
    arrays: dict[str, NDArray[Any]] = {
        "version": np.array(VERSION),
        "loops": np.array(dataset.loops),
        **{name: np.asarray(getattr(dataset, name)) for name in ARRAYS},
    }
    description = []
    for number, voice in enumerate(checkpoint.voices):
        arrays[f"rows_{number}"] = np.array(checkpoint.sets.rows[number], np.int64)
        entries = []
        for place, candidate in enumerate(voice.candidates):
            prefix = f"{number}_{place}"
            model = candidate.model
            for index, array in enumerate(flatten(model)):
                arrays[f"weights_{prefix}_{index}"] = array
            arrays[f"errors_{prefix}"] = candidate.errors
            arrays[f"points_{prefix}"] = candidate.points
            entries.append(
                {
                    "latent_kind": model.latent_kind,
                    "depth": len(model.encoder),
                    "figures": dict(candidate.figures),
                }
            )
        description.append(
            {"structure": voice.structure, "chosen": voice.chosen, "candidates": entries}
        )
    arrays["voices"] = np.array(json.dumps(description))
    packed = io.BytesIO()
    np.savez_compressed(packed, **arrays)
    return packed.getvalue()


def read_checkpoint(folder: Path) -> Checkpoint:
    """Read what lies beside a bundle. Raises `UserError` if it is missing or damaged."""
    path = folder / FILE
    try:
        with np.load(path, allow_pickle=False) as stored:
            return _checkpoint(dict(stored))
    except FileNotFoundError:
        raise UserError(
            f"{path}: no such file; only the folder that `trainer train` wrote has it"
        ) from None
    except DAMAGE as error:
        raise UserError(f"{path}: cannot be read ({error}); train again") from None


def checkpoint_of(folder: Path, manifest: Manifest) -> Checkpoint | None:
    """Read what lies beside a bundle that was read, if it is there.

    Raises `UserError` if it is damaged or belongs to another bundle.
    """
    if not (folder / FILE).exists():
        return None
    checkpoint = read_checkpoint(folder)
    kept = [voice.candidate.model.sizes for voice in checkpoint.voices]
    if kept != [voice.layers for voice in manifest.voices]:
        raise UserError(f"{folder / FILE}: of another kit; remove it, or train again")
    return checkpoint


def flatten(model: Autoencoder) -> list[Array]:
    """List a model's arrays: kernel and bias of each layer, the encoder's first."""
    return [array for layer in (*model.encoder, *model.decoder) for array in layer]


def _checkpoint(stored: dict[str, NDArray[Any]]) -> Checkpoint:
    dataset = from_arrays({**stored, "version": np.array(1)})
    version = int(stored["version"])
    if version > VERSION:
        raise ValueError(f"version {version} is newer than this trainer")
    if version == 1:
        voices = [_first_version(stored, number) for number in range(int(stored["voices"]))]
    else:
        listed = json.loads(str(stored["voices"]))
        voices = [_voice(stored, number, entry) for number, entry in enumerate(listed)]
    rows = tuple(_rows(stored, number, len(dataset)) for number in range(len(voices)))
    for voice, own in zip(voices, rows, strict=True):
        if any(candidate.points.shape != (len(own), 2) for candidate in voice.candidates):
            raise ValueError("the points of its loops are inconsistent")
    return Checkpoint(tuple(voices), VoiceSets(dataset, rows))


def _rows(stored: dict[str, NDArray[Any]], number: int, count: int) -> Rows:
    """Give the rows that a voice learned: all, in versions that did not tell them apart."""
    rows = stored.get(f"rows_{number}", np.arange(count))
    if rows.dtype.kind != "i" or rows.ndim != 1 or not np.isin(rows, np.arange(count)).all():
        raise ValueError("the rows of a voice are not among the patterns")
    return tuple(map(int, rows))


def _voice(stored: dict[str, NDArray[Any]], number: int, entry: Any) -> KeptVoice:
    candidates = []
    for place, kept in enumerate(entry["candidates"]):
        prefix = f"{number}_{place}"
        model = _model(stored, f"weights_{prefix}", kept["latent_kind"], int(kept["depth"]))
        points = stored[f"points_{prefix}"]
        if not np.isfinite(points).all():
            raise ValueError("the points of its loops are inconsistent")
        figures = {str(name): float(value) for name, value in kept["figures"].items()}
        candidates.append(Candidate(model, stored[f"errors_{prefix}"], figures, points))
    chosen = int(entry["chosen"])
    if not 0 <= chosen < len(candidates):
        raise ValueError("no candidate is chosen")
    return KeptVoice(str(entry["structure"]), chosen, tuple(candidates))


def _first_version(stored: dict[str, NDArray[Any]], number: int) -> KeptVoice:
    """Read a voice of the first version, which kept the chosen model only."""
    kind = (
        str(stored[f"kind_{number}"])
        if f"kind_{number}" in stored
        else str(json.loads(str(stored[f"training_{number}"]))["latent_kind"])
    )
    model = _model(stored, f"weights_{number}", kind, int(stored[f"depth_{number}"]))
    points = np.zeros((len(stored["names"]), 2))
    nothing = np.zeros(0, np.float32)
    return KeptVoice("", 0, (Candidate(model, nothing, {}, points),))


def _model(
    stored: dict[str, NDArray[Any]], prefix: str, latent_kind: str, depth: int
) -> Autoencoder:
    arrays: list[Array] = []
    while (name := f"{prefix}_{len(arrays)}") in stored:
        arrays.append(stored[name])
    layers: list[Layer] = list(zip(arrays[::2], arrays[1::2], strict=True))
    model = Autoencoder(latent_kind, tuple(layers[:depth]), tuple(layers[depth:]))
    if latent_kind not in LATENT_KINDS or not _holds_together(model):
        raise ValueError("the weights are inconsistent")
    return model


def _holds_together(model: Autoencoder) -> bool:
    """Tell whether arrays are of the shapes and types that a trained autoencoder has."""
    if not model.encoder or not model.decoder:
        return False
    sizes = [STEPS]
    for layer, (kernel, bias) in enumerate((*model.encoder, *model.decoder)):
        if layer == len(model.encoder) and model.latent_kind == "vae":
            sizes[-1] //= 2
        plain = kernel.dtype == bias.dtype == np.float32 and kernel.ndim == 2
        if not plain or bias.shape != (1, kernel.shape[1]) or kernel.shape[0] != sizes[-1]:
            return False
        sizes.append(kernel.shape[1])
    return all(np.isfinite(array).all() for array in flatten(model)) and not sizes[-1] % STEPS
