"""The pictures of the pages: pure functions from a snapshot to an area."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from firmware.board.calibration import OCTAVES_VOLTS
from firmware.engine.scale import SCALES, SEMITONES
from firmware.engine.state import ClockSource, Quantum
from firmware.instrument.parameters import CLOCK_SOURCES, CV_INPUTS, label
from firmware.instrument.preset import map_position
from firmware.ui.graphics import Area, Draw, cross, wrapped, write
from firmware.ui.performance_graphics import draw_performance
from firmware.ui.snapshot import DisplaySnapshot
from firmware.ui.voice_graphics import (
    draw_chance,
    draw_map,
    draw_pattern,
    draw_pitches,
    draw_record,
    draw_velocities,
)

_BLACK_KEYS = (1, 3, 6, 8, 10)


def _clock(draw: Draw, area: Area, snapshot: DisplaySnapshot) -> None:
    report = snapshot.report
    state = "runs" if report.running else "stopped"
    if report.running and not report.locked:
        state = "waits for lock"
    source = CLOCK_SOURCES[report.clock_source]
    if snapshot.patch.whole("clock") == ClockSource.AUTO:
        source = f"auto {source}"
    text = f"{report.milli_bpm / 1000:.1f} {source}"
    write(draw, (area.left, area.top - 3), text)
    write(draw, (area.left, area.top + 8), state)
    beat = report.tick % Quantum.BAR // Quantum.BEAT
    for place in range(4):
        column = Area(area.left, area.bottom - 6, area.right, area.bottom).column(place, 4)
        lit = report.running and place == beat
        draw.rectangle(column, outline=1, fill=int(lit))


def _scale(draw: Draw, area: Area, snapshot: DisplaySnapshot) -> None:
    degrees = tuple(SCALES.values())[snapshot.patch.whole("scale")]
    root = snapshot.patch.whole("root")
    for note in range(2 * SEMITONES):
        column = area.column(note, 2 * SEMITONES)
        black = note % SEMITONES in _BLACK_KEYS
        bottom = (area.top + area.bottom) // 2 if black else area.bottom
        held = (note - root) % SEMITONES in degrees
        draw.rectangle((column.left, area.top, column.right, bottom), outline=1, fill=int(held))


def _presets(draw: Draw, area: Area, snapshot: DisplaySnapshot) -> None:
    for number, there in enumerate(snapshot.presets):
        row, place = divmod(number, 16)
        top = area.top + row * 8
        box = (area.left + place * 8, top, area.left + place * 8 + 5, top + 5)
        draw.rectangle((box[0] + 1, box[1] + 1, box[2] - 1, box[3] - 1), fill=int(there))
        if not there:
            draw.point((box[0] + 2, box[1] + 2), fill=1)
        if number == snapshot.choices["preset"]:
            draw.rectangle((box[0] - 1, box[1] - 1, box[2] + 1, box[3] + 1), outline=1)


def _places(draw: Draw, area: Area, snapshot: DisplaySnapshot) -> None:
    height = area.bottom - area.top
    square = Area(area.left, area.top, area.left + 2 * height, area.bottom)
    draw.rectangle(square, outline=1)
    for number, memory in enumerate(snapshot.memories):
        x = square.right + 6 + number % 4 * 14
        y = area.top + number // 4 * 15
        draw.rectangle(
            (x, y, x + 11, y + 13), outline=int(number == snapshot.choices["memory"])
        )
        write(draw, (x + 3, y), str(number + 1) if memory else "-")
        if memory:
            column, row = square.at(*memory[snapshot.voice][:2])
            draw.rectangle((column - 1, row - 1, column + 1, row + 1), fill=1)
    now_x, now_y, *_ = map_position(snapshot.playing, snapshot.voice)
    cross(draw, *square.at(now_x, now_y))


def _bundles(draw: Draw, area: Area, snapshot: DisplaySnapshot) -> None:
    chosen = snapshot.choices["bundle"]
    bundle = snapshot.bundles[chosen] if chosen < len(snapshot.bundles) else None
    if bundle and bundle.refused:
        wrapped(draw, area, f"refused: {bundle.refused}")
        return
    first = max(min(chosen - 1, len(snapshot.bundles) - 3), 0)
    for row, entry in enumerate(snapshot.bundles[first : first + 3]):
        mark = ">" if first + row == chosen else " "
        text = f"{mark} {entry.name}{'  plays' if entry.playing else ''}"
        write(draw, (area.left, area.top - 3 + 11 * row), text)
    if not snapshot.bundles:
        wrapped(draw, area, "No kit installed: push one with deploy.")


def _cv(draw: Draw, area: Area, snapshot: DisplaySnapshot) -> None:
    for place, (name, volts) in enumerate(zip(CV_INPUTS, snapshot.cv_volts, strict=True)):
        column = area.column(place, len(CV_INPUTS))
        write(draw, (column.left, area.top - 3), name[:2].upper())
        bar = Area(column.left, area.top + 11, column.right, area.bottom)
        middle = bar.at(0, 0.5)[1]
        level = bar.at(0, min(max(volts / 10 + 0.5, 0), 1))[1]
        draw.line((bar.left, middle, bar.right, middle), fill=1)
        box = (bar.left + 4, min(level, middle), bar.right - 4, max(level, middle))
        draw.rectangle(box, fill=1)


def _midi(draw: Draw, area: Area, snapshot: DisplaySnapshot) -> None:
    for row, text in enumerate(snapshot.midi[:3]):
        write(draw, (area.left, area.top - 3 + 11 * row), text)


def _inputs(draw: Draw, area: Area, snapshot: DisplaySnapshot) -> None:
    text = f"{snapshot.input_volts:+.3f} V"
    write(draw, (area.left, area.top), text, 22)


def _outputs(draw: Draw, area: Area, snapshot: DisplaySnapshot) -> None:
    tuned, chosen = snapshot.tuned, snapshot.choices["octave"]
    note = f"C{OCTAVES_VOLTS[chosen] + 4:.0f} {'sounds' if tuned.sounding else 'silent'}"
    for row, text in enumerate((note, f"{tuned.code} {tuned.cents:+.0f} c")):
        write(draw, (area.left, area.top - 3 + 11 * row), text)
    bars = Area(area.left + 72, area.top, area.right, area.bottom - 2)
    for octave in range(len(OCTAVES_VOLTS)):
        column = bars.column(octave, len(OCTAVES_VOLTS))
        top = bars.at(0, (octave + 1) / len(OCTAVES_VOLTS))[1]
        lit = octave == chosen and tuned.sounding
        draw.rectangle((column.left, top, column.right, bars.bottom), outline=1, fill=int(lit))
        if octave == chosen:
            draw.line((column.left, area.bottom, column.right, area.bottom), fill=1)


def _system(draw: Draw, area: Area, snapshot: DisplaySnapshot) -> None:
    faults = [(kind, s) for kind, s in (snapshot.faults or {}).items() if s.active or s.count]
    chosen = snapshot.choices["fault"]
    if snapshot.item.name == "fault" and chosen < len(faults):
        kind, state = faults[chosen]
        now = "now" if state.active else "cleared"
        wrapped(draw, area, f"{label(kind)} x{state.count} {now}: {state.text}")
        return
    found = snapshot.choices["finding"]
    if snapshot.item.name in {"finding", "doctor"} and found < len(snapshot.findings):
        wrapped(draw, area, snapshot.findings[found])
        return
    system = snapshot.system
    heat = "" if system.celsius is None else f"{system.celsius:.0f} C  "
    first = f"{heat}load {system.load:.2f}  {system.memory_mb:.0f} MB"
    for row, text in enumerate((first, *system.lines)[:3]):
        write(draw, (area.left, area.top - 3 + 11 * row), text)


DRAWINGS: Mapping[str, Callable[[Draw, Area, DisplaySnapshot], None]] = MappingProxyType(
    {
        "play": draw_performance,
        "map": draw_map,
        "pattern": draw_pattern,
        "gate": draw_velocities,
        "pitch": draw_pitches,
        "clock": _clock,
        "scale": _scale,
        "chance": draw_chance,
        "presets": _presets,
        "places": _places,
        "record": draw_record,
        "kits": _bundles,
        "cv": _cv,
        "midi": _midi,
        "outputs": _outputs,
        "inputs": _inputs,
        "system": _system,
    }
)
"""By the name of the page."""
