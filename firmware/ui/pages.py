"""The pages of the display and what is on them, in one table.

The display, the encoder and the manual's page are made from `PAGES`. Every parameter is on
exactly one page, so it is three moves away: press-turn to its page, turn to its name, press
and turn.
"""

from dataclasses import dataclass
from enum import Enum, auto

from firmware.engine.state import PITCHES
from firmware.instrument.parameters import CV_INPUTS


class Kind(Enum):
    """What an item is: a value that is edited, a number that is chosen, or an action.

    A dial is an action that turning runs.
    """

    VALUE = auto()
    CHOICE = auto()
    ACTION = auto()
    DIAL = auto()


@dataclass(frozen=True, slots=True)
class Item:
    """A line of a page: its label, what it stands for, and in a row its place from 0."""

    label: str
    name: str
    place: int = 0
    kind: Kind = Kind.VALUE


@dataclass(frozen=True, slots=True)
class Page:
    """A page: its name, its lines, what its picture shows, and what its keys do beside."""

    name: str
    items: tuple[Item, ...]
    shows: str
    keys: str = ""


def _values(**labels: str) -> tuple[Item, ...]:
    return tuple(Item(label, name) for name, label in labels.items())


def _row(name: str, label: str, count: int) -> tuple[Item, ...]:
    """Return the items of a row; `label` holds a `#` for the number, which counts from 1."""
    return tuple(Item(label.replace("#", str(n + 1)), name, n) for n in range(count))


def _choice(label: str, name: str) -> Item:
    return Item(label, name, kind=Kind.CHOICE)


def _action(label: str, name: str) -> Item:
    return Item(label, name, kind=Kind.ACTION)


def _dial(label: str, name: str) -> Item:
    return Item(label, name, kind=Kind.DIAL)


def _cv_items(**labels: str) -> tuple[Item, ...]:
    return tuple(
        Item(f"CV {jack[:6]} {label}", name, place)
        for place, jack in enumerate(CV_INPUTS)
        for name, label in labels.items()
    )


PAGES: tuple[Page, ...] = (
    Page(
        "map",
        (_choice("Voice", "voice"), *_values(x="X", y="Y", z="Z", w="W", link="Link")),
        "The map of the voice: shaded where it is dense, its training points, where the knobs "
        "stand (square) and where the CVs have taken it (cross).",
    ),
    Page(
        "pattern",
        _values(
            threshold="Threshold",
            length="Length",
            rotate="Rotate",
            division="Division",
            mute="Mute",
            fill="Fill",
            groove="Groove",
        ),
        "The 32 steps with their probabilities: filled where they sound, the threshold as a "
        "line, accents marked, the step that plays underlined, steps beyond the length dotted.",
    ),
    Page(
        "gate",
        _values(
            gate_mode="Gate",
            gate="Gate share",
            trigger="Trigger ms",
            accent="Accent at",
            dice="Dice",
            ratchet="Ratchet",
            ratchet_chance="Ratchets",
        ),
        "The velocities of the steps that sound, with the accent's threshold as a line.",
    ),
    Page(
        "pitch",
        (
            *_row("pitch", "Pitch #", PITCHES),
            *_values(transpose="Transpose", advance="Next per"),
            *_row("slide", "Slide #", PITCHES),
        ),
        "The eight pitches as heights, slides marked by a slope, the one that plays filled.",
    ),
    Page(
        "clock",
        (
            *_values(tempo="Tempo"),
            _action("Tap", "tap"),
            *_values(run="Run"),
            _action("Reset", "reset"),
            *_values(
                swing="Swing",
                clock="Source",
                clock_in="Ppqn in",
                clock_out="Output",
                clock_rate="Ppqn out",
                freewheel="Freewheel",
                reset_at_once="Reset now",
            ),
        ),
        "The tempo as it is, whether the clock runs and is locked, and the beat of the bar.",
    ),
    Page(
        "scale",
        _values(scale="Scale", root="Root"),
        "A keyboard with the notes of the scale.",
    ),
    Page(
        "chance",
        _values(chaos="Chaos", seed="Seed", freeze="Freeze", quantum="Changes on"),
        "How far chaos shakes the probabilities of the steps.",
    ),
    Page(
        "presets",
        (
            _choice("Preset", "preset"),
            _action("Recall", "recall_preset"),
            _action("Save", "save_preset"),
        ),
        "The 64 presets: filled where there is one, framed the one that is chosen.",
    ),
    Page(
        "places",
        (
            _choice("Place", "memory"),
            _action("Go", "recall_memory"),
            _action("Keep", "keep_memory"),
            *_values(glide="Glide s"),
        ),
        "The eight stored places on the map, and where the voice is now.",
    ),
    Page(
        "record",
        (_action("Tap", "record_tap"), _action("Go", "record_go"), _action("Clear", "clear")),
        "The steps that were tapped, over the steps of the voice; the playing one underlined.",
        "On Tap each press is a hit at once; so is every note from MIDI, and each pulse of the "
        "clock jack while another clock counts. Go takes the voice to the nearest pattern of "
        "its map.",
    ),
    Page(
        "bundles",
        (_choice("Bundle", "bundle"), _action("Load", "load_bundle")),
        "The bundles on the module; the playing one is marked, and a refused one says why.",
    ),
    Page(
        "cv",
        (
            *_row("cv_assign", "CV # moves", 2),
            *_values(cv_voices="Voices", density="Density"),
            *_cv_items(
                cv_amount="amount",
                cv_range="range",
                cv_offset="offset",
                cv_slew="slew ms",
                cv_play="play mV",
            ),
        ),
        "The five CVs as they are measured.",
    ),
    Page(
        "outputs",
        (
            _choice("Octave", "octave"),
            _action("Sound", "tune_sound"),
            _dial("Tune", "tune_code"),
            _dial("Reads", "tune_reading"),
            _action("Keep", "tune_keep"),
            _action("Reset", "tune_reset"),
        ),
        "The pitch of the voice in the corner, octave by octave. Sound holds it at the octave, "
        "its gate up, while the others play on. By ear: turn Tune until it is in tune with a "
        "reference. By a meter: turn Reads to what the meter shows. Then Keep; it is played "
        "from then on.",
        "Sound ends with another press, or when the page is left. Velocity, accent and gate "
        "are measured with `firmware calibrate`.",
    ),
    Page(
        "inputs",
        (
            _choice("Input", "input"),
            _action("Is 0 V", "tune_zero"),
            _action("Is 5 V", "tune_five"),
            _action("Forget", "tune_forget"),
        ),
        "The volts that the chosen input reads. Feed it 0 V and press Is 0 V, then 5 V and "
        "press Is 5 V.",
    ),
    Page(
        "system",
        (
            _choice("Fault", "fault"),
            _action("Silence", "panic"),
            _choice("Check", "finding"),
            _action("Check now", "doctor"),
        ),
        "What is wrong and how often it was, the processor's temperature and load, memory, "
        "addresses and versions.",
    ),
)

KEYS: tuple[tuple[str, str], ...] = (
    ("turn", "to the next line of the page; while editing, change the value"),
    ("press", "edit the value, and leave it again; on an action, run it"),
    ("press and turn", "to the next page"),
    ("long press", "to the next voice"),
)
"""What the encoder does everywhere."""
