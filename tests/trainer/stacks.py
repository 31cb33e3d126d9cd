"""Candidates made by hand, in the place of trained ones."""

import numpy as np

from trainer.export.voices import Voice
from trainer.model.fit import History
from trainer.model.models import STRUCTURES, Array, Autoencoder, Layer, initial


def stack_of(candidates: int, structure: str = "prototype", seed: int = 0) -> Autoencoder:
    """Make candidates with maps of many patterns, all of whose latents live."""
    rng = np.random.default_rng(seed)
    stack = initial(STRUCTURES[structure].layers(2, 1), "vae", candidates, rng)
    decoder = tuple(
        (kernel * 2, rng.normal(0, 0.5, bias.shape).astype(np.float32))
        for kernel, bias in stack.decoder
    )
    return Autoencoder(stack.latent_kind, stack.encoder, decoder)


def louder(stack: Autoencoder, factors: Array) -> Autoencoder:
    """Multiply the means (candidates, latents); 0 makes a latent dead."""
    kernel, bias = stack.encoder[-1]
    both = np.concatenate([factors, np.ones_like(factors)], 1).astype(np.float32)[:, None]
    encoder = (*stack.encoder[:-1], (kernel * both, bias * both))
    return Autoencoder(stack.latent_kind, encoder, stack.decoder)


def uneven(stack: Autoencoder, seed: int = 0) -> Autoencoder:
    """Make the same decoders with hidden units of any loudness."""
    rng = np.random.default_rng(seed)
    layers: list[Layer] = list(stack.decoder)
    for place in range(len(layers) - 1):
        (kernel, bias), (behind, behind_bias) = layers[place : place + 2]
        loudness = np.exp(rng.uniform(-2, 2, bias.shape)).astype(np.float32)
        layers[place] = (kernel * loudness, bias * loudness)
        layers[place + 1] = (behind / loudness.transpose(0, 2, 1), behind_bias)
    return Autoencoder(stack.latent_kind, stack.encoder, tuple(layers))


def history_of(stack: Autoencoder) -> History:
    """Give the course of a training that never took place."""
    return History(np.ones((2, candidates_of(stack)), np.float32), np.zeros(0, np.float32))


def candidates_of(stack: Autoencoder) -> int:
    """Count the candidates of a stack."""
    return len(stack.encoder[0][0])


def candidate_of(model: Autoencoder, stack: Autoencoder) -> int:
    """Tell which candidate of a stack a model is, by the layer that hears the pattern."""
    same = (stack.encoder[0][0] == model.encoder[0][0]).all((1, 2))
    (index,) = np.flatnonzero(same)
    return int(index)


def candidates_in(voices: tuple[Voice, ...], stack: Autoencoder) -> list[int]:
    """Tell which candidates became voices."""
    return [candidate_of(voice.model, stack) for voice in voices]
