"""Pictures of a recording: the patterns, the traces, the display."""

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from PIL import Image, ImageDraw, ImageFont

from firmware.board.constants import DAC_OUTPUTS
from firmware.engine.pattern import STEPS, Pattern
from firmware.simulator.trace import Trace

BACKGROUND = (20, 22, 27)
PANEL = (28, 31, 38)
GRID = (48, 53, 63)
TEXT = (214, 218, 226)
DIM_TEXT = (132, 139, 152)
COLOURS = ((242, 178, 76), (84, 196, 190), (230, 120, 150))
"""One per voice."""

Colour = tuple[int, int, int]

_OVERSAMPLING = 2
_WIDTH = 1280
_MARGIN = 28
_LEFT = 112
_PATTERN_HEIGHT = 176
_TRACE_HEIGHTS = {"pitch": 72, "velocity": 40, "accent": 18, "gate": 18}
_GATE_RANGE = (0.0, 5.3)


class PatternRow(NamedTuple):
    """A voice in the picture of the patterns; the threshold is 0..1."""

    title: str
    pattern: Pattern
    threshold: float


class _Canvas:
    """A drawing in the final picture's pixels, made larger and shrunk for smooth edges."""

    def __init__(self, width: int, height: int) -> None:
        size = (width * _OVERSAMPLING, height * _OVERSAMPLING)
        self._image = Image.new("RGB", size, BACKGROUND)
        self._draw = ImageDraw.Draw(self._image)

    def box(self, left: float, top: float, right: float, bottom: float, fill: Colour) -> None:
        corners = [round(v * _OVERSAMPLING) for v in (left, top, right, bottom)]
        if corners[2] > corners[0] and corners[3] > corners[1]:
            self._draw.rectangle((corners[0], corners[1], corners[2] - 1, corners[3] - 1), fill)

    def line(self, points: Sequence[tuple[float, float]], fill: Colour, width: float) -> None:
        scaled = [(x * _OVERSAMPLING, y * _OVERSAMPLING) for x, y in points]
        self._draw.line(scaled, fill, round(width * _OVERSAMPLING), joint="curve")

    def text(
        self, x: float, y: float, text: str, *, fill: Colour, size: int, anchor: str = "ls"
    ) -> None:
        place = (x * _OVERSAMPLING, y * _OVERSAMPLING)
        self._draw.text(place, text, fill, _font(size * _OVERSAMPLING), anchor)

    def image(self) -> Image.Image:
        return self._image.reduce(_OVERSAMPLING)


@lru_cache
def _font(size: int) -> ImageFont.ImageFont | ImageFont.FreeTypeFont:
    """Pillow's own font, so that a picture looks the same on every machine."""
    return ImageFont.load_default(size)


def pattern_picture(rows: Sequence[PatternRow]) -> Image.Image:
    """Draw the patterns, one below the other.

    Bars are onset probabilities against the threshold; those that sound are bright, the more
    so the higher their velocity, with a mark below where the micro-timing puts them.
    """
    canvas = _Canvas(_WIDTH, 2 * _MARGIN + len(rows) * (_PATTERN_HEIGHT + _MARGIN) - _MARGIN)
    for number, row in enumerate(rows):
        top = _MARGIN + number * (_PATTERN_HEIGHT + _MARGIN)
        _draw_pattern(canvas, row, top, COLOURS[number % len(COLOURS)])
    return canvas.image()


def _draw_pattern(canvas: _Canvas, row: PatternRow, top: float, colour: Colour) -> None:
    floor, height = top + _PATTERN_HEIGHT - 34, _PATTERN_HEIGHT - 62
    canvas.text(_MARGIN, top + 14, row.title, fill=colour, size=18)
    sounding = row.pattern.sounding(row.threshold)
    note = f"{sum(sounding)} of {STEPS} steps above {row.threshold:.2f}"
    canvas.text(_WIDTH - _MARGIN, top + 14, note, fill=DIM_TEXT, size=14, anchor="rs")
    for step in range(STEPS):
        left, right = _step_span(step)
        canvas.box(left, floor - height, right, floor, PANEL)
        level = row.pattern.onset[step] * height
        strength = 0.45 + 0.55 * row.pattern.velocity[step] if sounding[step] else 0.22
        canvas.box(left, floor - level, right, floor, _mixed(PANEL, colour, strength))
        if step % 4 == 0:
            label = f"{step // 16 + 1}.{step // 4 % 4 + 1}"
            canvas.text(left, floor + 30, label, fill=DIM_TEXT, size=13)
        if sounding[step]:
            middle = (left + right) / 2 + row.pattern.offset[step] * (right - left)
            canvas.box(middle - 2, floor + 5, middle + 2, floor + 13, colour)
    line = floor - row.threshold * height
    canvas.line([(_MARGIN, line), (_WIDTH - _MARGIN, line)], TEXT, 1)


