"""The bundle's page for a person: one HTML file that needs nothing beside it."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files

from firmware.bundle.manifest import Manifest, TrainingSet
from trainer.data.dataset import loop_name
from trainer.model.checkpoint import Checkpoint, KeptVoice
from trainer.report.pictures import (
    latent_picture,
    map_picture,
    patterns_picture,
    training_picture,
)
from trainer.report.verdict import MEANINGS, figure, verdict
from trainer.report.views import View

_MAPS = "Light is sparse, dark is dense; the dots are the loops."
_SLICE = (
    "With more latents than two this is the slice on which the others stand in their middle; "
    "most loops lie off it, and their dots show only their X and Y."
)


@dataclass(frozen=True, slots=True)
class Table:
    """Figures: a row per figure that any column has, its meaning first."""

    titles: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class _Picture:
    """A PNG in base64, and what it shows."""

    data: str
    text: str


@dataclass(frozen=True, slots=True)
class _Voice:
    """A voice in words, and the names of its loops."""

    title: str
    verdict: tuple[tuple[str, str], ...]
    trained_on: str
    loops: tuple[str, ...]


def report(
    manifest: Manifest,
    views: Sequence[View],
    trained: Checkpoint,
    baselines: Mapping[str, Mapping[str, float]],
    notes: Sequence[str],
) -> bytes:
    """Make the page of a bundle: words, maps, and, folded away, figures and candidates.

    `notes` are what a person should know first.
    """
    from jinja2 import Environment  # noqa: PLC0415 - only the page needs it

    text = files("trainer.report").joinpath("report.html").read_text("utf-8")
    template = Environment(autoescape=True).from_string(text)
    titles = [view.title for view in views]
    columns = {view.title: view.voice.metrics for view in views}
    page = template.render(
        name=manifest.name,
        summary=_summary(manifest),
        notes=notes,
        voices=[_voice(view, number, trained) for number, view in enumerate(views)],
        legend=_legend(manifest),
        maps=_picture(map_picture(views), "density of the maps"),
        patterns=[
            _picture(patterns_picture(view), f"patterns of {view.title}") for view in views
        ],
        figures=table({**columns, **baselines}),
        latents=_picture(latent_picture(views), "the loops in the latents"),
        candidates=list(_candidates(titles, trained.voices)),
        training=_picture(training_picture(titles, trained.voices), "error in training"),
    )
    return f"{page}\n".encode()


def _voice(view: View, number: int, trained: Checkpoint) -> _Voice:
    names = dict.fromkeys(map(loop_name, trained.sets.of(number).names))
    return _Voice(
        view.title,
        tuple(verdict(view.voice.metrics)),
        training_text(view.voice.training_set),
        tuple(names),
    )


def training_text(found: TrainingSet | None) -> str:
    """Say what a voice was trained on: `kicks: 12 loops, 14 patterns`; empty if not known."""
    if found is None:
        return ""
    sources = [
        f"{name} (revision {found.project_revisions[name]})"
        if name in found.project_revisions
        else name
        for name in found.sources
    ]
    return f"{', '.join(sources)}: {found.loops} loops, {found.patterns} patterns"


def table(columns: Mapping[str, Mapping[str, float]]) -> Table:
    """Lay figures out: a row per figure, a column per thing measured."""
    rows = tuple(
        (meaning, *(figure(metrics.get(name)) for metrics in columns.values()))
        for name, meaning in MEANINGS.items()
        if any(name in metrics for metrics in columns.values())
    )
    return Table(tuple(columns), rows)


def _candidates(titles: Sequence[str], voices: Sequence[KeptVoice]) -> list[tuple[str, Table]]:
    """List the candidates of each voice that has more than one."""
    listed = []
    for title, voice in zip(titles, voices, strict=True):
        if len(voice.candidates) > 1:
            columns = {
                f"--pick {number}{', chosen' * (number - 1 == voice.chosen)}": one.figures
                for number, one in enumerate(voice.candidates, 1)
            }
            listed.append((title, table(columns)))
    return listed


def _legend(manifest: Manifest) -> str:
    if all(voice.latents == 2 for voice in manifest.voices):
        return _MAPS
    return f"{_MAPS} {_SLICE}"


def _summary(manifest: Manifest) -> str:
    kinds = ", ".join(
        f"{'-'.join(map(str, voice.layers))} ({voice.latent_kind}, {voice.quantisation})"
        for voice in manifest.voices
    )
    return (
        f"{manifest.patterns} patterns from {manifest.loops} loops, seed {manifest.seed}, "
        f"{manifest.created}. Layers: {kinds}."
    )


def _picture(png: bytes, text: str) -> _Picture:
    return _Picture(base64.b64encode(png).decode(), text)
