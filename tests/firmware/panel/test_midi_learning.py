"""Learning a controller on the module: by its encoder, its MIDI and its files."""

from collections.abc import Callable

from firmware.engine.state import MidiControl, Report
from firmware.instrument.parameters import Key
from firmware.storage.paths import Home
from firmware.ui.menu import Action
from tests.firmware.panels import PanelRig

GATE = Key("gate")


def send(rig: PanelRig, *values: int) -> None:
    controls = tuple(MidiControl(4, 74, value) for value in values)
    rig.report(Report(running=True, milli_bpm=120_000, controls=controls))
    rig.run(120)


def test_a_controller_is_learned_and_still_known_after_a_start(
    rig: Callable[..., PanelRig], verified_home: Home
) -> None:
    first = rig(verified_home)
    first.run(60)
    first.panel.menu.changed = GATE
    first.panel.actions.run(Action("midi_learn"), 0)
    assert first.panel.actions.notice == "move a controller"
    send(first, 10, 12, 14, 16)
    assert first.panel.actions.notice == "learned"
    assert first.panel.instrument.patch[GATE] == 0.5
    send(first, 127)
    assert first.panel.instrument.patch[GATE] == 1.0
    first.panel.close()
    second = rig(verified_home)
    second.run(60)
    send(second, 0)
    assert second.panel.instrument.patch[GATE] == 0.01
    second.panel.menu.changed = GATE
    second.panel.actions.run(Action("midi_forget"), 0)
    send(second, 127)
    assert second.panel.instrument.patch[GATE] == 0.01


def test_learning_needs_a_value_and_can_be_cancelled(
    rig: Callable[..., PanelRig], verified_home: Home
) -> None:
    one = rig(verified_home).panel
    notices = []
    for key in (None, GATE, GATE):
        one.menu.changed = key
        one.actions.run(Action("midi_learn"), 0)
        notices.append(one.actions.notice)
    assert notices == ["first edit a value", "move a controller", "cancelled"]
    assert one.instrument.learner is None


def test_a_corrupt_file_is_set_aside(rig: Callable[..., PanelRig], verified_home: Home) -> None:
    verified_home.state.mkdir(exist_ok=True)
    (verified_home.state / "midi.json").write_text("no")
    panel = rig(verified_home).panel
    assert panel.faults["state"].count == 1
    assert panel.instrument.midi.learned == ()