def _step_span(step: int) -> tuple[float, float]:
    """Return left and right of a step's column, wider apart at beats and at the bar."""
    gaps = step + 4 * (step // 4) + 10 * (step // 16)
    all_gaps = STEPS - 1 + 4 * 7 + 10
    width = (_WIDTH - 2 * _MARGIN - 2 * all_gaps) / STEPS
    left = _MARGIN + step * width + 2 * gaps
    return left, left + width


def trace_picture(
    traces: Sequence[Trace], start_ns: int, end_ns: int, bar_ns: int
) -> Image.Image:
    """Draw the jacks' voltages from one time to another, with a line at every bar."""
    voice = sum(_TRACE_HEIGHTS.values()) + 8 * (len(_TRACE_HEIGHTS) - 1)
    height = 2 * _MARGIN + len(traces) * (voice + _MARGIN) + 4
    canvas = _Canvas(_WIDTH, height)
    span = _Span(start_ns, end_ns)
    for number, trace in enumerate(traces):
        top = float(_MARGIN + number * (voice + _MARGIN))
        colour = COLOURS[number % len(COLOURS)]
        canvas.text(_MARGIN, top + 14, f"voice {number + 1}", fill=colour, size=18)
        for output, name in enumerate(DAC_OUTPUTS):
            bottom = top + _TRACE_HEIGHTS[name]
            canvas.box(_LEFT + 24, top, _WIDTH - _MARGIN, bottom, PANEL)
            _draw_bars(canvas, span, bar_ns, top, bottom)
            scale = _Scale(*(_octaves(trace) if name == "pitch" else _GATE_RANGE), top, bottom)
            _draw_scale(canvas, name, scale)
            canvas.line(_steps(trace, output, span, scale), colour, 1.3)
            top = bottom + 8
    _label_bars(canvas, span, bar_ns, height - _MARGIN + 4)
    return canvas.image()


class _Span(NamedTuple):
    """The part of time that a picture shows."""

    start_ns: int
    end_ns: int

    def x(self, time_ns: int) -> float:
        left, right = _LEFT + 24, _WIDTH - _MARGIN
        return left + (right - left) * (time_ns - self.start_ns) / (self.end_ns - self.start_ns)


class _Scale(NamedTuple):
    """The volts that a row shows, and where."""

    low: float
    high: float
    top: float
    bottom: float

    def y(self, volts: float) -> float:
        share = (min(max(volts, self.low), self.high) - self.low) / (self.high - self.low)
        return self.bottom - 2 - share * (self.bottom - self.top - 4)


def _octaves(trace: Trace) -> tuple[float, float]:
    """Return the whole volts that hold all of a trace's pitches, one at least, and a margin."""
    pitches = [sample.volts[0] for sample in trace]
    low = math.floor(min(pitches) + 0.01)
    high = max(math.ceil(max(pitches) - 0.01), low + 1)
    margin = 0.06 * (high - low)
    return low - margin, high + margin


def _steps(trace: Trace, output: int, span: _Span, scale: _Scale) -> list[tuple[float, float]]:
    """Return the corners of an output's staircase."""
    before = [sample for sample in trace if sample.time_ns <= span.start_ns]
    inside = [s for s in trace if span.start_ns < s.time_ns < span.end_ns]
    level = scale.y((before[-1:] or list(trace[:1]))[0].volts[output])
    points = [(span.x(span.start_ns), level)]
    for sample in inside:
        x, new = span.x(sample.time_ns), scale.y(sample.volts[output])
        if new != level:
            points += [(x, level), (x, new)]
            level = new
    return [*points, (span.x(span.end_ns), level)]


def _draw_bars(canvas: _Canvas, span: _Span, bar_ns: int, top: float, bottom: float) -> None:
    for time_ns in range(span.start_ns, span.end_ns, bar_ns):
        canvas.line([(span.x(time_ns), top), (span.x(time_ns), bottom)], GRID, 1)


def _draw_scale(canvas: _Canvas, name: str, scale: _Scale) -> None:
    middle = (scale.top + scale.bottom) / 2
    canvas.text(_LEFT - 4, middle + 5, name, fill=TEXT, size=13, anchor="rs")
    if name not in ("pitch", "velocity"):
        return
    every = 1 if name == "pitch" and scale.high - scale.low < 4.5 else 5
    for volts in range(math.ceil(scale.low), math.floor(scale.high) + 1):
        y = scale.y(volts)
        canvas.line([(_LEFT + 24, y), (_WIDTH - _MARGIN, y)], GRID, 0.5)
        if volts % every == 0:
            label = f"{volts:+d} V" if volts else "0 V"
            canvas.text(_LEFT + 20, y + 4, label, fill=DIM_TEXT, size=10, anchor="rs")


def _label_bars(canvas: _Canvas, span: _Span, bar_ns: int, y: float) -> None:
    bars = range(span.start_ns, span.end_ns, bar_ns)
    every = -(-len(bars) // 32)
    for number, time_ns in list(enumerate(bars))[::every]:
        canvas.text(span.x(time_ns), y, f"{number + 1}", fill=DIM_TEXT, size=13)


def frame_picture(frame: Image.Image, scale: int = 6) -> Image.Image:
    """Enlarge a display's frame of mode "1" until its pixels show."""
    lit, dark, glass = (188, 226, 255), (12, 15, 20), (6, 7, 9)
    border = 4 * scale
    size = (frame.width * scale + 2 * border, frame.height * scale + 2 * border)
    picture = Image.new("RGB", size, glass)
    draw = ImageDraw.Draw(picture)
    for y in range(frame.height):
        for x in range(frame.width):
            left, top = border + x * scale, border + y * scale
            fill = lit if frame.getpixel((x, y)) else dark
            draw.rectangle((left, top, left + scale - 2, top + scale - 2), fill)
    return picture


def _mixed(background: Colour, colour: Colour, share: float) -> Colour:
    red, green, blue = (
        round(low + (high - low) * share) for low, high in zip(background, colour, strict=True)
    )
    return red, green, blue
