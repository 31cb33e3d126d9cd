import pytest

from firmware.engine.clock_source import clock_maker
from firmware.engine.engine import Engine
from firmware.engine.state import JACK_CHANNEL, ClockSource, EngineState, MidiNote
from firmware.player.midi_input import MidiHandler


@pytest.mark.parametrize(
    ("source", "notes"),
    [
        (ClockSource.INTERNAL, [MidiNote(JACK_CHANNEL, 60, 127, 0)]),
        (ClockSource.MIDI, [MidiNote(JACK_CHANNEL, 60, 127, 0)]),
        (ClockSource.JACK, []),
        (ClockSource.AUTO, []),
    ],
)
def test_the_clock_jack_can_be_played_while_another_clock_counts(
    source: ClockSource, notes: list[MidiNote]
) -> None:
    engine = Engine(clock_maker())
    engine.set_state(EngineState(clock_source=source), 0)
    handler = MidiHandler(engine)
    handler.on_clock_pulse()
    assert list(handler.notes) == notes
