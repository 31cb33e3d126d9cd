"""The manual's page about the display, made from the table of pages, and their pictures."""

from io import BytesIO
from math import cos, exp, sin

from PIL import Image

from firmware.bundle.latent_map import SIZE
from firmware.bundle.manifest import Axis
from firmware.engine.pattern import STEPS, checked_pattern
from firmware.engine.state import Report
from firmware.instrument.faults import KINDS, FaultState
from firmware.instrument.parameters import BY_NAME, Key, label
from firmware.instrument.patch import DEFAULT_PATCH
from firmware.ui.gestures import SHORTCUTS
from firmware.ui.menu import COUNTS
from firmware.ui.pages import KEYS, PAGES, Item, Kind, Page
from firmware.ui.screen import draw_page
from firmware.ui.snapshot import BundleView, DisplaySnapshot, MapView, SystemView, TuneView

ENLARGED = 4
FILE = "manual-pages.md"
CORNER = (
    "The corner shows the voice that the knobs and the encoder edit, with a `!` while anything "
    "is wrong; the system page says what. Each page is shown as large as it is and four times "
    "enlarged."
)


_EXAMPLE_CHOICES = {"preset": 18, "memory": 1, "bundle": 1, "input": 3, "octave": 4}


def example_view(page: Page, line: int = 0) -> DisplaySnapshot:
    """Return a snapshot of a page as it might be while playing."""
    patch = DEFAULT_PATCH.with_values(
        {
            Key("x"): 0.3,
            Key("y"): 0.62,
            Key("length"): 28,
            Key("chaos"): 0.3,
            Key("scale"): 10,
            Key("slide", 0, 2): 1,
            Key("glide"): 2.5,
        }
    )
    waves = [0.5 + 0.35 * cos(n * 1.571) + 0.14 * sin(n * 2.3) for n in range(STEPS)]
    place = (0.7, 0.3, 0.5, 0.5)
    faults = dict.fromkeys(KINDS, FaultState())
    if page.name == "system":
        faults["midi"] = FaultState(2, active=True, text="MIDI does not answer")
    return DisplaySnapshot(
        page=page,
        item=page.items[line],
        editing=page.name in {"map", "clock"},
        voice=0,
        patch=patch,
        playing=patch.with_values({Key("x"): 0.55, Key("y"): 0.4}),
        pattern=checked_pattern(waves),
        patterns=tuple(checked_pattern(waves[n:] + waves[:n]) for n in (0, 3, 5)),
        report=Report(running=True, milli_bpm=126_500, tick=470, steps=(11, 3, 7)),
        choices=dict.fromkeys(COUNTS, 0) | _EXAMPLE_CHOICES,
        map=_example_map(),
        presets=tuple(n < 20 and n != 7 for n in range(64)),
        memories=((place,) * 3, ((0.2, 0.8, 0.5, 0.5),) * 3, *(None,) * 6),
        bundles=(BundleView("bass"), BundleView("drums", playing=True), BundleView("hats")),
        faults=faults,
        recorded=tuple(int(n % 8 in {0, 3}) for n in range(STEPS)),
        cv_volts=(2.5, -1.0, 0.0, 5.0, 3.3),
        input_volts=2.497,
        midi=("gate 1", "CC 74 ch 5 7-bit"),
        tuned=TuneView(volts=1.004, code=2033, cents=12.3, sounding=True),
        system=SystemView(51.0, 0.42, 83.0, ("firmware 0.1.0", "192.168.1.20")),
    )


def manual_text() -> str:
    """Return the manual's page in Markdown."""
    lines = [
        "# The display and its encoder",
        "",
        "| gesture | what it does |",
        "|---|---|",
        *(f"| {gesture} | {action} |" for gesture, action in KEYS),
        "",
        *_shortcut_lines(),
        CORNER,
        "",
    ]
    for page in PAGES:
        lines += _section(page)
    return "\n".join(lines)


def _shortcut_lines() -> list[str]:
    return [
        "The buttons do the same on every page. N is a voice, a preset or a place.",
        "",
        "| to | do |",
        "|---|---|",
        *(
            f"| {one.purpose} | {', then '.join(move.value for move in one.moves)} |"
            for one in SHORTCUTS
        ),
        "",
    ]


