# SPDX-License-Identifier: CERN-OHL-P-2.0
"""Where every hole and word of the panel is, in millimetres from its lower left corner.

Sizes follow Doepfer's A-100 construction details: 128.5 mm high, 5.08 mm a HP with a little
play, mounting holes 3 mm from the edges, the first 7.5 mm from the left.
"""

from dataclasses import dataclass, replace

from hardware.constants import BUTTONS, DAC_OUTPUTS, MAX_VOICES
from hardware.panel import printing
from hardware.panel.lettering import Legend
from hardware.panel.printing import Dot, Line, Window

HEIGHT_MM = 128.5
HP_MM = 5.08
PLAY_MM = 0.3
RAIL_MM = 10.0
"""Nothing may stand behind the panel nearer to the upper and lower edge than a rail needs."""

MAIN_HP, VOICE_HP = 14, 4
JACK_ROWS_MM = (52.0, 70.0, 88.0, 106.0)
"""Rows of jacks, from the upper edge."""
KNOB_ROW_MM, BUTTON_ROW_MM = 50.0, 67.5
KNOB_COLUMNS_MM = (16.0, 35.5, 55.0)
ENCODER_MM = (48.0, 31.2)
LIGHTS_MM = {"status_led": (59.3, 67.5), "clock_led": (65.7, 67.5)}
WINDOW_MM = (20.15, 27.0)
GATE_LIGHT_MM = (7.35, 96.3)
"""Right of the middle of a voice's column, and from the upper edge."""

PLATE_TOP_MM, NUMBER_MM, DIVIDER_MM, BOTTOM_ROW_MM = 10.3, 26.6, 77.2, 118.5
"""Of what is printed, from the upper edge."""

_COLUMN_MM = 13.4
_FIRST_COLUMN_MM = 8.76


@dataclass(frozen=True, slots=True)
class Hole:
    """A round hole."""

    name: str
    kind: str
    """jack, midi, pot, encoder, button, light or mounting."""
    x: float
    y: float


DIAMETERS_MM = {
    "jack": 6.2,
    "midi": 6.2,
    "pot": 7.2,
    "encoder": 7.2,
    "button": 4.0,
    "light": 3.2,
    "mounting": 3.2,
}
BODIES_MM = {
    "jack": 8.0,
    "midi": 8.0,
    "pot": 15.0,
    "encoder": 15.0,
    "button": 3.5,
    "light": 3.0,
    "mounting": 6.0,
}
"""What stands in front of the panel: nuts, knobs, stems, screw heads."""


@dataclass(frozen=True, slots=True)
class Panel:
    """A whole panel."""

    hp: int
    width: float
    holes: tuple[Hole, ...]
    window: Window
    plates: tuple[Window, ...]
    """Printed areas behind the outputs, which mark them off from the inputs."""
    legends: tuple[Legend, ...]
    lines: tuple[Line, ...]
    dots: tuple[Dot, ...]


_KNOBS = (("x", "X"), ("y", "Y"), ("threshold", "THRESHOLD"))
_LIGHT_WORDS = ("STAT", "CLK")
_BUTTON_WORDS = ("1", "2", "3", "SHIFT")
_INPUT_ROW = (
    ("cv_x", "X"),
    ("cv_y", "Y"),
    ("cv_threshold", "THR"),
    ("cv_assign_1", "CV 1"),
    ("cv_assign_2", "CV 2"),
)
_CLOCK_ROW = (
    ("clock_in", "CLK IN"),
    ("reset_in", "RESET"),
    ("clock_out", "CLK OUT"),
    ("midi_in", "MIDI IN"),
    ("midi_out", "MIDI OUT"),
)


def panel(voices: int = MAX_VOICES) -> Panel:
    """Lay out the panel. Raises `ValueError` for a number of voices that cannot be built."""
    if not 1 <= voices <= MAX_VOICES:
        msg = f"{voices} voices cannot be built; choose 1 to {MAX_VOICES}"
        raise ValueError(msg)
    hp = MAIN_HP + VOICE_HP * voices
    x, from_top = WINDOW_MM
    return Panel(
        hp=hp,
        width=round(hp * HP_MM - PLAY_MM, 1),
        holes=(*_mounting(hp), *_controls(), *_jacks(voices), *_lights(voices)),
        window=Window(x, HEIGHT_MM - from_top, 25.0, 14.0),
        plates=tuple(_plates(voices)),
        legends=(*_words(), *_voice_words(voices)),
        lines=tuple(_lines()),
        dots=tuple(_dots(voices)),
    )


def _mounting(hp: int) -> list[Hole]:
    columns = (7.5, 7.5 + (hp - 3) * HP_MM)
    rows = (3.0, HEIGHT_MM - 3.0)
    return [Hole(f"mounting_{n}", "mounting", x, y) for n, (x, y) in _grid(columns, rows)]


def _grid(
    columns: tuple[float, ...], rows: tuple[float, ...]
) -> list[tuple[int, tuple[float, float]]]:
    return list(enumerate(((round(x, 3), y) for y in rows for x in columns), start=1))


