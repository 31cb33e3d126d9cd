"""What the worker is asked to do."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

CANDIDATES_MAX = 9


@dataclass(frozen=True, slots=True)
class Analysis:
    """Loops to analyse: files and folders; the project's decisions apply."""

    project: Path
    paths: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Training:
    """A training to run, and the folder that its bundle is written to."""

    project: Path
    folder: Path
    name: str
    draft: bool = False
    candidates: int = 3
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Choice:
    """Candidates to put into a bundle instead, from 0, one per voice."""

    folder: Path
    picks: tuple[int, ...]


Task = Analysis | Training | Choice
