"""The pages of the display and their items, in one table.

The display, the encoder and the manual's page are made from `PAGES`. Every parameter is on
exactly one page, so it takes three gestures: press and turn to its page, turn to its name,
press and turn.
"""

from dataclasses import dataclass
from enum import Enum, auto

from firmware.engine.state import PITCHES
from firmware.instrument.parameters import CV_INPUTS


class Kind(Enum):
    """The kinds of items: a value to edit, a number to choose, or an action.

    A dial is an action that is run by turning.
    """

    VALUE = auto()
    CHOICE = auto()
    ACTION = auto()
    DIAL = auto()


@dataclass(frozen=True, slots=True)
class Item:
    """A line of a page: its label, its parameter or action, and its index in a row."""

    label: str
    name: str
    place: int = 0
    kind: Kind = Kind.VALUE


@dataclass(frozen=True, slots=True)
class Page:
    """A page: its name, its lines, its picture, and what else its keys do."""

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
        "play",
        (_action("Tap", "tap"), _choice("Voice", "voice"), _action("Silence", "panic")),
        "Tempo, the clock that counts and the preset; per voice the steps that sound, the one "
        "that plays and how many sound, or that it is muted. The selected item is at the foot.",
    ),
    Page(
        "map",
        (_choice("Voice", "voice"), *_values(x="X", y="Y", z="Z", w="W", link="Link")),
        "The map of the voice: its density as shading, its training points, the position of "
        "the knobs (square) and the position that plays, with the CVs (cross).",
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
        "The 32 steps with their probabilities: filled if they sound, the threshold as a line, "
        "accents marked, the current step underlined, steps beyond the length dotted.",
    ),
    Page(
        "gate",
        _values(
            gate_mode="Gate",
            gate="Gate length",
            trigger="Trigger ms",
            accent="Accent above",
            dice="Probability",
            ratchet="Ratchet hits",
            ratchet_chance="Ratchet chance",
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
        "The eight pitches as heights, slides as slopes, the current one filled.",
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
        "The measured tempo, whether the clock runs and is locked, and the beat of the bar.",
    ),
    Page(
        "scale",
        _values(scale="Scale", root="Root"),
        "A keyboard with the notes of the scale.",
    ),
    Page(
        "chance",
        _values(chaos="Chaos", seed="Seed", freeze="Freeze", quantum="Changes on"),
        "How far chaos moves the probabilities of the steps.",
    ),
    Page(
        "presets",
        (
            _choice("Preset", "preset"),
            _action("Recall", "recall_preset"),
            _action("Save", "save_preset"),
        ),
        "The 64 presets: stored ones filled, the selected one framed. Recalled on another kit, "
        "the voices go to the nearest rhythms, so many steps off as the title says.",
    ),
    Page(
        "places",
        (
            _choice("Place", "memory"),
            _action("Go", "recall_memory"),
            _action("Keep", "keep_memory"),
            *_values(glide="Glide s"),
        ),
        "The eight stored positions on the map, and the current one.",
    ),
    Page(
        "record",
        (_action("Tap", "record_tap"), _action("Go", "record_go"), _action("Clear", "clear")),
        "The tapped steps above the steps of the voice; the current one underlined.",
        "On Tap, each press records a hit at once; so does every MIDI note, and each pulse of "
        "the clock jack while another clock source is selected. Go moves the voice to the "
        "nearest pattern of its map.",
    ),
    Page(
        "kits",
        (_choice("Kit", "bundle"), _action("Load", "load_bundle")),
        "The installed kits; the current one is marked, and a refused one shows the reason.",
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
                cv_play="dead mV",
            ),
        ),
        "The measured voltages of the five CVs.",
    ),
    Page(
        "midi",
        (
            _action("Learn", "midi_learn"),
            _action("Forget", "midi_forget"),
            *_values(program="Program"),
        ),
        "The value that was edited last, and the controllers that set it.",
        "Edit a value on its page, press Learn here and move a controller: one of 7 or 14 "
        "bits, or an endless encoder. Forget removes what was learned for the value.",
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
        "The pitch of the voice named in the corner, octave by octave. Sound holds the octave "
        "with its gate high while the other voices play on. By ear: turn Tune until the pitch "
        "matches a reference. With a meter: turn Reads to the voltage that it shows. Then "
        "press Keep: the result is used from then on.",
        "Sound ends with another press, or when you leave the page. Measure velocity, accent "
        "and gate with `firmware calibrate`.",
    ),
    Page(
        "inputs",
        (
            _choice("Input", "input"),
            _action("Is 0 V", "tune_zero"),
            _action("Is 5 V", "tune_five"),
            _action("Forget", "tune_forget"),
        ),
        "The volts that the selected input reads. Apply 0 V and press Is 0 V, then apply 5 V "
        "and press Is 5 V.",
    ),
    Page(
        "system",
        (
            _choice("Fault", "fault"),
            _action("Silence", "panic"),
            _choice("Check", "finding"),
            _action("Check now", "doctor"),
            _action("Shut down", "power_off"),
        ),
        "The current faults and their counts, the processor's temperature and load, memory, "
        "addresses and versions.",
        "Press Shut down twice; it is safe to unplug when the status LED is dark.",
    ),
)

KEYS: tuple[tuple[str, str], ...] = (
    ("turn", "select the next line of the page; while editing, change the value"),
    ("press", "start or end editing the value; on an action, run it"),
    ("press and turn", "go to the next page"),
    ("long press", "go to the next voice"),
)
"""The encoder's gestures on every page."""
