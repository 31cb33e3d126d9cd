"""What the machine heard, as one HTML page that needs no network."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from html import escape
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from firmware.pattern import STEPS
from trainer.encode import Encoded, Encoding
from trainer.grid import Grid, windows
from trainer.tempo import SURE

_WIDTH, _WAVE, _CELLS = 640, 56, 34
# Metrical weight of each sixteenth of a bar (Longuet-Higgins and Lee 1984).
_METRE = np.array([0, -4, -3, -4, -2, -4, -3, -4, -1, -4, -3, -4, -2, -4, -3, -4])
_SCRIPT = """
const words = document.querySelector("input[type=search]");
const odd = document.querySelector("input[type=checkbox]");
const loops = [...document.querySelectorAll("article")];
const choose = () => loops.forEach(loop => loop.hidden =
  !loop.dataset.name.includes(words.value.toLowerCase()) || odd.checked && !loop.dataset.odd);
words.oninput = odd.onchange = choose;
document.querySelector("form").onsubmit = () => false;
"""


def report(encoding: Encoding) -> str:
    """Return the page: a summary, then every loop with its waveform, grid and steps."""
    patterns = [grid.onset for loop in encoding.loops for grid in windows(loop.heard.grid)]
    style = files("trainer").joinpath("loops_report.css").read_text("utf-8")
    return "".join(
        [
            '<!doctype html><html lang="en"><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width">',
            f"<title>What was heard</title><style>{style}</style>",
            f"<h1>What was heard</h1><p>{_counts(encoding, patterns)}</p>",
            f'<div class="cards">{_summary(encoding, np.array(patterns))}</div>',
            '<form><input type="search" placeholder="Find a loop" aria-label="Find a loop">',
            '<label><input type="checkbox"> only those to look at</label></form><main>',
            *(_loop(number, loop) for number, loop in enumerate(encoding.loops)),
            f"</main><script>{_SCRIPT}</script></html>",
        ]
    )


def syncopation(onset: NDArray[np.bool_]) -> int:
    """Return how much a pattern pulls against the metre (Longuet-Higgins and Lee 1984).

    A note that is held over a stronger sixteenth counts by how much stronger that is.
    """
    weight = np.resize(_METRE, onset.size)
    total = 0
    for step in np.flatnonzero(onset):
        rests = []
        for later in range(1, onset.size):
            if onset[(step + later) % onset.size]:
                break
            rests.append(weight[(step + later) % onset.size])
        total += max(0, max(rests, default=weight[step]) - weight[step])
    return int(total)


def _counts(encoding: Encoding, patterns: Sequence[NDArray[np.bool_]]) -> str:
    distinct = len({pattern.tobytes() for pattern in patterns})
    parts = [
        f"{len(encoding.loops)} loops",
        f"{len(patterns)} patterns, {distinct} of them distinct",
        f"{len(encoding.copies)} copies",
        f"{len(encoding.skipped)} files skipped",
    ]
    return " · ".join(parts)


def _summary(encoding: Encoding, patterns: NDArray[np.bool_]) -> str:
    density = patterns.sum(axis=1)
    pull = np.array([syncopation(pattern) for pattern in patterns])
    sources = Counter(loop.heard.tempo.source for loop in encoding.loops)
    said = ", ".join(f"{count} from {source}" for source, count in sources.most_common())
    unsure = sum(loop.heard.tempo.sure < SURE for loop in encoding.loops)
    cards = [
        _card("Onsets on each step", _bars(patterns.mean(axis=0), "1", str(STEPS))),
        _histogram("Density", density, f"median {np.median(density):g} onsets of {STEPS}"),
        _histogram("Syncopation", pull, f"median {np.median(pull):g} (Longuet-Higgins, Lee)"),
        _card("Tempo", f"<p>{escape(said)}; unsure of {unsure}.</p>"),
    ]
    odd = _to_look_at(encoding)
    return "".join([*cards, _card("To look at", f"<ul>{odd}</ul>") if odd else ""])


def _to_look_at(encoding: Encoding) -> str:
    lines = [
        f'<li><a href="#l{number}">{escape(loop.name)}</a>: {escape(warning)}'
        for number, loop in enumerate(encoding.loops)
        for warning in loop.heard.warnings
    ]
    lines += [f"<li>{escape(name)}: skipped, {escape(why)}" for name, why in encoding.skipped]
    lines += [f"<li>{escape(name)}: a copy of {escape(of)}" for name, of in encoding.copies]
    return "".join(lines)


def _card(title: str, body: str) -> str:
    return f"<div><h2>{title}</h2>{body}</div>"


def _histogram(title: str, values: NDArray[np.int_], caption: str) -> str:
    counts = np.bincount(values)
    bars = _bars(counts / max(1, counts.max()), "0", str(counts.size - 1))
    return _card(title, f"{bars}<p>{caption}</p>")


def _bars(heights: NDArray[np.float64], first: str, last: str) -> str:
    """Return a bar chart of heights 0..1, its first and last bars named."""
    width = 320 / heights.size
    rows = "".join(
        f'<rect x="{at * width:.1f}" y="{70 - 70 * height:.1f}" width="{width * 0.8:.1f}" '
        f'height="{70 * height:.1f}"/>'
        for at, height in enumerate(heights)
    )
    return (
        f'<svg viewBox="0 0 320 86"><g class="step">{rows}</g><text y="83">{first}</text>'
        f'<text x="320" y="83" text-anchor="end">{last}</text></svg>'
    )


def _loop(number: int, loop: Encoded) -> str:
    tempo = loop.heard.tempo
    sure = "" if tempo.sure >= 1 else f", {tempo.sure:.0%} sure"
    bars = f"{tempo.bars:g} bar{'' if tempo.bars == 1 else 's'}"
    facts = f"{tempo.bpm:.5g} bpm · {bars} · {tempo.source}{sure}"
    warnings = "".join(f"<li>{escape(warning)}" for warning in loop.heard.warnings)
    name = escape(loop.name, quote=True)
    odd = ' data-odd="1"' if warnings else ""
    return (
        f'<article id="l{number}" data-name="{name.lower()}"{odd}>'
        f'<h2><span title="{name}">{name}</span><small>{facts}</small></h2>'
        f"{_drawing(loop.heard.grid, loop.heard.outline)}"
        f"{f'<ul>{warnings}</ul>' if warnings else ''}</article>"
    )


def _drawing(grid: Grid, outline: NDArray[np.uint8]) -> str:
    """Return the waveform with grid and onsets, and the steps below: height is velocity."""
    steps = grid.onset.size
    step = _WIDTH / steps
    height = _WAVE + 4 + _CELLS
    beats = _lines(range(4, steps, 4), step, _WAVE)
    bars = _lines(range(16, steps, 16), step, height)
    return (
        f'<svg viewBox="0 0 {_WIDTH} {height}" preserveAspectRatio="none">'
        f'<path class="wave" d="{_envelope(outline)}"/><path class="beat" d="{beats}"/>'
        f'<path class="bar" d="{bars}"/><path class="hit" d="{_hits(grid, step)}"/>'
        f'<path class="cell" d="{_cells(np.ones(steps), step)}"/>'
        f'<path class="step" d="{_cells(grid.velocity, step)}"/></svg>'
    )


def _lines(places: Iterable[int], step: float, height: int) -> str:
    return "".join(f"M{place * step:.1f} 0v{height}" for place in places)


def _envelope(outline: NDArray[np.uint8]) -> str:
    """Return the waveform as an area, mirrored about its middle."""
    half = (outline / 255 * (_WAVE / 2 - 2)).round(1)
    x = np.linspace(0, _WIDTH, half.size).round(1)
    middle = _WAVE / 2
    above = [f"{at:g} {middle - h:g}" for at, h in zip(x, half, strict=True)]
    below = [f"{at:g} {middle + h:g}" for at, h in zip(x[::-1], half[::-1], strict=True)]
    return "M" + "L".join([*above, *below]) + "z"


def _hits(grid: Grid, step: float) -> str:
    """Return a line through the waveform at each onset's own time."""
    heard = np.flatnonzero(grid.onset)
    x = ((heard + grid.offset[heard]) % grid.onset.size) * step
    return "".join(f"M{at:.1f} 3v{_WAVE - 6}" for at in x)


def _cells(heights: NDArray[np.float64], step: float) -> str:
    """Return a box per step, filled from below by 0..1."""
    base = _WAVE + 4 + _CELLS
    return "".join(
        f"M{at * step + step * 0.1:.1f} {base}v{-_CELLS * height:.1f}h{step * 0.8:.1f}V{base}z"
        for at, height in enumerate(heights)
        if height
    )
