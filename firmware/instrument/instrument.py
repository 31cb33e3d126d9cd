"""The instrument: which source sets which value, and the engine state that follows.

Pure: values, reports and the time come in; engine states and requests go out. Knobs edit the
selected voice and pick a value up before they move it; CVs add to the set values.
"""

from collections.abc import Iterable, Mapping, Sequence
from enum import Enum, auto
from types import MappingProxyType
from typing import NamedTuple

from firmware.engine.knob_curve import AXES
from firmware.engine.pattern import Pattern
from firmware.engine.state import (
    PROGRAM,
    VOICES,
    EngineState,
    MidiControl,
    PitchHold,
    Report,
)
from firmware.instrument.controls import Knob
from firmware.instrument.deliberate_moves import Moves
from firmware.instrument.midi_map import Assignment, Learner, MidiMap, default_assignments
from firmware.instrument.modulation import NO_MODULATION, CvInputs, chosen, modulated
from firmware.instrument.parameters import PROGRAM_CHANGES, Key, checked_value
from firmware.instrument.patch import (
    FixedValues,
    Patch,
    engine_state_of,
    fixed_values,
    voice_state,
)
from firmware.instrument.preset import PRESETS, MapPosition, MapSnapshot, State, map_position
from firmware.instrument.requests import LoadBundleAt, PanelRequest, RecallPreset
from firmware.instrument.transport import TransportPosition

KNOBS = ("x", "y", "threshold")
LINKED = ("x", "y")
CONTROLS: Mapping[int, str] = MappingProxyType({16: "x", 17: "y", 18: "threshold", 19: "fill"})
"""General purpose controllers 1 to 4."""

_S_NS = 1_000_000_000
_NO_FILL = {Key("fill", voice): 0.0 for voice in range(VOICES)}


class Source(Enum):
    """The source of a value."""

    KNOB = auto()
    ENCODER = auto()
    OSC = auto()
    MIDI = auto()
    RECALL = auto()
    RECORD = auto()


class _Glide(NamedTuple):
    start: MapSnapshot
    end: MapSnapshot
    start_ns: int
    duration_ns: int


