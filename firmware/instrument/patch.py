"""A patch: one value for each parameter. Presets store it; an engine state is made from it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from types import MappingProxyType

from firmware.engine.clock import PPQNS
from firmware.engine.knob_curve import AXES
from firmware.engine.state import (
    PITCHES,
    VOICES,
    ClockOut,
    ClockSource,
    EngineState,
    GateMode,
    Quantum,
    VoiceState,
)
from firmware.instrument.parameters import BY_NAME, CV_TARGETS, KEYS, Key

_PLACES: Mapping[Key, int] = MappingProxyType({key: n for n, key in enumerate(KEYS)})
_VOICE_VALUES: tuple[Callable[[Sequence[float]], tuple[float, ...]], ...] = tuple(
    itemgetter(
        *(
            place
            for key, place in _PLACES.items()
            if BY_NAME[key.name].per_voice and key.voice == voice and key.name not in AXES
        )
    )
    for voice in range(VOICES)
)


@dataclass(frozen=True, slots=True)
class Patch:
    """A value for every key, in the order of `KEYS`."""

    values: tuple[float, ...]

    def __getitem__(self, key: Key) -> float:
        """Return a value."""
        return self.values[_PLACES[key]]

    def whole(self, name: str, voice: int = 0, place: int = 0) -> int:
        """Return a whole value."""
        return int(self[Key(name, voice, place)])

    def with_values(self, changes: Mapping[Key, float]) -> "Patch":
        """Return a patch with some values changed; they are trusted."""
        values = list(self.values)
        for key, value in changes.items():
            values[_PLACES[key]] = value
        return Patch(tuple(values))

    def keys_unlike(self, other: "Patch") -> Iterator[Key]:
        """Return the keys whose values differ."""
        pairs = zip(KEYS, self.values, other.values, strict=True)
        return (key for key, mine, others in pairs if mine != others)

    def values_of(self, voice: int) -> tuple[float, ...]:
        """Return all values of a voice but its place on the map."""
        return _VOICE_VALUES[voice](self.values)

    def with_music_of(self, other: "Patch") -> "Patch":
        """Return this patch with the musical values of another, as a preset recall does."""
        return self.with_values({key: other[key] for key in KEYS if BY_NAME[key.name].musical})


_FIRST_PITCHES = (
    (36, 36, 48, 36, 39, 43, 36, 46),
    (60, 63, 67, 70, 72, 70, 67, 63),
    (72, 75, 79, 72, 82, 79, 75, 84),
)
"""C minor pentatonic over three octaves, so that three voices sound well at once."""

DEFAULT_PATCH = Patch(tuple(float(BY_NAME[key.name].default) for key in KEYS)).with_values(
    {
        Key("pitch", voice, place): note
        for voice, row in enumerate(_FIRST_PITCHES)
        for place, note in enumerate(row)
    }
    | {Key("cv_assign", 0, 1): CV_TARGETS.index("length")}
)


def engine_state_of(patch: Patch, voices: tuple[VoiceState, ...], recall: int) -> EngineState:
    """Return the engine state of a patch whose voices were made by `voice_state`."""

    def value(name: str) -> float:
        return patch[Key(name)]

    return EngineState(
        voices=voices,
        running=bool(value("run")),
        milli_bpm=round(1000 * value("tempo")),
        swing=value("swing"),
        chaos=value("chaos"),
        seed=patch.whole("seed"),
        freeze=bool(value("freeze")),
        quantum=tuple(Quantum)[patch.whole("quantum")],
        scale=patch.whole("scale"),
        root=patch.whole("root"),
        recall=recall,
        clock_source=ClockSource(patch.whole("clock")),
        clock_in_ppqn=PPQNS[patch.whole("clock_in")],
        clock_out=ClockOut(patch.whole("clock_out")),
        clock_out_ppqn=PPQNS[patch.whole("clock_rate")],
        freewheel=bool(value("freewheel")),
        reset_at_once=bool(value("reset_at_once")),
    )


def voice_state(patch: Patch, voice: int) -> VoiceState:
    """Return what a patch asks of a voice, but for the pattern that its decoder gives."""

    def value(name: str) -> float:
        return patch[Key(name, voice)]

    mode = GateMode(patch.whole("gate_mode", voice))
    slides = (patch.whole("slide", voice, place) << place for place in range(PITCHES))
    return VoiceState(
        threshold=value("threshold"),
        groove=value("groove"),
        probability=value("dice"),
        ratchet_chance=value("ratchet_chance"),
        accent=value("accent"),
        fill=value("fill"),
        gate=value("trigger" if mode is GateMode.TRIGGER else "gate"),
        gate_mode=mode,
        length=patch.whole("length", voice),
        rotation=patch.whole("rotate", voice),
        division=patch.whole("division", voice),
        ratchet=patch.whole("ratchet", voice),
        mute=bool(value("mute")),
        advance_by_gate=bool(value("advance")),
        slides=sum(slides),
        transpose=patch.whole("transpose", voice),
        pitches=tuple(patch.whole("pitch", voice, place) for place in range(PITCHES)),
    )
