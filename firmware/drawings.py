"""The pictures of the pages: each a pure function from a view onto an area of the display."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from PIL import Image, ImageDraw, ImageFont

from firmware.parameters import BY_NAME, CV_INPUTS, Key
from firmware.pattern import STEPS
from firmware.scale import SCALES, SEMITONES
from firmware.score import PITCHES
from firmware.state import place_of
from firmware.view import DENSITY_SIDE, View

Draw = ImageDraw.ImageDraw
TEXT = 11
_BAYER = (0, 8, 2, 10, 12, 4, 14, 6, 3, 11, 1, 9, 15, 7, 13, 5)
_BLACK_KEYS = (1, 3, 6, 8, 10)
_BEAT_TICKS, _BAR_TICKS = 96, 384


class Area(NamedTuple):
    """A part of the display, in pixels, the last ones included."""

    left: int
    top: int
    right: int
    bottom: int

    def at(self, x: float, y: float) -> tuple[int, int]:
        """Give the pixel of a place 0..1, 0..1, y upwards."""
        column = self.left + round(x * (self.right - self.left))
        return column, self.bottom - round(y * (self.bottom - self.top))

    def column(self, place: int, count: int) -> "Area":
        """Give one of so many columns, with a gap to the next."""
        width = (self.right + 1 - self.left) / count
        left = self.left + round(place * width)
        return Area(left, self.top, self.left + round((place + 1) * width) - 2, self.bottom)


@lru_cache(maxsize=1)
def text_font() -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Give the font of the pictures."""
    return ImageFont.load_default(TEXT)


def _map(draw: Draw, area: Area, view: View) -> None:
    if view.map.density:
        side = area.right - area.left + 1
        draw.bitmap((area.left, area.top), _shading(view.map.density, side), fill=1)
    draw.rectangle(area, outline=1)
    inner = Area(area.left + 2, area.top + 2, area.right - 2, area.bottom - 2)
    for x, y in view.map.points:
        column, row = inner.at(x, y)
        draw.rectangle((column - 1, row - 1, column + 1, row + 1), fill=0)
        draw.rectangle((column, row, column + 1, row), fill=1)
    set_x, set_y, *_ = place_of(view.patch, view.voice)
    x, y = inner.at(set_x, set_y)
    draw.rectangle((x - 3, y - 3, x + 3, y + 3), outline=1, fill=0)
    now_x, now_y, *_ = place_of(view.playing, view.voice)
    x, y = inner.at(now_x, now_y)
    _cross(draw, x, y)


def _cross(draw: Draw, x: int, y: int) -> None:
    """Draw a cross with a dark rim, so that it stands out of the shading."""
    for width, fill in ((3, 0), (1, 1)):
        draw.line((x - 5, y, x + 5, y), fill=fill, width=width)
        draw.line((x, y - 5, x, y + 5), fill=fill, width=width)


@lru_cache(maxsize=4)
def _shading(density: bytes, side: int) -> Image.Image:
    """Give a map's density as dots, by an ordered dither; dense is a third lit."""
    grey = Image.frombytes("L", (DENSITY_SIDE, DENSITY_SIDE), density)
    grey = grey.transpose(Image.Transpose.FLIP_TOP_BOTTOM).resize((side, side))
    shades = grey.tobytes()
    dots = Image.new("1", (side, side))
    lit = [
        shades[y * side + x] ** 2 * 6 >> 16 > _BAYER[y % 4 * 4 + x % 4]
        for y in range(side)
        for x in range(side)
    ]
    dots.putdata([255 if on else 0 for on in lit])
    return dots


def _pattern(draw: Draw, area: Area, view: View) -> None:
    voice, pattern = view.voice, view.pattern
    threshold = view.playing[Key("threshold", voice)]
    accent = view.playing[Key("accent", voice)]
    length = view.playing.whole("length", voice)
    bars = Area(area.left, area.top, area.right, area.bottom - 3)
    for step, level in enumerate(pattern.onset):
        column = bars.column(step, STEPS)
        if step >= length:
            draw.point((column.left, bars.bottom), fill=1)
            continue
        top = bars.at(0, level)[1]
        if level > threshold:
            draw.rectangle((column.left, top, column.right, bars.bottom), fill=1)
            if pattern.velocity[step] > accent:
                draw.point((column.left + 1, area.top), fill=1)
        else:
            draw.line((column.left, top, column.left, bars.bottom), fill=1)
    _dotted(draw, bars, threshold)
    _playhead(draw, area, view)


