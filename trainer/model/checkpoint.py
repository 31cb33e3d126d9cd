"""What stays on the laptop beside a bundle: `training.npz`, to encode with and train on from.

The encoders, the float decoders, how they were trained, the patterns and the course of the
loss. The manifest does not name this file, so it is never pushed.
"""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from firmware.bundle.manifest import Manifest
from firmware.engine.pattern import STEPS
from firmware.errors import UserError
from trainer.data.dataset import ARRAYS, DAMAGE, Dataset, from_arrays
from trainer.model.fit import History, flat, unflat
from trainer.model.models import LATENT_KINDS, Array, Autoencoder
from trainer.model.train_step import Training

FILE = "training.npz"
VERSION = 1


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """The models of a bundle and how each was trained, and the patterns they learned."""

    models: tuple[Autoencoder, ...]
    trainings: tuple[Training, ...]
    dataset: Dataset


def pack(
    models: Sequence[Autoencoder],
    trainings: Sequence[Training],
    histories: Sequence[History],
    dataset: Dataset,
) -> bytes:
    """Give the bytes of `training.npz`, the same for the same content."""
    arrays: dict[str, NDArray[Any]] = {
        "version": np.array(VERSION),
        "loops": np.array(dataset.loops),
        "voices": np.array(len(models)),
        **{name: np.asarray(getattr(dataset, name)) for name in ARRAYS},
    }
    for voice, (model, training, history) in enumerate(
        zip(models, trainings, histories, strict=True)
    ):
        arrays[f"training_{voice}"] = np.array(json.dumps(asdict(training)))
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
    except DAMAGE as error:
        raise UserError(f"{path}: cannot be read ({error}); train again") from None


def kept_of(folder: Path, manifest: Manifest) -> Kept | None:
    """Read what lies beside a bundle that was read, if it is there.

    Raises `UserError` if it is damaged or another bundle's.
    """
    if not (folder / FILE).exists():
        return None
    kept = read_kept(folder)
    if [_layers(model) for model in kept.models] != [voice.layers for voice in manifest.voices]:
        raise UserError(f"{folder / FILE}: of another bundle; remove it, or train again")
    return kept


def _kept(stored: dict[str, NDArray[Any]]) -> Kept:
    dataset = from_arrays(stored)
    voices = range(int(stored["voices"]))
    trainings = [_training(stored, voice) for voice in voices]
    models = [_model(stored, voice, trainings[voice].latent_kind) for voice in voices]
    return Kept(tuple(models), tuple(trainings), dataset)


def _training(stored: dict[str, NDArray[Any]], voice: int) -> Training:
    if f"kind_{voice}" in stored:  # from before the settings were kept
        return Training(latent_kind=str(stored[f"kind_{voice}"]))
    training = Training(**json.loads(str(stored[f"training_{voice}"])))
    shares = np.array([training.l2, training.dropout, training.beta], float)
    if training.latent_kind not in LATENT_KINDS or not ((shares >= 0) & (shares < 1)).all():
        raise ValueError("the settings of its training are not ours")
    return training


def _model(stored: dict[str, NDArray[Any]], voice: int, latent_kind: str) -> Autoencoder:
    arrays: list[Array] = []
    while (name := f"weights_{voice}_{len(arrays)}") in stored:
        arrays.append(stored[name])
    model = unflat(latent_kind, arrays, int(stored[f"depth_{voice}"]))
    if not _holds_together(model):
        raise ValueError("the weights do not hold together")
    return model


def _holds_together(model: Autoencoder) -> bool:
    """Tell whether arrays are of the shapes and types that a trained autoencoder has."""
    sizes = [STEPS]
    for layer, (kernel, bias) in enumerate((*model.encoder, *model.decoder)):
        if layer == len(model.encoder) and model.latent_kind == "vae":
            sizes[-1] //= 2
        plain = kernel.dtype == bias.dtype == np.float32 and kernel.ndim == 2
        if not plain or bias.shape != (1, kernel.shape[1]) or kernel.shape[0] != sizes[-1]:
            return False
        sizes.append(kernel.shape[1])
    finite = all(np.isfinite(array).all() for array in flat(model))
    return finite and len(model.encoder) == len(model.decoder) and sizes[-1] % STEPS == 0


def _layers(model: Autoencoder) -> tuple[int, ...]:
    """Give the sizes of the whole autoencoder, as a manifest has them."""
    encoder = [len(kernel) for kernel, _ in model.encoder]
    return (*encoder, *(len(kernel) for kernel, _ in model.decoder), STEPS * model.heads)
