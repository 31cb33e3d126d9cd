"""What stays on the laptop beside a bundle: `training.npz`, to encode with and train on from.

The encoders, the float decoders, the patterns and the course of the loss. The manifest does
not name this file, so it is never pushed.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from firmware.errors import UserError
from trainer.dataset import Dataset
from trainer.models import Array, Autoencoder
from trainer.population import History, flat, unflat

FILE = "training.npz"
VERSION = 1
_ROWS = ("onset", "velocity", "offset", "names", "bpm")


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """The models of a bundle, one per voice, and the patterns they learned."""

    models: tuple[Autoencoder, ...]
    dataset: Dataset


def pack(
    models: Sequence[Autoencoder], histories: Sequence[History], dataset: Dataset
) -> bytes:
    """Give the bytes of `training.npz`, the same for the same content."""
    arrays: dict[str, NDArray[Any]] = {
        "version": np.array(VERSION),
        "loops": np.array(dataset.loops),
        "voices": np.array(len(models)),
        **{name: np.asarray(getattr(dataset, name)) for name in _ROWS},
    }
    for voice, (model, history) in enumerate(zip(models, histories, strict=True)):
        arrays[f"kind_{voice}"] = np.array(model.latent_kind)
        arrays[f"depth_{voice}"] = np.array(len(model.encoder))
        arrays[f"loss_{voice}"] = history.loss
        arrays[f"held_back_loss_{voice}"] = history.held_back_loss
        for index, array in enumerate(flat(model)):
            arrays[f"weights_{voice}_{index}"] = array
    packed = io.BytesIO()
    np.savez_compressed(packed, **arrays)
    return packed.getvalue()


def read_kept(folder: Path) -> Kept:
    """Read what lies beside a bundle. Raises `UserError` if it is not there or not ours."""
    path = folder / FILE
    try:
        with np.load(path, allow_pickle=False) as stored:
            return _kept(dict(stored))
    except FileNotFoundError:
        raise UserError(
            f"{path}: no such file; only the folder that `trainer train` wrote has it"
        ) from None
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise UserError(f"{path}: cannot be read ({error}); train again") from None


def _kept(stored: dict[str, NDArray[Any]]) -> Kept:
    if int(stored["version"]) > VERSION:
        raise ValueError("it is of a later version")
    models = tuple(_model(stored, voice) for voice in range(int(stored["voices"])))
    dataset = Dataset(
        onset=stored["onset"],
        velocity=stored["velocity"],
        offset=stored["offset"],
        names=tuple(map(str, stored["names"])),
        bpm=stored["bpm"],
        loops=int(stored["loops"]),
    )
    return Kept(models, dataset)


def _model(stored: dict[str, NDArray[Any]], voice: int) -> Autoencoder:
    arrays: list[Array] = []
    while (name := f"weights_{voice}_{len(arrays)}") in stored:
        arrays.append(stored[name])
    return unflat(str(stored[f"kind_{voice}"]), arrays, int(stored[f"depth_{voice}"]))
