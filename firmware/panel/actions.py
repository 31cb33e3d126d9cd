"""What the actions of the encoder do: tempo, recall, record, tuning."""

from collections.abc import Callable, Mapping

from firmware.board.calibration import (
    NOMINAL_INPUTS,
    Calibration,
    CalibrationError,
    OutputCurve,
    fit_input,
)
from firmware.board.constants import ADC_INPUTS, KNOB
from firmware.drivers.cv_inputs import CvInputs
from firmware.engine.state import CommandKind, MidiNote, PitchHold
from firmware.engine.tap_tempo import TapTempo
from firmware.instrument.instrument import Instrument, Source
from firmware.instrument.parameters import Key
from firmware.instrument.patch import voice_state
from firmware.instrument.requests import LoadBundleAt, PanelRequest, RecallPreset, SavePreset
from firmware.instrument.step_recorder import Recorder
from firmware.panel.autosave import StateWriter
from firmware.panel.map_renderer import MapRenderer
from firmware.panel.midi_learning import MidiLearning
from firmware.panel.power import PowerSwitch
from firmware.panel.self_test import SelfTest
from firmware.panel.tuner import Tuner
from firmware.storage.paths import Home
from firmware.storage.settings import calibration_bytes, read_calibration
from firmware.ui.menu import Action, Menu


