"""Between encodings, projects and datasets."""

from __future__ import annotations

from dataclasses import replace

from trainer.audio.tempo import NO_HINT
from trainer.data.dataset import Dataset
from trainer.data.encode import Encoded, Encoding, Settings, dataset_of
from trainer.data.project import Detected, Loop, Project, record
from trainer.data.windows import FAIR_SHARE


def project_settings(project: Project, settings: Settings) -> Settings:
    """Return settings by which a person's tempi and decisions apply."""
    loops = project.loops.items()
    return replace(
        settings,
        chosen={
            digest: loop.corrections.hint
            for digest, loop in loops
            if loop.corrections.hint != NO_HINT
        },
        taken={
            digest: not loop.corrections.left_out
            for digest, loop in loops
            if loop.corrections.left_out is not None
        },
    )


def record_encoding(project: Project, encoding: Encoding) -> Project:
    """Return the project with what an encoding detected."""
    return record(
        project, ((one.digest, _loop(one)) for one in (*encoding.loops, *encoding.left_out))
    )


def _loop(one: Encoded) -> Loop:
    found = one.transcription
    tempo = found.tempo
    return Loop(
        one.name,
        one.path,
        Detected(
            tempo.bpm, tempo.bars, tempo.source, tempo.confidence, found.grid, found.not_a_loop
        ),
    )


def corrected_encoding(project: Project, encoding: Encoding) -> Encoding:
    """Return an encoding whose loops have the corrected grids of the project."""
    return replace(
        encoding,
        loops=tuple(
            replace(
                one,
                transcription=replace(one.transcription, grid=project.loops[one.digest].grid()),
            )
            for one in encoding.loops
        ),
    )


def project_dataset(
    project: Project, share: float = FAIR_SHARE, *, voice: int | None = None
) -> Dataset:
    """Return the patterns of the project's loops, corrected; windows as choose_windows().

    voice: only loops that feed that voice (1..3) or all. Raises UserError without onsets.
    """
    loops = [
        (loop.name, loop.detected.bpm, loop.grid())
        for loop in sorted(project.loops.values(), key=lambda loop: loop.name)
        if loop.taken and (voice is None or loop.corrections.voice in {None, voice})
    ]
    return dataset_of(loops, share)
