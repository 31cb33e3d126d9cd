"""Velocity and timing on top of a trained decoder, without another training.

The hidden layers know the map already, so each output of the further heads is one weighted
least-squares fit of its logits on the last hidden layer, over places all over the map.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trainer.model.feel import best_share, feel
from trainer.model.network import Array, Autoencoder, forward, latents_at
from trainer.model.rhythm import Matrix, Onsets

SILENT_WEIGHT = 0.1
"""What a step that does not sound counts beside one that does: a threshold may wake it."""

RIDGE = 1e-4
LIMITS = 0.02, 0.98
"""Outputs are kept off 0 and 1, where a logit has no end."""


@dataclass(frozen=True, slots=True, eq=False)
class Feel:
    """Loops (n, 32) and one of their values, 0..1, at each onset; the share that is kept."""

    onset: Onsets
    values: Matrix
    share: float


def learned_feel(onset: Onsets, values: Matrix) -> Feel:
    """Choose the share of feel that carries over to other loops."""
    return Feel(onset, values, best_share(onset, values))


def with_feel(model: Autoencoder, feels: tuple[Feel, ...], places: Matrix) -> Autoencoder:
    """Add a head of 32 outputs for each feel; `places` (m, 2) are where it is fitted."""
    latents = latents_at(places)
    hidden = np.maximum(forward(model.decoder[:-1], latents), 0)
    kernel, bias = model.decoder[-1]
    sounding = hidden @ kernel + bias > 0
    inputs = np.concatenate([hidden, np.ones((len(hidden), 1))], 1).astype(float)
    kernels, biases = [kernel], [bias]
    for one in feels:
        wanted = feel(sounding, one.onset, one.values, one.share)
        head = _fitted(inputs, np.clip(wanted, *LIMITS), sounding)
        kernels.append(head[:-1])
        biases.append(head[-1:])
    last = np.concatenate(kernels, 1), np.concatenate(biases, 1)
    return Autoencoder(model.latent_kind, model.encoder, (*model.decoder[:-1], last))


def _fitted(inputs: Matrix, wanted: Matrix, sounding: Onsets) -> Array:
    """Solve for kernel and bias (inputs, 32), weighted by the sigmoid's slope."""
    logits = np.log(wanted / (1 - wanted))
    weights = np.where(sounding, 1, SILENT_WEIGHT) * (wanted * (1 - wanted)) ** 2
    solved = [
        _solved(inputs, weight, logit)
        for weight, logit in zip(weights.T, logits.T, strict=True)
    ]
    return np.array(solved).T.astype(np.float32)


def _solved(inputs: Matrix, weights: Matrix, wanted: Matrix) -> Matrix:
    """Solve weighted least squares; the ridge is for units that are never on."""
    weighted = inputs * weights[:, None]
    normal = inputs.T @ weighted
    diagonal = np.diag_indices_from(normal)
    normal[diagonal] += RIDGE * (normal[diagonal] + normal[diagonal].mean())
    solved: Matrix = np.linalg.solve(normal, weighted.T @ wanted)
    return solved
