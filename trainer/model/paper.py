"""The paper's autoencoders, trained as it did: Keras, Adam, binary cross-entropy (section 3.3).

Needs the extra `paper`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from firmware.bundle.decoder import load_runtime
from firmware.engine.pattern import STEPS
from trainer.model.network import Array, Autoencoder
from trainer.model.rhythm import Onsets
from trainer.model.structures import PAPER

BATCH = 32


@dataclass(frozen=True, slots=True)
class PaperConfig:
    """How a structure is trained; `l2` and `dropout` as in the paper where None."""

    structure: str
    latents: int = 2
    latent_kind: str = "relu"
    epochs: int = 30
    l2: float | None = None
    dropout: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Epoch:
    """The share of the epochs that is done, the loss of the last, the weights so far."""

    share: float
    loss: float
    model: Autoencoder


def keras() -> Any:
    """Load Keras, after the TFLite runtime: the other way round every interpreter fails."""
    load_runtime()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
    import keras as module  # noqa: PLC0415 - an optional extra, and seconds

    return module


def train_paper(
    config: PaperConfig, onset: Onsets, seed: int, start: Autoencoder | None = None
) -> Iterator[Epoch]:
    """Train on patterns (n, 32); `start` continues from earlier weights of the same sizes."""
    module = keras()
    module.utils.set_random_seed(seed)
    encoder, network = _networks(module, config)
    if start is not None:
        layers = (*start.encoder, *start.decoder)
        network.set_weights([part for kernel, bias in layers for part in (kernel, bias[0])])
    network.compile("adam", "binary_crossentropy")
    patterns = onset.astype(np.float32)
    for epoch in range(1, config.epochs + 1):
        fitted = network.fit(patterns, patterns, batch_size=BATCH, epochs=1, verbose=0)
        loss = float(fitted.history["loss"][0])
        yield Epoch(epoch / config.epochs, loss, _model(config, encoder, network))


def _networks(module: Any, config: PaperConfig) -> tuple[Any, Any]:
    """Build the encoder and the whole autoencoder that contains it."""
    structure = PAPER[config.structure]
    l2 = structure.l2 if config.l2 is None else config.l2
    dropout = structure.dropout if config.dropout is None else config.dropout
    decay = module.regularizers.L2(l2) if l2 else None

    def dense(units: int, activation: str) -> Any:
        return module.layers.Dense(units, activation, kernel_regularizer=decay)

    def hidden(units: tuple[int, ...]) -> list[Any]:
        layers = []
        for count in units:
            layers.append(dense(count, "relu"))
            if dropout:
                layers.append(module.layers.Dropout(dropout))
        return layers

    latent = dense(config.latents, config.latent_kind)
    encoder = module.Sequential([module.Input((STEPS,)), *hidden(structure.hidden), latent])
    after = [module.layers.Dropout(dropout)] if dropout else []
    decoder = [*hidden(structure.hidden[::-1]), dense(STEPS, "sigmoid")]
    return encoder, module.Sequential([encoder, *after, *decoder])


def _model(config: PaperConfig, encoder: Any, network: Any) -> Autoencoder:
    arrays: list[Array] = [np.array(array) for array in network.get_weights()]
    layers = tuple(
        (kernel, bias[None]) for kernel, bias in zip(arrays[::2], arrays[1::2], strict=True)
    )
    depth = len(encoder.get_weights()) // 2
    return Autoencoder(config.latent_kind, layers[:depth], layers[depth:])
