"""How one voice is trained and stored."""

from __future__ import annotations

from dataclasses import dataclass, field

from trainer.model.paper import PaperConfig
from trainer.model.structures import MAP
from trainer.model.student import StudentConfig

MAPPINGS = ("linear", "warped", "classic")
"""From knob to latent: directly, by where the loops lie, or over the paper's fixed ranges."""


@dataclass(frozen=True, slots=True)
class VoiceConfig:
    """A structure by name, the heads it learns, its knobs, its file, and its training.

    `student` trains the structure `map`, `paper` all others.
    """

    structure: str = MAP
    heads: tuple[str, ...] = ("onset",)
    mapping: str = "linear"
    quantisation: str = "int16x8"
    candidates: int = 1
    student: StudentConfig = field(default_factory=StudentConfig)
    paper: PaperConfig | None = None

    @property
    def is_map(self) -> bool:
        """Tell whether X and Y are those of a layout."""
        return self.structure == MAP
