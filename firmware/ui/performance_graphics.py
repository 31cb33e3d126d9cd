"""The performance page: three voices at a glance, who counts, how fast."""

from firmware.engine.pattern import STEPS
from firmware.engine.state import VOICES
from firmware.instrument.parameters import CLOCK_SOURCES, Key
from firmware.ui.graphics import Area, Draw, text_font
from firmware.ui.snapshot import DisplaySnapshot

ROW = 13
HEAD = 12
STEPS_LEFT, STEP_WIDTH = 11, 3
DENSITY_LEFT = STEPS_LEFT + STEPS * STEP_WIDTH + 2


def draw_performance(draw: Draw, area: Area, snapshot: DisplaySnapshot) -> None:
    """Draw tempo, clock and preset, and a row per voice."""
    report = snapshot.report
    state = "" if report.running else "stop "
    text = f"{state}{report.milli_bpm / 1000:.0f} {CLOCK_SOURCES[report.clock_source]}"
    draw.text((area.left, area.top - 2), text, font=text_font(), fill=1)
    preset = f"P {snapshot.choices['preset'] + 1}"
    width = int(draw.textlength(preset, font=text_font()))
    draw.text((area.right - width - 1, area.top - 2), preset, font=text_font(), fill=1)
    for voice in range(VOICES):
        top = area.top + HEAD + voice * ROW
        _row(draw, Area(area.left, top, area.right, top + ROW - 3), snapshot, voice)


def _row(draw: Draw, row: Area, snapshot: DisplaySnapshot, voice: int) -> None:
    selected = voice == snapshot.voice
    if selected:
        draw.rectangle((row.left, row.top, row.left + 8, row.bottom), fill=1)
    number = (row.left + 2, row.top - 2)
    draw.text(number, str(voice + 1), font=text_font(), fill=int(not selected))
    if snapshot.playing.whole("mute", voice):
        draw.text((STEPS_LEFT + 30, row.top - 2), "muted", font=text_font(), fill=1)
    else:
        _steps(draw, row, snapshot, voice)


def _steps(draw: Draw, row: Area, snapshot: DisplaySnapshot, voice: int) -> None:
    """Draw the steps that sound, the one that plays marked below, and the density."""
    threshold = snapshot.playing[Key("threshold", voice)]
    length = snapshot.playing.whole("length", voice)
    sounding = snapshot.patterns[voice].sounding(threshold)[:length]
    for step, sounds in enumerate(sounding):
        left = STEPS_LEFT + step * STEP_WIDTH
        if sounds:
            draw.rectangle((left, row.top, left + 1, row.bottom - 3), fill=1)
        else:
            draw.point((left, row.bottom - 3), fill=1)
    playing = snapshot.report.steps[voice]
    if playing >= 0:
        left = STEPS_LEFT + playing * STEP_WIDTH
        draw.rectangle((left, row.bottom - 1, left + 2, row.bottom), fill=1)
    density = str(sum(sounding))
    draw.text((DENSITY_LEFT, row.top - 2), density, font=text_font(), fill=1)
