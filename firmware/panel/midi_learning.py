"""Learns MIDI controllers for parameters, and saves what was learned."""

from firmware.instrument.instrument import Instrument
from firmware.instrument.midi_file import midi_bytes, parse_midi
from firmware.instrument.midi_map import Assignment, Learner
from firmware.instrument.parameters import Key
from firmware.panel.autosave import StateWriter
from firmware.storage.paths import Home
from firmware.storage.state_store import Loaded, load

FILE = "midi.json"


def learned_before(home: Home) -> Loaded[tuple[Assignment, ...]]:
    """Read what was learned; a corrupt file is set aside."""
    return load(home.state / FILE, parse_midi)


class MidiLearning:
    """The actions of the MIDI page. Each returns a notice for the display."""

    def __init__(self, home: Home, instrument: Instrument, state_writer: StateWriter) -> None:
        """Take the instrument, and where to save what it learns."""
        self._path = home.state / FILE
        self._instrument = instrument
        self._state_writer = state_writer

    def start(self, key: Key | None) -> str:
        """Learn a controller for the parameter that was edited last."""
        if key is None:
            return "first edit a value"
        if self._instrument.learner:
            self._instrument.learner = None
            return "cancelled"
        self._instrument.learner = Learner(key)
        return "move a controller"

    def poll(self, now_ns: int) -> str:
        """Finish what was learned; return a notice, empty as long as nothing was learned."""
        learner = self._instrument.learner
        learned = learner.result(now_ns) if learner else None
        if learned is None:
            return ""
        self._instrument.learner = None
        self._instrument.midi.add(learned)
        self._save()
        return "learned"

    def forget(self, key: Key | None) -> str:
        """Remove the learned controllers of a parameter."""
        if key is None:
            return "first edit a value"
        self._instrument.midi.forget(key)
        self._save()
        return "forgotten"

    def _save(self) -> None:
        self._state_writer.save(self._path, midi_bytes(self._instrument.midi.learned))
