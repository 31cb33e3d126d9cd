"""The display's pages as pictures of 128 x 64, pure functions."""

from PIL import Image, ImageDraw

from firmware.board.calibration import OCTAVES_VOLTS
from firmware.drivers.oled import HEIGHT, WIDTH
from firmware.engine.scale import SEMITONES
from firmware.instrument.parameters import BY_NAME, NOTE_NAMES, label
from firmware.ui.graphics import Area, Draw, width_of, write
from firmware.ui.menu import key_of
from firmware.ui.page_graphics import DRAWINGS
from firmware.ui.pages import Item, Kind
from firmware.ui.snapshot import DisplaySnapshot

TINY, SMALL, MIDDLE = 10, 12, 16
TITLE_HEIGHT = 13
LINE_TOP = 46
MAP_SIDE = 64
FOOT_TOP = 52
VALUE_TOP = 46
"""Top of the value on the map's page."""


def draw_page(snapshot: DisplaySnapshot) -> Image.Image:
    """Draw the page of a snapshot, mode "1"."""
    image = Image.new("1", (WIDTH, HEIGHT))
    draw = ImageDraw.Draw(image)
    if snapshot.page.name == "map":
        _map_page(draw, snapshot)
        return image
    if snapshot.page.name == "play":
        _performance_page(draw, snapshot)
        return image
    _title(draw, snapshot)
    DRAWINGS[snapshot.page.name](draw, Area(0, TITLE_HEIGHT + 1, WIDTH, LINE_TOP - 2), snapshot)
    _line(draw, snapshot)
    return image


def blank() -> Image.Image:
    """Return a dark screen."""
    return Image.new("1", (WIDTH, HEIGHT))


def value_text(snapshot: DisplaySnapshot, item: Item) -> str:
    """Return an item's value as text: a name, a note, a number."""
    if item.kind is Kind.ACTION:
        return ""
    if item.kind is Kind.CHOICE:
        return _choice_text(snapshot, item.name)
    if item.kind is Kind.DIAL:
        return _dial_text(snapshot, item.name)
    return parameter_text(item.name, snapshot.patch[key_of(item, snapshot.voice)])


def parameter_text(name: str, value: float) -> str:
    """Return a parameter's value as text."""
    parameter = BY_NAME[name]
    if parameter.choices:
        return label(parameter.choices[int(value - parameter.low)])
    if name == "division":
        return f"x {-value:g}" if value < 0 else f"/ {value:g}"
    if name == "pitch":
        return note_text(int(value))
    return f"{value:g}" if parameter.whole else f"{value:.3g}"


def note_text(note: int) -> str:
    """Name a MIDI note; 60 is C4."""
    octave, degree = divmod(note, SEMITONES)
    return f"{NOTE_NAMES[degree]}{octave - 1}"


def _choice_text(snapshot: DisplaySnapshot, name: str) -> str:
    if name == "voice":
        return str(snapshot.voice + 1)
    place = snapshot.choices[name]
    if name == "bundle":
        return snapshot.bundles[place].name if place < len(snapshot.bundles) else "none"
    if name == "input":
        return ("knob X", "knob Y", "knob T", "CV X", "CV Y", "CV T", "CV 1", "CV 2")[place]
    if name == "octave":
        return f"{OCTAVES_VOLTS[place]:+.0f} V"
    return str(place + 1)


def _dial_text(snapshot: DisplaySnapshot, name: str) -> str:
    if name == "tune_code":
        return f"{snapshot.tuned.cents:+.0f} c"
    return f"{snapshot.tuned.volts:+.3f} V"


def _title(draw: Draw, snapshot: DisplaySnapshot) -> None:
    title = snapshot.notice or (snapshot.page.name if _fits(snapshot) else snapshot.item.label)
    write(draw, (0, -2), title, SMALL)
    corner = f"{'!' if _is_wrong(snapshot) else ''}{snapshot.voice + 1}"
    width = width_of(corner, SMALL)
    draw.rectangle((WIDTH - width - 5, 0, WIDTH, TITLE_HEIGHT - 2), fill=1)
    write(draw, (WIDTH - width - 2, -2), corner, SMALL, 0)


def _line(draw: Draw, snapshot: DisplaySnapshot) -> None:
    """Draw the selected item: its label, and its value at the right.

    If both do not fit, the label is in the title.
    """
    value = value_text(snapshot, snapshot.item)
    if _fits(snapshot):
        write(draw, (1, LINE_TOP - 1), snapshot.item.label, MIDDLE)
    size = MIDDLE if width_of(value, MIDDLE) < WIDTH - 4 else SMALL
    left = WIDTH - 2 - width_of(value, size)
    if snapshot.editing:
        draw.rectangle((left - 3, LINE_TOP, WIDTH, HEIGHT), fill=1)
    write(draw, (left, LINE_TOP - 1), value, size, 0 if snapshot.editing else 1)
    if snapshot.item.kind is Kind.ACTION:
        draw.rounded_rectangle((WIDTH - 44, LINE_TOP + 2, WIDTH - 2, HEIGHT - 2), 4, outline=1)
        write(draw, (WIDTH - 38, LINE_TOP + 1), "press", SMALL)


def _fits(snapshot: DisplaySnapshot) -> bool:
    line = f"{snapshot.item.label}  {value_text(snapshot, snapshot.item)}"
    return width_of(line, MIDDLE) <= WIDTH - 2


def _is_wrong(snapshot: DisplaySnapshot) -> bool:
    return bool(snapshot.faults) and any(
        state.active for state in (snapshot.faults or {}).values()
    )


def _performance_page(draw: Draw, snapshot: DisplaySnapshot) -> None:
    DRAWINGS["play"](draw, Area(0, 0, WIDTH - 1, HEIGHT - 1), snapshot)
    foot = snapshot.notice or f"{snapshot.item.label} {value_text(snapshot, snapshot.item)}"
    if _is_wrong(snapshot):
        foot = f"! {foot}"
    if snapshot.editing:
        draw.rectangle((0, FOOT_TOP, WIDTH, HEIGHT), fill=1)
    write(draw, (1, FOOT_TOP - 1), foot, SMALL, int(not snapshot.editing))


def _map_page(draw: Draw, snapshot: DisplaySnapshot) -> None:
    DRAWINGS["map"](draw, Area(0, 0, MAP_SIDE - 1, HEIGHT - 1), snapshot)
    left = MAP_SIDE + 4
    title = (
        snapshot.notice
        or f"{'!' if _is_wrong(snapshot) else ''}{snapshot.voice + 1} {snapshot.map.name}"
    )
    write(draw, (left, -2), title, SMALL)
    write(draw, (left, 11), snapshot.item.label, MIDDLE)
    for row, end in enumerate(_axis_ends(snapshot)):
        write(draw, (left - 2, 25 + 9 * row), end, TINY)
    value = value_text(snapshot, snapshot.item)
    if snapshot.editing:
        draw.rectangle((left - 2, VALUE_TOP, WIDTH, HEIGHT), fill=1)
    write(draw, (left, VALUE_TOP - 1), value, MIDDLE, 0 if snapshot.editing else 1)


def _axis_ends(snapshot: DisplaySnapshot) -> tuple[str, ...]:
    """Name the ends of the selected axis: from where, to where."""
    for knob, axis in zip(("x", "y"), snapshot.map.axes, strict=False):
        if snapshot.item.name == knob:
            return f"{axis.low} -", axis.high
    return ()