class PanelActions:
    """Runs actions by name. `notice` is the message about the last one on the display."""

    def __init__(
        self,
        *,
        home: Home,
        instrument: Instrument,
        menu: Menu,
        state_writer: StateWriter,
        scanner: CvInputs,
        maps: MapRenderer,
        self_test: SelfTest,
        command: Callable[[CommandKind, int], bool],
    ) -> None:
        """Take the parts of the panel that actions use."""
        self.notice = ""
        self.recorder = Recorder()
        self.tuner = Tuner(read_calibration(home.calibration))
        self._path = home.calibration
        self.self_test = self_test
        self._instrument = instrument
        self._menu = menu
        self._state_writer = state_writer
        self._scanner = scanner
        self._maps = maps
        self._command = command
        self._tap = TapTempo()
        self._power = PowerSwitch()
        self._learning = MidiLearning(home, instrument, state_writer)
        self._zero: tuple[int, float] | None = None
        self._retuned = False
        self._table: Mapping[str, Callable[[int], object]] = {
            "tap": self._tap_tempo,
            "reset": lambda now_ns: command(CommandKind.RESET, now_ns),
            "panic": lambda now_ns: command(CommandKind.PANIC, now_ns),
            "doctor": lambda _: self_test.start(),
            "power_off": self._power_off,
            "midi_learn": lambda _: self._tell(self._learning.start(menu.changed)),
            "midi_forget": lambda _: self._tell(self._learning.forget(menu.changed)),
            "recall_preset": lambda _: self._request(RecallPreset(self._choice("preset"))),
            "save_preset": lambda _: self._request(SavePreset(self._choice("preset"))),
            "load_bundle": lambda _: self._request(LoadBundleAt(self._choice("bundle"))),
            "recall_memory": self._recall_memory,
            "keep_memory": lambda _: instrument.store(self._choice("memory")),
            "record_tap": self._record_tap,
            "record_go": self._record_go,
            "clear": lambda _: self.recorder.clear(),
            "tune_zero": self._tune_zero,
            "tune_five": self._tune_five,
            "tune_forget": self._tune_forget,
            "tune_sound": self._tune_sound,
            "tune_keep": self._tune_keep,
            "tune_reset": self._tune_reset,
        }
        self._dials: Mapping[str, Callable[[int, int, int], object]] = {
            "tune_code": self.tuner.turn_code,
            "tune_reading": self.tuner.turn_reading,
        }

    @property
    def held(self) -> PitchHold | None:
        """The pitch that is held for tuning, while the page of the outputs is open."""
        return self.tuner.held(*self.tuned) if self._menu.page.name == "outputs" else None

    @property
    def tuned(self) -> tuple[int, int]:
        """The voice that is tuned."""
        return self._instrument.selected, self._choice("octave")

    def run(self, action: Action, now_ns: int) -> None:
        """Run an action; `now_ns` is when the encoder was operated."""
        self.notice = ""
        if action.name in self._dials:
            self._dials[action.name](*self.tuned, action.detents)
        else:
            self._table[action.name](now_ns)

    def poll(self, now_ns: int) -> None:
        """Poll the self-test, and a calibration that is being saved for the player."""
        self.self_test.poll()
        self.notice = self._learning.poll(now_ns) or self.notice
        if self._menu.page.name != "outputs":
            self.tuner.sounding = False
        if self._retuned and not self._state_writer.is_pending(self._path):
            self._retuned = not self._command(CommandKind.CALIBRATE, now_ns)

    def take_note(self, note: MidiNote) -> None:
        """Record a note from MIDI while the record page is open."""
        if self._menu.page.name == "record":
            self._hit(note.tick)

    # --- the actions of the table ---

    def _choice(self, name: str) -> int:
        return self._menu.choices[name]

    def _request(self, request: PanelRequest) -> None:
        self._instrument.pending_requests.append(request)

    def _tap_tempo(self, now_ns: int) -> None:
        milli_bpm = self._tap.tap(now_ns)
        if milli_bpm:
            self._instrument.set_value(Key("tempo"), milli_bpm / 1000, Source.ENCODER)

    def _power_off(self, now_ns: int) -> None:
        self._tell(self._power.press(now_ns))

    def _tell(self, notice: str) -> None:
        self.notice = notice

    def _recall_memory(self, now_ns: int) -> None:
        memory = self._choice("memory")
        if self._instrument.memories[memory] is None:
            self.notice = f"place {memory + 1} is empty"
        self._instrument.recall_memory(memory, now_ns)

    def _record_tap(self, now_ns: int) -> None:
        self._hit(self._instrument.transport.tick_at(now_ns))

    def _hit(self, tick: float) -> None:
        instrument = self._instrument
        self.recorder.hit(tick, voice_state(instrument.playing, instrument.selected))

    def _record_go(self, _: int) -> None:
        voice = self._instrument.selected
        place = self._maps.nearest(voice, self.recorder.steps)
        if place is None:
            self.notice = "the map is not ready yet"
            return
        for axis, value in (("x", place.x), ("y", place.y)):
            self._instrument.set_value(Key(axis, voice), value, Source.RECORD)
        self.recorder.clear()

    def _tune_zero(self, _: int) -> None:
        place = self._choice("input")
        self._zero = (place, self._scanner.codes[place])
        self.notice = "now 5 V"

    def _tune_five(self, _: int) -> None:
        place = self._choice("input")
        if self._zero is None or self._zero[0] != place:
            self.notice = "first 0 V"
            return
        volts = KNOB.reference_volts if ADC_INPUTS[place].startswith("knob") else 5.0
        try:
            line = fit_input((self._zero[1], 0.0), (self._scanner.codes[place], volts), place)
        except CalibrationError:
            self.notice = "does not fit"
        else:
            self._save_calibration(self.tuner.calibration.with_input(place, line))
            self.notice = "saved"
        self._zero = None

    def _tune_forget(self, _: int) -> None:
        place = self._choice("input")
        nominal = NOMINAL_INPUTS[place]
        self._save_calibration(self.tuner.calibration.with_input(place, nominal))
        self.notice = "reset to nominal"

    def _tune_sound(self, _: int) -> None:
        self.tuner.sounding = not self.tuner.sounding
        self.notice = "sounds" if self.tuner.sounding else "silent"

    def _tune_keep(self, _: int) -> None:
        voice, _octave = self.tuned
        try:
            curve = self.tuner.curve(voice)
        except CalibrationError:
            self.notice = "does not fit"
        else:
            self._save_curve(voice, curve, "saved")

    def _tune_reset(self, _: int) -> None:
        voice, _octave = self.tuned
        self._save_curve(voice, OutputCurve(), "reset to nominal")

    def _save_curve(self, voice: int, curve: OutputCurve, notice: str) -> None:
        self.tuner.save(voice, curve)
        self._save_calibration(self.tuner.calibration)
        self._retuned = True
        self.notice = notice

    def _save_calibration(self, calibration: Calibration) -> None:
        self.tuner.calibration = calibration
        self._scanner.recalibrate(calibration.inputs)
        self._state_writer.save(self._path, calibration_bytes(calibration))
