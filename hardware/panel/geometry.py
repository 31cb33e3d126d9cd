# SPDX-License-Identifier: CERN-OHL-P-2.0
"""Where every hole and word of the panel is, in millimetres from its lower left corner.

Sizes follow Doepfer's A-100 construction details: 128.5 mm high, 5.08 mm a HP with a little
play, mounting holes 3 mm from the edges, the first 7.5 mm from the left.
"""

from dataclasses import dataclass

from hardware.constants import DAC_OUTPUTS, MAX_VOICES

HEIGHT_MM = 128.5
HP_MM = 5.08
PLAY_MM = 0.3
RAIL_MM = 10.0
"""Nothing may stand behind the panel nearer to the upper and lower edge than a rail needs."""

MAIN_HP, VOICE_HP = 14, 3
JACK_ROWS_MM = (44.0, 62.0, 80.0, 98.0)
"""Rows of jacks, from the upper edge."""

_COLUMN_MM = 13.4
_FIRST_COLUMN_MM = 8.76


@dataclass(frozen=True, slots=True)
class Hole:
    """A round hole."""

    name: str
    kind: str
    """jack, midi, pot, encoder or mounting."""
    x: float
    y: float


DIAMETERS_MM = {"jack": 6.2, "midi": 6.2, "pot": 7.2, "encoder": 7.2, "mounting": 3.2}
BODIES_MM = {"jack": 9.0, "midi": 9.0, "pot": 15.0, "encoder": 15.0, "mounting": 6.0}
"""What stands in front of the panel: nuts, knobs, screw heads."""


@dataclass(frozen=True, slots=True)
class Window:
    """A rectangular cut-out, by its centre."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Legend:
    """A word on the panel, centred on a point."""

    text: str
    x: float
    y: float
    size_mm: float = 2.2


@dataclass(frozen=True, slots=True)
class Panel:
    """A whole panel."""

    hp: int
    width: float
    holes: tuple[Hole, ...]
    window: Window
    legends: tuple[Legend, ...]


_KNOBS = (("x", "X"), ("y", "Y"), ("threshold", "THRESHOLD"))
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
    holes = [*_mounting(hp), *_controls(), *_jacks(voices)]
    legends = [*_words(), *_voice_words(voices)]
    window = Window(19.0, HEIGHT_MM - 24.0, 25.0, 14.0)
    return Panel(hp, round(hp * HP_MM - PLAY_MM, 1), tuple(holes), window, tuple(legends))


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
        Hole(f"knob_{name}", "pot", 13.0 + 22.5 * column, HEIGHT_MM - 52.0)
        for column, (name, _) in enumerate(_KNOBS)
    ]
    return [Hole("encoder", "encoder", 55.0, HEIGHT_MM - 24.0), *knobs]


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


def _words() -> list[Legend]:
    """Everything left of the voices; words stand above their holes."""
    found = [Legend("EX NIHILO", MAIN_HP * HP_MM / 2, HEIGHT_MM - 9.5, 3.6)]
    for column, (_, text) in enumerate(_KNOBS):
        found.append(Legend(text, 13.0 + 22.5 * column, HEIGHT_MM - 41.5))
    for row, names in zip(JACK_ROWS_MM[2:], (_INPUT_ROW, _CLOCK_ROW), strict=True):
        for column, (_, text) in enumerate(names):
            found.append(Legend(text, _column(column), HEIGHT_MM - row + 6.2, 1.9))
    return found


def _voice_words(voices: int) -> list[Legend]:
    found = []
    for voice in range(voices):
        x = _voice_x(voice)
        found.append(Legend(f"{voice + 1}", x, HEIGHT_MM - 28.0, 5.0))
        for row, name in zip(JACK_ROWS_MM, DAC_OUTPUTS, strict=True):
            found.append(Legend(name.upper(), x, HEIGHT_MM - row + 6.2, 1.9))
    return found
