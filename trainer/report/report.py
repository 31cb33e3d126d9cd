"""The bundle's page for a person: one HTML file that needs nothing beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from firmware.bundle.manifest import Axis, Manifest, TrainingSet
from trainer.data.dataset import loop_name
from trainer.model.checkpoint import Checkpoint, KeptVoice
from trainer.report import page
from trainer.report.charts import error_chart, latent_chart
from trainer.report.verdict import MEANINGS, figure, verdict
from trainer.report.views import View

_MAPS = "Light is sparse, dark is dense; the dots are the loops."
_NO_X, _NO_Y = Axis("x", "X 0", "X 1"), Axis("y", "Y 0", "Y 1")
_SLICE = (
    "With more latents than two this is the slice where the others are at their middle; most"
    " loops lie off it, and their dots show only their X and Y."
)


@dataclass(frozen=True, slots=True)
class Table:
    """Figures: a row per figure that any column has, its meaning first."""

    titles: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class _Voice:
    """A voice in words, the names of its loops, and what X and Y mean."""

    title: str
    verdict: tuple[tuple[str, str], ...]
    trained_on: str
    loops: tuple[str, ...]
    x: Axis
    y: Axis


def report(
    manifest: Manifest,
    models: Sequence[bytes],
    views: Sequence[View],
    trained: Checkpoint,
    baselines: Mapping[str, Mapping[str, float]],
    *,
    notes: Sequence[str],
) -> bytes:
    """Make the page of a bundle: maps that play, words, and, folded away, figures.

    `models` are the files of the voices; `notes` are what a person should know first.
    """
    from jinja2 import Environment  # noqa: PLC0415 - only the page needs it
    from markupsafe import Markup  # noqa: PLC0415

    titles = [view.title for view in views]
    columns = {view.title: view.voice.metrics for view in views}
    template = Environment(autoescape=True).from_string(page.text("report.html"))
    rendered = template.render(
        **{name: Markup(text) for name, text in _scripts().items()},  # noqa: S704 - our own
        name=manifest.name,
        summary=_summary(manifest),
        notes=notes,
        voices=[_voice(view, number, trained) for number, view in enumerate(views)],
        legend=_legend(manifest),
        figures=table({**columns, **baselines}),
        latents=[latent_chart(view) for view in views],
        candidates=list(_candidates(titles, trained.voices)),
        errors=[error_chart(*one) for one in zip(titles, trained.voices, strict=True)],
        kit=page.packed(manifest, models, trained.named_points()),
    )
    return f"{rendered}\n".encode()


def _scripts() -> dict[str, str]:
    return {
        "style": page.text("report.css"),
        "shared": page.script(page.SHARED),
        "audio": page.script(page.AUDIO),
        "own": page.script(page.OWN),
        "player": page.text("report.js"),
    }


def _voice(view: View, number: int, trained: Checkpoint) -> _Voice:
    names = dict.fromkeys(map(loop_name, trained.sets.of(number).names))
    x, y = view.voice.axes[:2] or (_NO_X, _NO_Y)
    return _Voice(
        view.title,
        tuple(verdict(view.voice.metrics)),
        training_text(view.voice.training_set),
        tuple(names),
        x,
        y,
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
    kinds = dict.fromkeys(
        f"{'-'.join(map(str, voice.layers))} ({voice.latent_kind}, {voice.quantisation})"
        for voice in manifest.voices
    )
    return (
        f"{manifest.patterns} patterns from {manifest.loops} loops, seed {manifest.seed}, "
        f"{manifest.created}. Layers: {', '.join(kinds)}."
    )
