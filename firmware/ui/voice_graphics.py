"""The pictures of the pages about a voice: its map, its steps, its pitches."""

from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw

from firmware.bundle.latent_map import SIZE
from firmware.engine.pattern import STEPS
from firmware.engine.scale import SEMITONES
from firmware.engine.state import PITCHES
from firmware.instrument.parameters import Key
from firmware.instrument.preset import map_position
from firmware.ui.graphics import Area, Draw, cross, dotted
from firmware.ui.snapshot import DisplaySnapshot, MapView

_BAYER = np.array([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]])


def draw_map(draw: Draw, area: Area, snapshot: DisplaySnapshot) -> None:
    """Draw the map: shading, training points, the set position and the one that plays."""
    side = area.right - area.left + 1
    draw.bitmap((area.left, area.top), _ground(snapshot.map, side), fill=1)
    draw.rectangle(area, outline=1)
    inner = _inside(area)
    set_x, set_y, *_ = map_position(snapshot.patch, snapshot.voice)
    x, y = inner.at(set_x, set_y)
    draw.rectangle((x - 3, y - 3, x + 3, y + 3), outline=1, fill=0)
    now_x, now_y, *_ = map_position(snapshot.playing, snapshot.voice)
    cross(draw, *inner.at(now_x, now_y))


def _inside(area: Area) -> Area:
    """Return the area without its frame and one pixel beside it."""
    return Area(area.left + 2, area.top + 2, area.right - 2, area.bottom - 2)


@lru_cache(maxsize=4)
def _ground(shown: MapView, side: int) -> Image.Image:
    """Return the fixed part of a map: its shading and its training points."""
    image = _shading(shown.density, side) if shown.density else Image.new("1", (side, side))
    draw = ImageDraw.Draw(image)
    inner = _inside(Area(0, 0, side - 1, side - 1))
    for x, y in shown.points:
        column, row = inner.at(x, y)
        draw.rectangle((column - 1, row - 1, column + 2, row + 2), fill=0)
        draw.rectangle((column, row, column + 1, row + 1), fill=1)
    return image


def draw_pattern(draw: Draw, area: Area, snapshot: DisplaySnapshot) -> None:
    """Draw the probabilities against the threshold, and the step that plays."""
    voice, pattern = snapshot.voice, snapshot.pattern
    threshold = snapshot.playing[Key("threshold", voice)]
    accent = snapshot.playing[Key("accent", voice)]
    length = snapshot.playing.whole("length", voice)
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
    dotted(draw, bars, threshold)
    _playhead(draw, area, snapshot)


def _playhead(draw: Draw, area: Area, snapshot: DisplaySnapshot) -> None:
    step = snapshot.report.steps[snapshot.voice]
    if step >= 0:
        column = area.column(step, STEPS)
        draw.rectangle((column.left, area.bottom - 1, column.right, area.bottom), fill=1)


def draw_velocities(draw: Draw, area: Area, snapshot: DisplaySnapshot) -> None:
    """Draw the velocities of the steps that sound."""
    threshold = snapshot.playing[Key("threshold", snapshot.voice)]
    bars = Area(area.left, area.top, area.right, area.bottom - 3)
    levels = zip(snapshot.pattern.onset, snapshot.pattern.velocity, strict=True)
    for step, (onset, velocity) in enumerate(levels):
        column = bars.column(step, STEPS)
        if onset > threshold:
            top = bars.at(0, velocity)[1]
            draw.rectangle((column.left, top, column.right, bars.bottom), fill=1)
        else:
            draw.point((column.left, bars.bottom), fill=1)
    dotted(draw, bars, snapshot.playing[Key("accent", snapshot.voice)])
    _playhead(draw, area, snapshot)


def draw_pitches(draw: Draw, area: Area, snapshot: DisplaySnapshot) -> None:
    """Draw the eight pitches as heights."""
    notes = [snapshot.patch.whole("pitch", snapshot.voice, place) for place in range(PITCHES)]
    low, high = min(notes), max(*notes, min(notes) + SEMITONES)
    playing = snapshot.report.steps[snapshot.voice] % PITCHES
    for place, note in enumerate(notes):
        column = area.column(place, PITCHES)
        top = column.at(0, 0.15 + 0.85 * (note - low) / (high - low))[1]
        box = (column.left, top, column.right, area.bottom)
        lit = place == playing and snapshot.report.running
        draw.rectangle(box, outline=1, fill=int(lit))
        if snapshot.patch.whole("slide", snapshot.voice, place):
            draw.line((column.left, area.bottom, column.right, top), fill=1 - int(lit))
        if snapshot.item.name == "pitch" and snapshot.item.place == place:
            draw.line((column.left, area.top, column.right, area.top), fill=1)


def draw_chance(draw: Draw, area: Area, snapshot: DisplaySnapshot) -> None:
    """Draw how far chaos moves the probabilities."""
    chaos = snapshot.playing[Key("chaos")]
    threshold = snapshot.playing[Key("threshold", snapshot.voice)]
    for step, level in enumerate(snapshot.pattern.onset):
        column = area.column(step, STEPS)
        low = column.at(0, max(level - chaos / 2, 0))[1]
        high = column.at(0, min(level + chaos / 2, 1))[1]
        draw.rectangle((column.left, high, column.right, low), fill=1)
    dotted(draw, area, threshold)


def draw_record(draw: Draw, area: Area, snapshot: DisplaySnapshot) -> None:
    """Draw the tapped steps above those that play."""
    threshold = snapshot.playing[Key("threshold", snapshot.voice)]
    middle = (area.top + area.bottom) // 2
    for step, level in enumerate(snapshot.pattern.onset):
        column = area.column(step, STEPS)
        if level > threshold:
            draw.rectangle((column.left, middle + 3, column.right, area.bottom - 4), fill=1)
        if step < len(snapshot.recorded) and snapshot.recorded[step]:
            draw.rectangle((column.left, area.top + 1, column.right, middle - 1), fill=1)
        else:
            draw.point((column.left, middle - 1), fill=1)
    _playhead(draw, area, snapshot)


def _shading(density: bytes, side: int) -> Image.Image:
    """Return a map's density as dots, by an ordered dither; dense is a third lit."""
    grey = Image.frombytes("L", (SIZE, SIZE), density)
    grey = grey.transpose(Image.Transpose.FLIP_TOP_BOTTOM).resize((side, side))
    shades = np.frombuffer(grey.tobytes(), np.uint8).reshape(side, side).astype(np.int32)
    bayer = np.tile(_BAYER, (-(-side // 4), -(-side // 4)))[:side, :side]
    lit = shades**2 * 6 >> 16 > bayer
    return Image.frombytes("1", (side, side), np.packbits(lit, axis=1).tobytes())
