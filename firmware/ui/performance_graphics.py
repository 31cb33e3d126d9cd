"""The performance page: three voices at a glance, who counts, how fast."""

from collections.abc import Sequence

from PIL import Image

from firmware.drivers.oled import WIDTH
from firmware.engine.pattern import STEPS
from firmware.engine.state import VOICES
from firmware.instrument.parameters import CLOCK_SOURCES, Key
from firmware.ui.graphics import Area, Draw, width_of, write
from firmware.ui.snapshot import DisplaySnapshot

ROW = 13
HEAD = 12
STEPS_LEFT, STEP_WIDTH = 11, 3
_DOT = 1 << WIDTH - 1 - STEPS_LEFT
_BAR = _DOT | _DOT >> 1
_PLAYHEAD = _BAR | _DOT >> 2
DENSITY_LEFT = STEPS_LEFT + STEPS * STEP_WIDTH + 2


def draw_performance(draw: Draw, area: Area, snapshot: DisplaySnapshot) -> None:
    """Draw tempo, clock and preset, and a row per voice."""
    report = snapshot.report
    state = "" if report.running else "stop "
    text = f"{state}{report.milli_bpm / 1000:.0f} {CLOCK_SOURCES[report.clock_source]}"
    write(draw, (area.left, area.top - 2), text)
    preset = f"P {snapshot.choices['preset'] + 1}"
    width = width_of(preset)
    write(draw, (area.right - width - 1, area.top - 2), preset)
    for voice in range(VOICES):
        top = area.top + HEAD + voice * ROW
        _row(draw, Area(area.left, top, area.right, top + ROW - 3), snapshot, voice)


def _row(draw: Draw, row: Area, snapshot: DisplaySnapshot, voice: int) -> None:
    selected = voice == snapshot.voice
    if selected:
        draw.rectangle((row.left, row.top, row.left + 8, row.bottom), fill=1)
    number = (row.left + 2, row.top - 2)
    write(draw, number, str(voice + 1), fill=int(not selected))
    if snapshot.playing.whole("mute", voice):
        write(draw, (STEPS_LEFT + 30, row.top - 2), "muted")
    else:
        _steps(draw, row, snapshot, voice)


def _steps(draw: Draw, row: Area, snapshot: DisplaySnapshot, voice: int) -> None:
    """Draw the steps that sound, the one that plays marked below, and the density."""
    threshold = snapshot.playing[Key("threshold", voice)]
    length = snapshot.playing.whole("length", voice)
    sounding = snapshot.patterns[voice].sounding(threshold)[:length]
    height = row.bottom - row.top + 1
    draw.bitmap((0, row.top), _bars(sounding, snapshot.report.steps[voice], height), fill=1)
    density = str(sum(sounding))
    write(draw, (DENSITY_LEFT, row.top - 2), density)


def _bars(sounding: Sequence[bool], playing: int, height: int) -> Image.Image:
    """Return a row of steps: bars for those that sound, dots for the others, the playhead.

    A line of pixels is a number, the leftmost pixel its highest bit: far quicker than shapes.
    """
    bars = sum([_BAR >> step * STEP_WIDTH for step, sounds in enumerate(sounding) if sounds])
    dots = sum([_DOT >> step * STEP_WIDTH for step in range(len(sounding))])
    playhead = _PLAYHEAD >> playing * STEP_WIDTH if playing >= 0 else 0
    lines = (*(bars,) * (height - 4), bars | dots, 0, playhead, playhead)
    data = b"".join([line.to_bytes(WIDTH // 8, "big") for line in lines])
    return Image.frombytes("1", (WIDTH, height), data)
