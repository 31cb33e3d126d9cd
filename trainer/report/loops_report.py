"""What the analysis found in each loop, as one HTML page that needs no network."""

from __future__ import annotations

from base64 import b64encode
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from firmware.engine.pattern import STEPS
from trainer.audio.grid import Grid, windows
from trainer.audio.tempo import CONFIDENT
from trainer.data.encode import Encoded, Encoding

_CHART_WIDTH, _CHART_HEIGHT = 320, 70
# Metrical weight of each sixteenth of a bar (Longuet-Higgins and Lee 1984).
_METRE = np.array([0, -4, -3, -4, -2, -4, -3, -4, -1, -4, -3, -4, -2, -4, -3, -4])


@dataclass(frozen=True, slots=True)
class _Chart:
    """A bar chart; bars: x, y, width and height of each; first, last: labels of the axis."""

    title: str
    bars: tuple[tuple[str, str, str, str], ...]
    first: str
    last: str
    caption: str = ""


@dataclass(frozen=True, slots=True)
class _Note:
    """A line of the list to look at; loop: the number of its drawing, None without one."""

    name: str
    text: str
    loop: int | None = None


@dataclass(frozen=True, slots=True)
class _Drawing:
    """One loop on the page, which draws it while it is in view.

    onsets: step:velocity:offset of each; outline: the waveform's, uint8 in base64.
    """

    number: int
    name: str
    facts: str
    warnings: tuple[str, ...]
    steps: int
    onsets: str
    outline: str


def report(encoding: Encoding) -> str:
    """Return the page: a summary, then every loop with its waveform, grid and steps."""
    from jinja2 import Environment  # noqa: PLC0415 - only the page needs it

    page, style, script = (
        files(__package__).joinpath(f"loops_report.{suffix}").read_text("utf-8")
        for suffix in ("html", "css", "js")
    )
    patterns = np.array(
        [grid.onset for loop in encoding.loops for grid in windows(loop.transcription.grid)]
    )
    template = Environment(autoescape=True).from_string(page)
    return template.render(
        style=style,
        script=script,
        counts=_counts(encoding, patterns),
        charts=list(_charts(patterns)),
        tempo=_tempo_sources(encoding),
        notes=list(_notes(encoding)),
        loops=[_drawing(number, loop) for number, loop in enumerate(encoding.loops)],
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


def _counts(encoding: Encoding, patterns: NDArray[np.bool_]) -> str:
    distinct = len({pattern.tobytes() for pattern in patterns})
    parts = [
        f"{len(encoding.loops)} loops",
        f"{len(patterns)} patterns, {distinct} of them distinct",
        f"{len(encoding.copies)} copies",
        f"{len(encoding.left_out)} files left out",
        f"{len(encoding.skipped)} files skipped",
    ]
    return " · ".join(parts)


def _charts(patterns: NDArray[np.bool_]) -> Iterator[_Chart]:
    density = patterns.sum(axis=1)
    pull = np.array([syncopation(pattern) for pattern in patterns])
    yield _Chart("Onsets on each step", _bars(patterns.mean(axis=0)), "1", str(STEPS))
    yield _histogram("Density", density, f"median {np.median(density):g} onsets of {STEPS}")
    yield _histogram("Syncopation", pull, f"median {np.median(pull):g} (Longuet-Higgins, Lee)")


def _tempo_sources(encoding: Encoding) -> str:
    sources = Counter(loop.transcription.tempo.source for loop in encoding.loops)
    counts = ", ".join(f"{count} from {source}" for source, count in sources.most_common())
    uncertain = sum(loop.transcription.tempo.confidence < CONFIDENT for loop in encoding.loops)
    return f"{counts}; {uncertain} uncertain."


def _notes(encoding: Encoding) -> Iterator[_Note]:
    for number, loop in enumerate(encoding.loops):
        for warning in loop.transcription.warnings:
            yield _Note(loop.name, warning, number)
    for name, reason in encoding.skipped:
        yield _Note(name, f"skipped, {reason}")
    for one in encoding.left_out:
        yield _Note(one.name, f"left out, {one.transcription.not_a_loop or 'by the project'}")
    for name, original in encoding.copies:
        yield _Note(name, f"a copy of {original}")


def _histogram(title: str, values: NDArray[np.int_], caption: str) -> _Chart:
    counts = np.bincount(values)
    bars = _bars(counts / max(1, counts.max()))
    return _Chart(title, bars, "0", str(counts.size - 1), caption)


def _bars(heights: NDArray[np.float64]) -> tuple[tuple[str, str, str, str], ...]:
    """Return the rectangles of a bar chart of heights 0..1."""
    width, full = _CHART_WIDTH / heights.size, _CHART_HEIGHT
    return tuple(
        (f"{at * width:.1f}", f"{full - full * h:.1f}", f"{width * 0.8:.1f}", f"{full * h:.1f}")
        for at, h in enumerate(heights)
    )


def _drawing(number: int, loop: Encoded) -> _Drawing:
    tempo = loop.transcription.tempo
    sure = "" if tempo.confidence >= 1 else f", {tempo.confidence:.0%} sure"
    bars = f"{tempo.bars:g} bar{'' if tempo.bars == 1 else 's'}"
    facts = f"{tempo.bpm:.5g} bpm · {bars} · {tempo.source}{sure}"
    return _Drawing(
        number,
        loop.name,
        facts,
        loop.transcription.warnings,
        loop.transcription.grid.onset.size,
        _onsets(loop.transcription.grid),
        b64encode(loop.transcription.outline.tobytes()).decode(),
    )


def _onsets(grid: Grid) -> str:
    return " ".join(
        f"{step}:{grid.velocity[step]:.2f}:{grid.offset[step]:.2f}"
        for step in np.flatnonzero(grid.onset)
    )
