"""The structures of autoencoders by name: the map's, and the paper's four."""

from __future__ import annotations

from dataclasses import dataclass

from firmware.engine.pattern import STEPS

HEADS = ("onset", "velocity", "offset")
LATENTS_MAX = 4
MAP = "map"
"""Trained towards a layout, X density and Y syncopation."""

VOICES = (MAP, MAP, MAP)
"""Three maps over the same axes that avoid each other's onsets; no bundle has more voices."""


@dataclass(frozen=True, slots=True)
class Structure:
    """Hidden layers of the encoder, mirrored in the decoder, and how the paper trained them.

    `classic_range` is the range of X and Y in section 6.2: -range..range.
    """

    hidden: tuple[int, ...]
    classic_range: float = 10.0
    l2: float = 0.0
    dropout: float = 0.0

    def layers(self, latents: int) -> tuple[int, ...]:
        """Give the sizes of the whole autoencoder, input and output included."""
        return (STEPS, *self.hidden, latents, *reversed(self.hidden), STEPS)


PAPER = {
    "prototype": Structure((16,)),
    "model1": Structure((20, 8)),
    "model2": Structure((20, 8), l2=0.01, dropout=0.2),
    "model3": Structure((20, 10, 5), classic_range=2.0),
}
"""Sections 3.3 and 6.2 of the paper. Its weight decay collapses model2 to one pattern; a
gentler one is an option."""

PAPER_VOICES = ("model1", "model2", "model3")
"""Played at once, in section 6 of the paper."""

PAPER_EPOCHS = 30
"""After about so many the latents spread as figures 3 and 4 show: 0 to 4, 0 to 5."""

NAMES = (MAP, *PAPER)

LATENT_KINDS = ("relu", "linear")
"""Activations of the paper's latents; its own is the first."""

QUANTISATIONS = ("int16x8", "weight-only", "float32")
"""How a decoder is stored, the default first. Full int8 is not offered: the runtimes differ by
up to 0.3 on it, so that no check point could hold."""

HOLD_BACK = 0.2
"""Share of the loops that maps are measured on."""
