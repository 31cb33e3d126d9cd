"""OSC feedback: the values of all parameters, and of what plays."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

from firmware.bundle.manifest import Axis
from firmware.engine.pattern import Pattern
from firmware.engine.sequencer import sounding_note
from firmware.engine.state import PITCHES, VOICES
from firmware.instrument.parameters import BY_NAME, Key
from firmware.instrument.patch import Patch, engine_state_of, voice_state
from firmware.instrument.preset import MapPosition
from firmware.osc.addresses import PARAMETER_ADDRESSES, Entry
from firmware.osc.packet import Argument

LOOPS_SENT_MAX = 32
MAP_CELLS = 256

OUTGOING: tuple[Entry, ...] = (
    Entry("/hello", "s i", "version and number of voices: the reply to every /subscribe"),
    Entry(
        "/token",
        "i",
        "the reply to a /subscribe from another machine without a token: repeat it with this",
    ),
    Entry("/bundle", "s", "the kit that plays"),
    Entry("/bundles", "s ...", "the installed kits"),
    Entry(
        "/state",
        "i i f",
        "whether the clock runs; whether it is locked; the measured tempo in BPM",
    ),
    Entry("/voice/N/pattern", "i x 32", "1: the step sounds; before length and rotation"),
    Entry("/voice/N/velocity", "i x 32", "0..127 per step, whether it sounds or not"),
    Entry("/voice/N/offset", "f x 32", "micro-timing, as a fraction of a step"),
    Entry(
        "/voice/N/notes", "i x 8", "the eight pitches as they sound, transposed, on the scale"
    ),
    Entry("/voice/N/xy", "f f", "the position on the map that plays, with the CVs"),
    Entry(
        "/voice/N/axes",
        "s s s s",
        "what the ends of X and Y mean: left, right, bottom, top; empty where the kit does "
        "not say",
    ),
    Entry(
        "/voice/N/map",
        "s",
        "256 digits: how many steps are to be expected on a grid of 16 x 16 places, row by row "
        "from the bottom; the densest is 9, all are 0 until the map is rendered",
    ),
    Entry(
        "/voice/N/loops",
        "f f ...",
        f"the loops that the voice was trained on, as X and Y: at most {LOOPS_SENT_MAX}",
    ),
    Entry("/voice/N/step", "i 1..32", "the step of the pattern that plays now"),
    Entry(
        "/preset/nearest",
        "i x 3",
        "a preset was recalled on another kit: the voices went to the nearest rhythms, so "
        "many steps off",
    ),
    Entry("/fault", "s", "a fault, when it begins"),
)

NO_AXES = ("",) * 4

AddressValues = Mapping[str, tuple[Argument, ...]]
"""The values last sent, or to be sent, at each address."""


@lru_cache(maxsize=4)
def control_values(patch: Patch) -> AddressValues:
    """Return the values of all parameters."""
    return {
        address: tuple(_argument(key, patch[key]) for key in keys)
        for address, keys in PARAMETER_ADDRESSES.items()
    }


def _argument(key: Key, value: float) -> Argument:
    return int(value) if BY_NAME[key.name].whole else value


@lru_cache(maxsize=4)
def note_values(patch: Patch) -> AddressValues:
    """Return the notes that the playing patch makes of its pitches."""
    voices = tuple(voice_state(patch, voice) for voice in range(VOICES))
    state = engine_state_of(patch, voices, 0)
    return {
        f"/voice/{number}/notes": tuple(sounding_note(v, k, state) for k in range(PITCHES))
        for number, v in enumerate(voices, 1)
    }


def axis_values(axes: Sequence[Sequence[Axis]]) -> AddressValues:
    """Return what the ends of each voice's X and Y mean."""
    named = [
        tuple(end for axis in voice[:2] for end in (axis.low, axis.high)) for voice in axes
    ]
    named += [()] * (VOICES - len(named))
    return {f"/voice/{number}/axes": ends or NO_AXES for number, ends in enumerate(named, 1)}


def map_values(
    maps: Sequence[Sequence[int]], loops: Sequence[Sequence[tuple[float, float]]]
) -> AddressValues:
    """Return each voice's map, and where the first of its loops are on it."""
    values: dict[str, tuple[Argument, ...]] = {}
    for voice in range(VOICES):
        cells = maps[voice] if voice < len(maps) else ()
        points = loops[voice][:LOOPS_SENT_MAX] if voice < len(loops) else ()
        values[f"/voice/{voice + 1}/map"] = ("".join(map(str, cells)) or "0" * MAP_CELLS,)
        values[f"/voice/{voice + 1}/loops"] = tuple(float(n) for point in points for n in point)
    return values


def voice_values(
    voice: int, pattern: Pattern, threshold: float, place: MapPosition
) -> AddressValues:
    """Return the values of a voice's pattern, with the threshold and the place that play."""
    head = f"/voice/{voice + 1}"
    return {
        f"{head}/pattern": tuple(map(int, pattern.sounding(threshold))),
        f"{head}/velocity": tuple(round(127 * velocity) for velocity in pattern.velocity),
        f"{head}/offset": pattern.offset,
        f"{head}/xy": place[:2],
    }