def page_pixels(page: Page) -> tuple[tuple[bool, ...], ...]:
    """Return which pixels of a page are lit, row by row."""
    picture = draw_page(example_view(page)).convert("1")
    return tuple(
        tuple(bool(picture.getpixel((x, y))) for x in range(picture.width))
        for y in range(picture.height)
    )


def page_picture(page: Page) -> bytes:
    """Return a page's PNG: as large as it is, and enlarged."""
    small = draw_page(example_view(page)).convert("L")
    large = small.resize(
        (small.width * ENLARGED, small.height * ENLARGED), Image.Resampling.NEAREST
    )
    sheet = Image.new("L", (small.width + large.width + 30, large.height + 20), 70)
    sheet.paste(small, (10, 10))
    sheet.paste(large, (small.width + 20, 10))
    data = BytesIO()
    sheet.save(data, "PNG", optimize=True)
    return data.getvalue()


def _section(page: Page) -> list[str]:
    lines = [
        f"## {page.name}",
        "",
        f"![{page.name}](pages/{page.name}.png)",
        "",
        page.shows,
        "",
    ]
    if page.keys:
        lines += [page.keys, ""]
    lines += ["| line | what it is |", "|---|---|"]
    lines += [f"| {item.label} | {_meaning(item)} |" for item in page.items]
    return [*lines, ""]


def _meaning(item: Item) -> str:
    if item.kind is not Kind.VALUE:
        return _ACTIONS[item.name]
    parameter = BY_NAME[item.name]
    if parameter.choices:
        return f"{parameter.meaning}: {', '.join(map(label, parameter.choices))}"
    return f"{parameter.meaning}: {parameter.low:g} to {parameter.high:g}"


_ACTIONS = {
    "voice": "the voice that knobs and encoder edit",
    "tap": "tap the tempo",
    "reset": "go to the first step",
    "preset": "which preset",
    "recall_preset": "play the preset; everything lands together",
    "save_preset": "save what plays as the preset",
    "memory": "which place",
    "recall_memory": "go there from the next bar on, in the time of Glide",
    "keep_memory": "store where all voices are",
    "record_tap": "hit a step",
    "record_go": "go to the nearest pattern of the map",
    "clear": "forget what was tapped",
    "bundle": "which kit",
    "load_bundle": "verify it and play it from the next bar on",
    "octave": "which octave of the voice's pitch, by the volts that belong there",
    "tune_sound": "hold it at the octave, or let it go",
    "tune_code": "cents up or down, until it is in tune (by ear)",
    "tune_reading": "the volts that a meter reads at the jack",
    "tune_keep": "save what was tuned for this voice and use it",
    "tune_reset": "go back to the nominal for this voice",
    "input": "which knob or CV",
    "tune_zero": "take what it reads for 0 V",
    "tune_five": "take what it reads for 5 V (for a knob: its other end), and save both",
    "tune_forget": "go back to the nominal",
    "fault": "which of the faults that there were",
    "finding": "which of the things that the check found wrong",
    "doctor": "test every chip, port and file, as `firmware doctor` does",
    "midi_learn": "assign the next controller that moves to the value that was edited last",
    "midi_forget": "remove the learned controllers of that value",
    "power_off": "shut down, at the second press within five seconds",
    "panic": "end all notes and bring the jacks to 0 V",
}


def _example_map() -> MapView:
    side = range(SIZE)
    spots = ((0.3, 0.6, 0.2), (0.7, 0.3, 0.25), (0.8, 0.8, 0.12))
    shades = bytes(
        min(round(255 * sum(_hill(x, y, spot) for spot in spots)), 255)
        for y in side
        for x in side
    )
    points = tuple((0.5 + 0.4 * sin(n * 1.7), 0.5 + 0.4 * cos(n * 2.9)) for n in range(40))
    axes = Axis("density", "sparse", "dense"), Axis("syncopation", "straight", "syncopated")
    return MapView("map", shades, points, axes)


def _hill(column: int, row: int, spot: tuple[float, float, float]) -> float:
    x, y, width = spot
    here_x, here_y = (column + 0.5) / SIZE, (row + 0.5) / SIZE
    return exp(-((here_x - x) ** 2 + (here_y - y) ** 2) / (2 * width**2))