class Instrument:
    """All values and the engine state that follows from them.

    patch: the set values; playing: with the CVs added; pending_requests: for the panel.
    """

    def __init__(
        self,
        state: State,
        controls: Mapping[int, str] = CONTROLS,
        learned: Iterable[Assignment] = (),
    ) -> None:
        """Start from a saved state; `controls` maps control changes to names.

        `learned` are the controllers that were learned before.
        """
        # A fill lasts while it is held.
        self.patch = state.patch.with_values(_NO_FILL)
        self.playing = self.patch
        self.memories = list(state.memories)
        self.bundle = state.bundle
        self.selected = state.voice
        self.page = state.page
        self.transport = TransportPosition()
        self.modulation = NO_MODULATION
        self.knobs = {name: Knob() for name in KNOBS}
        self.pending_requests: list[PanelRequest] = []
        self.recall = 0
        self.bundles = 0
        self.midi = MidiMap(default_assignments(controls), learned)
        self.learner: Learner | None = None
        self._cvs = CvInputs()
        self._unclipped: dict[Key, float] = {}
        self._glide: _Glide | None = None
        self._waiting: tuple[MapSnapshot, int] | None = None
        self._chosen: int | None = None
        self.moves = Moves()
        self._fixed_of: Patch | None = None
        self._fixed: list[FixedValues] = []

    # --- sources ---

    def set_value(self, key: Key, value: float, source: Source) -> None:
        """Set a value. Raises `ParameterError` if it is out of range."""
        value = checked_value(key, value)
        moved = {key: value}
        if key.name in LINKED and self.patch.whole("link"):
            moved = self._linked(key, value)
        elif key.name == "link":
            self._unclipped.clear()
        if key.name in AXES:
            self._glide = self._waiting = None
        self._set(moved, source)

    def select(self, voice: int) -> None:
        """Assign the knobs to a voice."""
        if voice != self.selected:
            self.selected = voice
            self._release_pickup(KNOBS)
            self._refresh()

    def take_knobs(self, positions: Sequence[float]) -> None:
        """Take the positions of the three knobs, 0..1."""
        upside_down = bool(self.patch[Key("density")])
        for name, position in zip(KNOBS, positions, strict=True):
            key = Key(name, self.selected)
            turned = upside_down and name == "threshold"
            value = self.knobs[name].read(
                1.0 - position if turned else position, self.patch[key]
            )
            if value is not None:
                self.set_value(key, value, Source.KNOB)

    def take_cvs(self, volts: Sequence[float], now_ns: int) -> None:
        """Take the volts of the five CV jacks."""
        modulation = self._cvs.read(volts, self.patch, now_ns)
        if modulation is self.modulation:
            return
        self.modulation = modulation
        voice = chosen(self.patch, modulation, "voice", VOICES)
        if voice is not None:
            self.select(voice)
        index = chosen(self.patch, modulation, "bundle", self.bundles)
        if index is not None and index != self._chosen:
            self.pending_requests.append(LoadBundleAt(index))
        self._chosen = index
        self._refresh()

    def take_control(self, control: MidiControl, now_ns: int = 0) -> None:
        """Take a control or program change; while one is learned, it sets nothing."""
        if control.number == PROGRAM:
            self._take_program(control.value)
        elif self.learner:
            self.learner.take(control, now_ns)
        elif moved := self.midi.set_by(control, self.patch):
            self.set_value(*moved, Source.MIDI)

    def _take_program(self, number: int) -> None:
        recalled = PROGRAM_CHANGES[self.patch.whole("program")]
        if recalled == "kits" or (recalled == "both" and number >= PRESETS):
            place = number if recalled == "kits" else number - PRESETS
            self.pending_requests.append(LoadBundleAt(place))
        elif recalled == "both" or (recalled == "presets" and number < PRESETS):
            self.pending_requests.append(RecallPreset(number))

    def take_report(self, report: Report, now_ns: int) -> None:
        """Take the player's status, and the MIDI messages that it received."""
        self.transport.take(report, now_ns)
        for control in report.controls:
            self.take_control(control, now_ns)

    # --- recall ---

    def state(self) -> State:
        """Return the state to be saved, which is also the contents of a preset."""
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
        self._set(moved, Source.RECALL)

    def bundle_loaded(self, name: str) -> None:
        """Record that another bundle's decoders play from now on; it lands on the bar."""
        self.bundle = name
        self.recall += 1

    def store(self, memory: int) -> None:
        """Store the positions of all voices on the map."""
        self.memories[memory] = tuple(
            map_position(self.patch, voice) for voice in range(VOICES)
        )

    def recall_memory(self, memory: int, now_ns: int) -> None:
        """Go to stored positions from the next bar on, in the time of `glide`."""
        place = self.memories[memory]
        if place is not None:
            self._glide = None
            self._waiting = (place, self.transport.bar_ns(now_ns))

    def advance(self, now_ns: int) -> None:
        """Advance the glides to a time."""
        if self._waiting and now_ns >= self._waiting[1]:
            self._begin_glide(*self._waiting)
            self._waiting = None
        if self._glide:
            self._go_on(self._glide, now_ns)

    # --- output ---

    def place(self, voice: int) -> MapPosition:
        """Return the position on the map that a voice plays, with the CVs."""
        return map_position(self.playing, voice)

    @property
    def landed(self) -> bool:
        """Return whether the player plays the last recall."""
        return self.transport.report.recall == self.recall

    def engine_state(
        self, patterns: Sequence[Pattern], pitch_hold: PitchHold | None = None
    ) -> EngineState:
        """Return what is to play, with the pattern of each voice.

        While a recall has not landed yet, it is held for the bar.
        """
        if self._fixed_of is not self.patch:
            self._fixed_of = self.patch
            self._fixed = [fixed_values(self.patch, voice) for voice in range(VOICES)]
        playing, moves, fixed = self.playing, self.moves.counts, self._fixed
        voices = tuple(
            [voice_state(playing, v, patterns[v], moves[v], fixed[v]) for v in range(VOICES)]
        )
        return engine_state_of(
            playing, voices, self.recall, landed=self.landed, pitch_hold=pitch_hold
        )

    # --- inside ---

    def _set(self, moved: Mapping[Key, float], source: Source) -> None:
        changed = {key: value for key, value in moved.items() if self.patch[key] != value}
        if source is not Source.KNOB:
            self._release_pickup([key.name for key in moved if key.voice == self.selected])
        if changed:
            self.patch = self.patch.with_values(changed)
            if source is not Source.KNOB:
                self.moves.note(key.voice for key in changed if key.name in AXES)
            self._refresh()

    def _release_pickup(self, names: Sequence[str]) -> None:
        for name in names:
            if name in self.knobs:
                self.knobs[name].release_pickup()

    def _refresh(self) -> None:
        self.playing = modulated(self.patch, self.modulation, self.selected)
        self.moves.follow([map_position(self.playing, voice) for voice in range(VOICES)])

    def _linked(self, key: Key, value: float) -> dict[Key, float]:
        """Move all voices alike; values beyond the map are remembered, to keep distances."""
        keys = [Key(key.name, voice) for voice in range(VOICES)]
        free = {each: self._unclipped.get(each, self.patch[each]) for each in keys}
        shift = value - free[key]
        free = {each: free[each] + shift for each in keys}
        self._unclipped.update(free)
        return {each: min(max(free[each], 0.0), 1.0) for each in keys}

    def _begin_glide(self, place: MapSnapshot, start_ns: int) -> None:
        start = tuple(map_position(self.patch, voice) for voice in range(VOICES))
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
        self._set(moved, Source.RECALL)
        if share == 1.0:
            self._glide = None
