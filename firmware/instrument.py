"""The instrument: what is set, by whose hand, and what shall play because of it.

Pure: hands, reports and the time come in; scores, changes and wishes go out. Knobs edit the
selected voice and pick a value up before they move it; CVs add without changing what is set.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import Enum, auto
from types import MappingProxyType
from typing import NamedTuple

from firmware.controls import Knob
from firmware.modulation import NO_MODULATION, CvInputs, chosen, modulated
from firmware.parameters import AXES, Key, checked_value
from firmware.patch import engine_state_of, voice_state
from firmware.pattern import Pattern
from firmware.score import (
    PROGRAM,
    VOICES,
    EngineState,
    MidiControl,
    Quantum,
    Report,
    VoiceState,
)
from firmware.song import Song
from firmware.state import PRESETS, Memory, Place, State, place_of

KNOBS = ("x", "y", "threshold")
LINKED = ("x", "y")
CONTROLS: Mapping[int, str] = MappingProxyType({16: "x", 17: "y", 18: "threshold"})
"""General purpose controllers 1 to 3."""

_S_NS = 1_000_000_000


class Hand(Enum):
    """Who sets a value."""

    KNOB = auto()
    ENCODER = auto()
    OSC = auto()
    MIDI = auto()
    RECALL = auto()
    RECORD = auto()


class RecallPreset(NamedTuple):
    """A wish to play a preset, from 0."""

    number: int


class SavePreset(NamedTuple):
    """A wish to keep what plays as a preset, from 0."""

    number: int


class LoadBundle(NamedTuple):
    """A wish to play a bundle by its name, or NAME/SEQUENCE."""

    name: str


class LoadBundleAt(NamedTuple):
    """A wish to play a bundle by its place in the list, from 0."""

    place: int


Wish = RecallPreset | SavePreset | LoadBundle | LoadBundleAt


class _Glide(NamedTuple):
    start: Memory
    end: Memory
    start_ns: int
    duration_ns: int


class Instrument:
    """Everything that can be set, and what became of it.

    patch: what was set; playing: with what the CVs add; wishes: what only the panel can do.
    """

    def __init__(self, state: State, controls: Mapping[int, str] = CONTROLS) -> None:
        """Begin as the module was left; `controls` maps control changes to names."""
        self.patch = state.patch
        self.playing = state.patch
        self.memories = list(state.memories)
        self.bundle = state.bundle
        self.selected = state.voice
        self.page = state.page
        self.song = Song()
        self.modulation = NO_MODULATION
        self.knobs = {name: Knob() for name in KNOBS}
        self.wishes: list[Wish] = []
        self.recall = 0
        self.bundles = 0
        self._controls = controls
        self._cvs = CvInputs()
        self._unclipped: dict[Key, float] = {}
        self._glide: _Glide | None = None
        self._waiting: tuple[Memory, int] | None = None
        self._chosen: int | None = None
        self._voices: dict[int, tuple[tuple[float, ...], VoiceState]] = {}

    # --- hands ---

    def set_value(self, key: Key, value: float, hand: Hand) -> None:
        """Set a value. Raises `ParameterError` for what it cannot take."""
        value = checked_value(key, value)
        moved = {key: value}
        if key.name in LINKED and self.patch.whole("link"):
            moved = self._linked(key, value)
        elif key.name == "link":
            self._unclipped.clear()
        if key.name in AXES:
            self._glide = self._waiting = None
        self._set(moved, hand)

    def select(self, voice: int) -> None:
        """Give the knobs to a voice."""
        if voice != self.selected:
            self.selected = voice
            self._let_go(KNOBS)
            self._refresh()

    def take_knobs(self, positions: Sequence[float]) -> None:
        """Take where the three knobs stand, 0..1."""
        for name, position in zip(KNOBS, positions, strict=True):
            key = Key(name, self.selected)
            value = self.knobs[name].read(position, self.patch[key])
            if value is not None:
                self.set_value(key, value, Hand.KNOB)

    def take_cvs(self, volts: Sequence[float], now_ns: int) -> None:
        """Take the volts of the five CV jacks."""
        modulation = self._cvs.read(volts, self.patch, now_ns)
        if modulation == self.modulation:
            return
        self.modulation = modulation
        voice = chosen(self.patch, modulation, "voice", VOICES)
        if voice is not None:
            self.select(voice)
        index = chosen(self.patch, modulation, "bundle", self.bundles)
        if index is not None and index != self._chosen:
            self.wishes.append(LoadBundleAt(index))
        self._chosen = index
        self._refresh()

    def take_control(self, control: MidiControl) -> None:
        """Take a control or program change: X, Y, threshold; presets 0-63, bundles 64-127."""
        if control.number == PROGRAM:
            bundle = control.value - PRESETS
            wish = LoadBundleAt(bundle) if bundle >= 0 else RecallPreset(control.value)
            self.wishes.append(wish)
            return
        name = self._controls.get(control.number)
        if name and control.channel < VOICES:
            self.set_value(Key(name, control.channel), control.value / 127, Hand.MIDI)

    def take_report(self, report: Report, now_ns: int) -> None:
        """Take where the player is, and what came over MIDI."""
        self.song.take(report, now_ns)
        for control in report.controls:
            self.take_control(control)

    # --- recall ---

    def state(self) -> State:
        """Give what is to be remembered: also what a preset keeps."""
        memories = tuple(self.memories)
        return State(self.patch, memories, self.bundle, self.selected, self.page)

    def recall_preset(self, preset: State) -> None:
        """Play the music of a preset; everything of it lands together."""
        self._glide = self._waiting = None
        self._unclipped.clear()
        self.memories = list(preset.memories)
        self.recall += 1
        patch = self.patch.with_music_of(preset.patch)
        moved = {key: patch[key] for key in self.patch.keys_unlike(patch)}
        self._set(moved, Hand.RECALL)

    def bundle_loaded(self, name: str) -> None:
        """Know that another bundle's decoders play from here on; it lands on the bar."""
        self.bundle = name
        self.recall += 1

    def remember(self, memory: int) -> None:
        """Keep where all voices are on the map."""
        self.memories[memory] = tuple(place_of(self.patch, voice) for voice in range(VOICES))

    def recall_memory(self, memory: int, now_ns: int) -> None:
        """Go to a remembered place from the next bar on, in the time of `glide`."""
        place = self.memories[memory]
        if place is not None:
            self._glide = None
            self._waiting = (place, self.song.bar_ns(now_ns))

    def advance(self, now_ns: int) -> None:
        """Let time pass: glides."""
        if self._waiting and now_ns >= self._waiting[1]:
            self._begin_glide(*self._waiting)
            self._waiting = None
        if self._glide:
            self._go_on(self._glide, now_ns)

    # --- what comes out ---

    def place(self, voice: int) -> Place:
        """Give where on the map a voice plays, the CVs included."""
        return place_of(self.playing, voice)

    @property
    def landed(self) -> bool:
        """Tell whether the player plays what was recalled last."""
        return self.song.report.recall == self.recall

    def score(self, patterns: Sequence[Pattern]) -> EngineState:
        """Give what shall play, with the pattern of each voice.

        While a recall has not landed yet, it is held for the bar.
        """
        voices = tuple(self._voice(voice, patterns[voice]) for voice in range(VOICES))
        score = engine_state_of(self.playing, voices, self.recall)
        return score if self.landed else replace(score, quantum=Quantum.BAR)

    # --- inside ---

    def _voice(self, voice: int, pattern: Pattern) -> VoiceState:
        """Make a voice's score; what did not change but its place is not made again."""
        values = self.playing.values_of(voice)
        kept = self._voices.get(voice)
        if kept is None or kept[0] != values:
            kept = self._voices[voice] = (values, voice_state(self.playing, voice))
        return replace(kept[1], pattern=pattern)

    def _set(self, moved: Mapping[Key, float], hand: Hand) -> None:
        changed = {key: value for key, value in moved.items() if self.patch[key] != value}
        if hand is not Hand.KNOB:
            self._let_go([key.name for key in moved if key.voice == self.selected])
        if changed:
            self.patch = self.patch.with_values(changed)
            self._refresh()

    def _let_go(self, names: Sequence[str]) -> None:
        for name in names:
            if name in self.knobs:
                self.knobs[name].let_go()

    def _refresh(self) -> None:
        self.playing = modulated(self.patch, self.modulation, self.selected)

    def _linked(self, key: Key, value: float) -> dict[Key, float]:
        """Move all voices alike. What runs off the map is remembered, so distances stay."""
        keys = [Key(key.name, voice) for voice in range(VOICES)]
        free = {each: self._unclipped.get(each, self.patch[each]) for each in keys}
        shift = value - free[key]
        free = {each: free[each] + shift for each in keys}
        self._unclipped.update(free)
        return {each: min(max(free[each], 0.0), 1.0) for each in keys}

    def _begin_glide(self, place: Memory, start_ns: int) -> None:
        start = tuple(place_of(self.patch, voice) for voice in range(VOICES))
        duration_ns = round(self.patch[Key("glide")] * _S_NS)
        self._unclipped.clear()
        self._glide = _Glide(start, place, start_ns, duration_ns)

    def _go_on(self, glide: _Glide, now_ns: int) -> None:
        passed_ns = now_ns - glide.start_ns
        share = min(passed_ns / glide.duration_ns, 1.0) if glide.duration_ns else 1.0
        moved = {}
        for voice, (start, end) in enumerate(zip(glide.start, glide.end, strict=True)):
            for axis, a, b in zip(AXES, start, end, strict=True):
                moved[Key(axis, voice)] = b if share == 1.0 else a + (b - a) * share
        self._set(moved, Hand.RECALL)
        if share == 1.0:
            self._glide = None