def _dotted(draw: Draw, area: Area, height: float) -> None:
    y = area.at(0, height)[1]
    for x in range(area.left, area.right + 1, 2):
        draw.point((x, y), fill=x // 2 % 2)


def _playhead(draw: Draw, area: Area, view: View) -> None:
    step = view.report.steps[view.voice]
    if step >= 0:
        column = area.column(step, STEPS)
        draw.rectangle((column.left, area.bottom - 1, column.right, area.bottom), fill=1)


def _velocities(draw: Draw, area: Area, view: View) -> None:
    threshold = view.playing[Key("threshold", view.voice)]
    bars = Area(area.left, area.top, area.right, area.bottom - 3)
    levels = zip(view.pattern.onset, view.pattern.velocity, strict=True)
    for step, (onset, velocity) in enumerate(levels):
        column = bars.column(step, STEPS)
        if onset > threshold:
            top = bars.at(0, velocity)[1]
            draw.rectangle((column.left, top, column.right, bars.bottom), fill=1)
        else:
            draw.point((column.left, bars.bottom), fill=1)
    _dotted(draw, bars, view.playing[Key("accent", view.voice)])
    _playhead(draw, area, view)


def _pitches(draw: Draw, area: Area, view: View) -> None:
    notes = [view.patch.whole("pitch", view.voice, place) for place in range(PITCHES)]
    low, high = min(notes), max(*notes, min(notes) + SEMITONES)
    playing = view.report.steps[view.voice] % PITCHES
    for place, note in enumerate(notes):
        column = area.column(place, PITCHES)
        top = column.at(0, 0.15 + 0.85 * (note - low) / (high - low))[1]
        box = (column.left, top, column.right, area.bottom)
        lit = place == playing and view.report.running
        draw.rectangle(box, outline=1, fill=int(lit))
        if view.patch.whole("slide", view.voice, place):
            draw.line((column.left, area.bottom, column.right, top), fill=1 - int(lit))
        if view.item.name == "pitch" and view.item.place == place:
            draw.line((column.left, area.top, column.right, area.top), fill=1)


def _clock(draw: Draw, area: Area, view: View) -> None:
    report = view.report
    state = "runs" if report.running else "stopped"
    if report.running and not report.locked:
        state = "seeks the beat"
    text = (
        f"{report.milli_bpm / 1000:.1f} {BY_NAME['clock'].choices[view.patch.whole('clock')]}"
    )
    draw.text((area.left, area.top - 3), text, font=text_font(), fill=1)
    draw.text((area.left, area.top + 8), state, font=text_font(), fill=1)
    beat = report.tick % _BAR_TICKS // _BEAT_TICKS
    for place in range(4):
        column = Area(area.left, area.bottom - 6, area.right, area.bottom).column(place, 4)
        lit = report.running and place == beat
        draw.rectangle(column, outline=1, fill=int(lit))


def _scale(draw: Draw, area: Area, view: View) -> None:
    degrees = tuple(SCALES.values())[view.patch.whole("scale")]
    root = view.patch.whole("root")
    for note in range(2 * SEMITONES):
        column = area.column(note, 2 * SEMITONES)
        black = note % SEMITONES in _BLACK_KEYS
        bottom = (area.top + area.bottom) // 2 if black else area.bottom
        held = (note - root) % SEMITONES in degrees
        draw.rectangle((column.left, area.top, column.right, bottom), outline=1, fill=int(held))


def _chance(draw: Draw, area: Area, view: View) -> None:
    chaos = view.playing[Key("chaos")]
    threshold = view.playing[Key("threshold", view.voice)]
    for step, level in enumerate(view.pattern.onset):
        column = area.column(step, STEPS)
        low = column.at(0, max(level - chaos / 2, 0))[1]
        high = column.at(0, min(level + chaos / 2, 1))[1]
        draw.rectangle((column.left, high, column.right, low), fill=1)
    _dotted(draw, area, threshold)


def _presets(draw: Draw, area: Area, view: View) -> None:
    for number, there in enumerate(view.presets):
        row, place = divmod(number, 16)
        top = area.top + row * 8
        box = (area.left + place * 8, top, area.left + place * 8 + 5, top + 5)
        draw.rectangle((box[0] + 1, box[1] + 1, box[2] - 1, box[3] - 1), fill=int(there))
        if not there:
            draw.point((box[0] + 2, box[1] + 2), fill=1)
        if number == view.choices["preset"]:
            draw.rectangle((box[0] - 1, box[1] - 1, box[2] + 1, box[3] + 1), outline=1)


def _places(draw: Draw, area: Area, view: View) -> None:
    height = area.bottom - area.top
    square = Area(area.left, area.top, area.left + 2 * height, area.bottom)
    draw.rectangle(square, outline=1)
    for number, memory in enumerate(view.memories):
        x = square.right + 6 + number % 4 * 14
        y = area.top + number // 4 * 15
        draw.rectangle((x, y, x + 11, y + 13), outline=int(number == view.choices["memory"]))
        draw.text((x + 3, y), str(number + 1) if memory else "-", font=text_font(), fill=1)
        if memory:
            column, row = square.at(*memory[view.voice][:2])
            draw.rectangle((column - 1, row - 1, column + 1, row + 1), fill=1)
    now_x, now_y, *_ = place_of(view.playing, view.voice)
    _cross(draw, *square.at(now_x, now_y))


def _record(draw: Draw, area: Area, view: View) -> None:
    threshold = view.playing[Key("threshold", view.voice)]
    middle = (area.top + area.bottom) // 2
    for step, level in enumerate(view.pattern.onset):
        column = area.column(step, STEPS)
        if level > threshold:
            draw.rectangle((column.left, middle + 3, column.right, area.bottom - 4), fill=1)
        if step < len(view.recorded) and view.recorded[step]:
            draw.rectangle((column.left, area.top + 1, column.right, middle - 1), fill=1)
        else:
            draw.point((column.left, middle - 1), fill=1)
    _playhead(draw, area, view)


def _bundles(draw: Draw, area: Area, view: View) -> None:
    chosen = view.choices["bundle"]
    bundle = view.bundles[chosen] if chosen < len(view.bundles) else None
    if bundle and bundle.refused:
        _wrapped(draw, area, f"refused: {bundle.refused}")
        return
    first = max(min(chosen - 1, len(view.bundles) - 3), 0)
    for row, entry in enumerate(view.bundles[first : first + 3]):
        mark = ">" if first + row == chosen else " "
        text = f"{mark} {entry.name}{'  plays' if entry.playing else ''}"
        draw.text((area.left, area.top - 3 + 11 * row), text, font=text_font(), fill=1)
    if not view.bundles:
        _wrapped(draw, area, "No bundle here yet: push one with deploy.")


def _cv(draw: Draw, area: Area, view: View) -> None:
    for place, (name, volts) in enumerate(zip(CV_INPUTS, view.cv_volts, strict=True)):
        column = area.column(place, len(CV_INPUTS))
        draw.text((column.left, area.top - 3), name[:2].upper(), font=text_font(), fill=1)
        bar = Area(column.left, area.top + 11, column.right, area.bottom)
        middle = bar.at(0, 0.5)[1]
        level = bar.at(0, min(max(volts / 10 + 0.5, 0), 1))[1]
        draw.line((bar.left, middle, bar.right, middle), fill=1)
        box = (bar.left + 4, min(level, middle), bar.right - 4, max(level, middle))
        draw.rectangle(box, fill=1)


def _tune(draw: Draw, area: Area, view: View) -> None:
    text = f"{view.input_volts:+.3f} V"
    draw.text((area.left, area.top), text, font=ImageFont.load_default(22), fill=1)


def _system(draw: Draw, area: Area, view: View) -> None:
    faults = [(kind, s) for kind, s in (view.faults or {}).items() if s.active or s.count]
    chosen = view.choices["fault"]
    if view.item.name == "fault" and chosen < len(faults):
        kind, state = faults[chosen]
        now = "now" if state.active else "healed"
        _wrapped(draw, area, f"{kind} x{state.count} {now}: {state.text}")
        return
    found = view.choices["finding"]
    if view.item.name in {"finding", "doctor"} and found < len(view.findings):
        _wrapped(draw, area, view.findings[found])
        return
    system = view.system
    heat = "" if system.celsius is None else f"{system.celsius:.0f} C  "
    first = f"{heat}load {system.load:.2f}  {system.memory_mb:.0f} MB"
    for row, text in enumerate((first, *system.lines)[:3]):
        draw.text((area.left, area.top - 3 + 11 * row), text, font=text_font(), fill=1)


def _wrapped(draw: Draw, area: Area, text: str) -> None:
    """Write as much of a text as three lines take, broken between words where possible."""
    lines: list[str] = []
    rest = " ".join(text.split())
    while rest and len(lines) < 3:
        count = len(rest)
        while draw.textlength(rest[:count], font=text_font()) > area.right - area.left:
            space = rest.rfind(" ", 0, count - 1)
            count = space if space > 0 else count - 1
        lines.append(rest[:count])
        rest = rest[count:].lstrip()
    for row, line in enumerate(lines):
        draw.text((area.left, area.top - 3 + 11 * row), line, font=text_font(), fill=1)


DRAWINGS: Mapping[str, Callable[[Draw, Area, View], None]] = MappingProxyType(
    {
        "map": _map,
        "pattern": _pattern,
        "gate": _velocities,
        "pitch": _pitches,
        "clock": _clock,
        "scale": _scale,
        "chance": _chance,
        "presets": _presets,
        "places": _places,
        "record": _record,
        "bundles": _bundles,
        "cv": _cv,
        "tune": _tune,
        "system": _system,
    }
)
"""By the name of the page."""
