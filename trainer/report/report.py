"""The bundle's page for a person: one HTML file that needs nothing beside it."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from html import escape

from firmware.bundle.manifest import Manifest
from trainer.export.voices import Trained, Voice
from trainer.report.pictures import (
    history_picture,
    latent_picture,
    map_picture,
    patterns_picture,
)
from trainer.report.views import views_of_finalists, views_of_voices

MEANINGS = {
    "f1": "how well the loops come back (F1 of onsets)",
    "distinct": "distinct patterns on the map",
    "effective": "patterns a blind hand would meet (exp of entropy)",
    "plausible": "new patterns within 4 steps of a loop",
    "plausible_area": "share of the map within 4 steps of a loop",
    "density_overlap": "how alike the numbers of onsets are to the loops'",
    "neighbour_distance": "steps that change from cell to cell",
    "dead_latents": "dead latents: knobs that play nothing else",
    "velocity_rmse": "error of the velocity, of 1",
    "offset_rmse": "error of the micro-timing, of a step",
    "flips_0.3": "% of steps changed by quantisation, threshold 0.3",
    "flips_0.5": "% of steps changed by quantisation, threshold 0.5",
    "flips_0.7": "% of steps changed by quantisation, threshold 0.7",
}

_BASELINES = (
    "Beside the voices, generators without a model: a die of the loops' density, evenly "
    "spread onsets, a Markov chain on the loops."
)

_PATTERNS = (
    "Each box is two bars, one above the other, at its place on the map. Black steps sound; "
    "the greyer a rest, the nearer it is to sounding."
)

_SLICE = (
    "With more latents than two this is the slice on which the others stand in their middle; "
    "most loops lie off it, and their dots show only their X and Y."
)

_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;background:#f6f3ec;color:#22201c;margin:2rem auto;
max-width:76rem;padding:0 1rem}
h1,h2{font-weight:600}img{max-width:100%}
table{border-collapse:collapse;margin:1rem 0}
td,th{padding:.15rem .8rem;border-bottom:1px solid #d9d3c4;text-align:right}
td:first-child,th:first-child{text-align:left;padding-left:0}
.scroll{overflow-x:auto}
"""


def report(
    manifest: Manifest,
    voices: Sequence[Voice],
    trained: Sequence[Trained],
    baselines: Mapping[str, Mapping[str, float]],
    notes: Sequence[str],
) -> bytes:
    """Make the page of a bundle: figures, maps, baselines, and the runners-up per voice.

    `notes` are what a person should know first.
    """
    views = views_of_voices(voices)
    titles = [view.title for view in views]
    columns = {view.title: view.voice.metrics for view in views}
    parts = [
        f"<h1>{escape(manifest.name)}</h1><p>{escape(_summary(manifest))}</p>",
        *(f"<p><strong>{escape(note)}</strong></p>" for note in notes),
        f"<h2>The maps</h2><p>{_maps_legend(manifest)}</p>",
        _image(map_picture(views), "density of the maps"),
        "<h2>Patterns on the way</h2>",
        f"<p>{_PATTERNS}</p>",
        *(_image(patterns_picture(view), f"patterns of {view.title}") for view in views),
        f"<h2>Figures</h2><p>{_BASELINES} {escape(_verdict(columns, baselines))}</p>",
        table({**columns, **baselines}),
        "<h2>Latents</h2><p>The lines are a quarter of a knob's travel apart.</p>",
        _image(latent_picture(views), "the loops in the latents"),
        "<h2>Runners-up</h2>",
        *map(_finalists, titles, trained, voices),
        "<h2>Training</h2>",
        _image(history_picture(titles, [one.history for one in trained]), "loss"),
    ]
    return _page(manifest.name, parts).encode()


def _maps_legend(manifest: Manifest) -> str:
    legend = "Light is sparse, dark is dense; the dots are the loops."
    if all(voice.latents == 2 for voice in manifest.voices):
        return legend
    return f"{legend} {_SLICE}"


def _verdict(
    columns: Mapping[str, Mapping[str, float]], baselines: Mapping[str, Mapping[str, float]]
) -> str:
    """Say which voices a generator beats where it counts: at new patterns near the loops."""
    best = max(baselines, key=lambda name: baselines[name]["plausible"])
    most = baselines[best]["plausible"]
    beaten = [title for title, metrics in columns.items() if metrics["plausible"] <= most]
    if beaten:
        return f"Of new patterns near the loops, {best} has as many as {' and '.join(beaten)}."
    return "They have many patterns, but few near the loops: each voice has more of those."


def _summary(manifest: Manifest) -> str:
    kinds = ", ".join(
        f"{'-'.join(map(str, voice.layers))} ({voice.latent_kind}, {voice.quantisation})"
        for voice in manifest.voices
    )
    return (
        f"{manifest.patterns} patterns from {manifest.loops} loops, seed {manifest.seed}, "
        f"{manifest.created}. Layers: {kinds}."
    )


def _finalists(title: str, trained: Trained, taken: Voice) -> str:
    views = views_of_finalists(trained, taken)
    picture = _image(map_picture(views), f"the best candidates of {title}")
    metrics = {view.title: view.voice.metrics for view in views}
    return f"<h3>{escape(title)}</h3>{picture}{table(metrics)}"


def table(columns: Mapping[str, Mapping[str, float]]) -> str:
    """Lay figures out: a row per figure, a column per thing measured."""
    head = "".join(f"<th>{escape(title)}</th>" for title in columns)
    rows = []
    for name, meaning in MEANINGS.items():
        values = [metrics.get(name) for metrics in columns.values()]
        if any(value is not None for value in values):
            cells = "".join(f"<td>{figure(value)}</td>" for value in values)
            rows.append(f"<tr><td>{escape(meaning)}</td>{cells}</tr>")
    return f'<div class="scroll"><table><tr><th></th>{head}</tr>{"".join(rows)}</table></div>'


def figure(value: float | None) -> str:
    """Write a figure as a person would: whole when it counts something."""
    if value is None:
        return ""
    return f"{value:.0f}" if value >= 100 or value == int(value) else f"{value:.3g}"


def _image(png: bytes, alternative: str) -> str:
    data = base64.b64encode(png).decode()
    return f'<img alt="{escape(alternative)}" src="data:image/png;base64,{data}">'


def _page(title: str, parts: Sequence[str]) -> str:
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style>'
        f"<body>{''.join(parts)}</body></html>\n"
    )