def _controls() -> list[Hole]:
    knobs = [
        Hole(f"knob_{name}", "pot", x, HEIGHT_MM - KNOB_ROW_MM)
        for x, (name, _) in zip(KNOB_COLUMNS_MM, _KNOBS, strict=True)
    ]
    buttons = [
        Hole(name, "button", _column(column), HEIGHT_MM - BUTTON_ROW_MM)
        for column, name in enumerate(BUTTONS)
    ]
    x, from_top = ENCODER_MM
    return [Hole("encoder", "encoder", x, HEIGHT_MM - from_top), *knobs, *buttons]


def _lights(voices: int) -> list[Hole]:
    found = [
        Hole(name, "light", x, round(HEIGHT_MM - from_top, 3))
        for name, (x, from_top) in LIGHTS_MM.items()
    ]
    right, from_top = GATE_LIGHT_MM
    for voice in range(voices):
        x = round(_voice_x(voice) + right, 3)
        found.append(Hole(f"gate_led_{voice + 1}", "light", x, round(HEIGHT_MM - from_top, 3)))
    return found


def _jacks(voices: int) -> list[Hole]:
    found = []
    for row, names in zip(JACK_ROWS_MM[2:], (_INPUT_ROW, _CLOCK_ROW), strict=True):
        for column, (name, _) in enumerate(names):
            kind = "midi" if name.startswith("midi") else "jack"
            found.append(Hole(name, kind, _column(column), HEIGHT_MM - row))
    for voice in range(voices):
        for row, name in zip(JACK_ROWS_MM, DAC_OUTPUTS, strict=True):
            hole = Hole(f"{name}_{voice + 1}", "jack", _voice_x(voice), HEIGHT_MM - row)
            found.append(hole)
    return found


def _column(column: int) -> float:
    return round(_FIRST_COLUMN_MM + _COLUMN_MM * column, 3)


def _voice_x(voice: int) -> float:
    return round(HP_MM * (MAIN_HP + VOICE_HP * (voice + 0.5)), 3)


def _plates(voices: int) -> list[Window]:
    """Lay a plate behind the outputs of each voice, and behind clock and MIDI out."""
    top, bottom = PLATE_TOP_MM, JACK_ROWS_MM[-1] + 5.5
    middle, height = HEIGHT_MM - (top + bottom) / 2, bottom - top
    found = [Window(_voice_x(voice), middle, 18.4, height) for voice in range(voices)]
    for column in (2, 4):
        y = HEIGHT_MM - JACK_ROWS_MM[-1] + 1.75
        found.append(Window(_column(column), y, 12.6, 14.5))
    return found


def _lines() -> list[Line]:
    """Draw the knobs' scales, and what parts the controls from the jacks."""
    y = HEIGHT_MM - DIVIDER_MM
    divider = Line((_column(0) - 4.2, y), (_column(4) + 4.2, y), 0.25)
    scales = (printing.scale(x, HEIGHT_MM - KNOB_ROW_MM) for x in KNOB_COLUMNS_MM)
    return [divider, *(line for scale in scales for line in scale)]


def _dots(voices: int) -> list[Dot]:
    x, from_top = ENCODER_MM
    found = printing.detents(x, HEIGHT_MM - from_top)
    for voice in range(voices):
        found += printing.rhythm(_voice_x(voice), HEIGHT_MM - NUMBER_MM, voice)
    right = HP_MM * (MAIN_HP + VOICE_HP * voices)
    return found + printing.out_of_nothing(5.0, right - 5.0, HEIGHT_MM - BOTTOM_ROW_MM)


def _words() -> list[Legend]:
    """Everything left of the voices; words of jacks stand above them."""
    title = Legend("EX NIHILO", _column(2), HEIGHT_MM - 12.6, 4.6, spacing_mm=2.0)
    x, from_top = ENCODER_MM
    found = [title, Legend("SELECT", x + 15.6, HEIGHT_MM - from_top, 1.8)]
    for x, (_, text) in zip(KNOB_COLUMNS_MM, _KNOBS, strict=True):
        found.append(Legend(text, x, HEIGHT_MM - KNOB_ROW_MM - 11.3, 2.2, weight="bold"))
    for column, text in enumerate(_BUTTON_WORDS):
        found.append(Legend(text, _column(column), HEIGHT_MM - BUTTON_ROW_MM - 4.7, 2.0))
    for (x, from_top), text in zip(LIGHTS_MM.values(), _LIGHT_WORDS, strict=True):
        found.append(Legend(text, x, HEIGHT_MM - from_top - 4.7, 1.6))
    for row, names in zip(JACK_ROWS_MM[2:], (_INPUT_ROW, _CLOCK_ROW), strict=True):
        for column, (_, text) in enumerate(names):
            above = HEIGHT_MM - row + 6.3
            found.append(Legend(text, _column(column), above, 1.7, text.endswith("OUT")))
    return found


def _voice_words(voices: int) -> list[Legend]:
    found = []
    for voice in range(voices):
        x = _voice_x(voice)
        number = Legend(f"{voice + 1}", x, HEIGHT_MM - NUMBER_MM, 6.0, cleared=True)
        found.append(replace(number, weight="bold"))
        for row, name in zip(JACK_ROWS_MM, DAC_OUTPUTS, strict=True):
            above = HEIGHT_MM - row + 6.3
            found.append(Legend(name.upper(), x, above, 1.9, cleared=True))
    return found
