"""The whole panel over the simulated chips: what a gesture, a jack and a fault do to it."""

import errno
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from firmware.board.calibration import OutputCurve
from firmware.board.constants import ADC_INPUTS, CV_INPUT, PINS
from firmware.drivers.oled import Oled
from firmware.engine.pattern import SILENCE
from firmware.engine.state import (
    Command,
    CommandKind,
    Fault,
    MidiNote,
    PitchHold,
    Quantum,
    Report,
)
from firmware.instrument.instrument import Source
from firmware.instrument.parameters import Key
from firmware.instrument.requests import LoadBundle, RecallPreset, SavePreset
from firmware.ipc.control_protocol import LoadRequest, Reply, StatusRequest
from firmware.storage.paths import Home, InstalledBundle
from firmware.storage.settings import parse_settings, read_calibration
from firmware.storage.state_store import corrupt_of
from firmware.ui.snapshot import SystemView
from tests.firmware.panels import MS_NS, PanelRig

MakeRig = Callable[..., PanelRig]


@pytest.fixture
def playing(rig: MakeRig, verified_home: Home) -> PanelRig:
    """A panel whose bundle plays and whose player has reported it."""
    one = rig(verified_home)
    one.report(Report(running=True, milli_bpm=120_000, recall=1))
    one.run(60)
    one.received()
    return one


def test_an_empty_module_plays_silence_and_says_why(rig: MakeRig, tmp_path: Path) -> None:
    one = rig(Home(tmp_path))
    one.run(100)
    assert {voice.pattern for voice in one.engine_states()[-1].voices} == {SILENCE}
    assert "none is installed" in one.panel.faults["bundle"].text


def test_the_chosen_bundle_is_verified_then_played_on_the_bar(
    rig: MakeRig, stocked_home: Home
) -> None:
    one = rig(stocked_home)
    one.until(lambda: one.panel.bundle_manager.version is not None)
    state = one.engine_states()[-1]
    assert state.recall == 1
    assert state.quantum is Quantum.BAR
    assert all(voice.pattern != SILENCE for voice in state.voices)


def test_a_bundle_that_played_before_plays_with_the_first_state(
    rig: MakeRig, stocked_home: Home
) -> None:
    first = rig(stocked_home)
    first.until(lambda: first.panel.bundle_manager.version is not None)
    first.report(Report(recall=1))
    first.run(100)
    first.panel.close()
    second = rig(stocked_home)
    second.run(4)
    assert second.engine_states()[0].voices[0].pattern != SILENCE


def test_a_bundle_that_crashed_the_panel_is_verified_again(
    rig: MakeRig, verified_home: Home
) -> None:
    crashed = rig(verified_home)
    crashed.run(4)
    assert crashed.engine_states()[0].voices[0].pattern != SILENCE
    again = rig(verified_home)
    again.run(4)
    assert again.engine_states()[0].voices[0].pattern == SILENCE
    again.until(lambda: again.panel.bundle_manager.version is not None)


def test_a_cv_moves_the_pattern_within_one_scan(playing: PanelRig) -> None:
    before = playing.panel.bundle_manager.voice_decoders.patterns[0]
    playing.volts(cv_x=3.0)
    playing.run(2)
    (state,) = playing.engine_states()
    assert state.voices[0].pattern != before


def test_nothing_is_sent_while_nothing_changes(playing: PanelRig) -> None:
    playing.run(2000)
    assert playing.engine_states() == []


def test_a_player_that_was_started_again_is_reported(playing: PanelRig) -> None:
    playing.report(Report())
    playing.run(10)
    playing.reports = 0
    playing.report(Report())
    playing.run(10)
    fault = playing.panel.faults["player"]
    assert (fault.count, fault.active) == (1, False)


def test_a_knob_moves_its_voice(playing: PanelRig) -> None:
    for volts in (1.0, 2.0):
        playing.volts(knob_threshold=volts)
        playing.run(20)
    state = playing.engine_states()[-1]
    assert state.voices[0].threshold == pytest.approx(0.606, abs=0.005)
    assert state.voices[1].threshold == 0.5


def test_the_screen_shows_the_page(playing: PanelRig) -> None:
    playing.run(200)
    first = playing.rack.oled.image().tobytes()
    assert any(first)
    press_turn(playing)
    playing.run(200)
    assert playing.rack.oled.image().tobytes() != first


def press_turn(rig: PanelRig) -> None:
    edge(rig, PINS.encoder_switch, closed=True)
    turn_right(rig)
    edge(rig, PINS.encoder_switch, closed=False)
    rig.run(20)


def test_a_page_is_sent_to_the_display_when_its_picture_changes(
    playing: PanelRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_page(playing, "map")
    playing.run(2000)
    pictures: list[object] = []
    monkeypatch.setattr(Oled, "show", lambda _, image: pictures.append(image))
    for tick in range(0, 2 * Quantum.BEAT, 8):
        playing.report(Report(running=True, milli_bpm=120_000, tick=tick, steps=(tick,) * 3))
        playing.run(60)
    assert len(pictures) == 0
    open_page(playing, "clock")
    playing.run(60)
    pictures.clear()
    for tick in range(0, 2 * Quantum.BEAT, 8):
        playing.report(Report(running=True, milli_bpm=120_000, tick=tick))
        playing.run(60)
    assert len(pictures) == 2  # the stop's, then one per beat: the first was shown already


def turn_right(rig: PanelRig) -> None:
    for line, closed in (
        (PINS.encoder_a, True),
        (PINS.encoder_b, True),
        (PINS.encoder_a, False),
        (PINS.encoder_b, False),
    ):
        edge(rig, line, closed=closed)


def edge(rig: PanelRig, line: int, *, closed: bool) -> None:
    rig.time.now_ns += MS_NS
    rig.rack.encoder.edge(line, rising=closed)


def press(rig: PanelRig) -> None:
    edge(rig, PINS.encoder_switch, closed=True)
    rig.run(20)
    edge(rig, PINS.encoder_switch, closed=False)
    rig.run(40)


def open_page(rig: PanelRig, name: str, label: str = "") -> None:
    while rig.panel.menu.page.name != name:
        press_turn(rig)
    while label and rig.panel.menu.item.label != label:
        turn_right(rig)
        rig.run(10)


def test_the_encoder_edits_through_real_edges(playing: PanelRig) -> None:
    open_page(playing, "gate", "Ratchet hits")
    press(playing)
    turn_right(playing)
    playing.run(20)
    assert playing.panel.instrument.patch.whole("ratchet") == 3


def test_the_encoder_resets_through_the_player(playing: PanelRig) -> None:
    open_page(playing, "clock", "Reset")
    playing.received()
    press(playing)
    assert commands(playing) == [CommandKind.RESET]


def test_taps_set_the_tempo(playing: PanelRig) -> None:
    open_page(playing, "clock", "Tap")
    for _ in range(4):
        press(playing)
        playing.run(440 - 2)
    assert playing.panel.instrument.patch[Key("tempo")] == pytest.approx(120, abs=0.5)


def test_recording_goes_to_the_nearest_place(playing: PanelRig) -> None:
    playing.run(3000)
    assert playing.panel.maps.done
    open_page(playing, "record", "Tap")
    wanted = playing.panel.maps.nearest(0, [1, 0] * 16)
    assert wanted is not None
    notes = tuple(MidiNote(0, 60, 100, 24 * step) for step in range(0, 32, 2))
    for first in range(0, 16, 4):
        playing.report(Report(running=True, recall=1, notes=notes[first : first + 4]))
    playing.run(20)
    assert playing.panel.actions.recorder.steps == [1, 0] * 16
    open_page(playing, "record", "Go")
    press(playing)
    patch = playing.panel.instrument.patch
    assert (patch[Key("x")], patch[Key("y")]) == (wanted.x, wanted.y)
    assert not any(playing.panel.actions.recorder.steps)


def test_a_pitch_is_tuned_by_ear_while_the_others_play(playing: PanelRig) -> None:
    open_page(playing, "outputs", "Sound")
    press(playing)
    nominal = OutputCurve().code(0.0)
    assert playing.engine_states()[-1].pitch_hold == PitchHold(0, nominal)
    open_page(playing, "outputs", "Tune")
    press(playing)
    turn_right(playing)
    playing.run(20)
    assert playing.engine_states()[-1].pitch_hold == PitchHold(0, nominal + 1)
    press(playing)
    open_page(playing, "outputs", "Keep")
    press(playing)
    path = playing.home.state / "calibration.json"
    playing.until(path.exists)
    playing.until(lambda: CommandKind.CALIBRATE in commands(playing))
    assert read_calibration(path).outputs[0][0].code(0.0) == nominal + 1


def test_a_held_pitch_is_let_go_when_the_page_is_left(playing: PanelRig) -> None:
    open_page(playing, "outputs", "Sound")
    press(playing)
    press_turn(playing)
    assert playing.engine_states()[-1].pitch_hold is None
    playing.run(100)
    while playing.panel.menu.page.name != "outputs":
        press_turn(playing)
    assert all(state.pitch_hold is None for state in playing.engine_states())


def test_an_input_is_measured_from_the_page(playing: PanelRig) -> None:
    place = ADC_INPUTS.index("cv_x")
    open_page(playing, "inputs", "Is 0 V")
    playing.volts(cv_x=0.1)
    playing.run(10)
    press(playing)
    open_page(playing, "inputs", "Is 5 V")
    playing.volts(cv_x=5.1)
    playing.run(10)
    press(playing)
    playing.volts(cv_x=2.6)
    playing.run(10)
    assert playing.panel.scanner.volts[0] == pytest.approx(2.5, abs=0.01)
    path = playing.home.state / "calibration.json"
    playing.until(path.exists)
    line = read_calibration(path).inputs[place]
    assert line.volts(CV_INPUT.code(0.1)) == pytest.approx(0.0, abs=0.01)


def commands(rig: PanelRig) -> list[CommandKind]:
    return [message.kind for message in rig.received() if isinstance(message, Command)]


def test_a_tap_is_the_step_that_plays(playing: PanelRig) -> None:
    open_page(playing, "record", "Tap")
    playing.report(Report(running=True, milli_bpm=120_000, tick=24 * 8, recall=1))
    playing.run(2)
    press(playing)
    assert playing.panel.actions.recorder.steps.index(1) == 8


def test_a_preset_is_saved_and_recalled(playing: PanelRig) -> None:
    panel = playing.panel
    panel.instrument.set_value(Key("length"), 7, Source.OSC)
    panel.instrument.pending_requests.append(SavePreset(4))
    playing.run(100)
    panel.instrument.set_value(Key("length"), 20, Source.OSC)
    playing.until(panel.state_writer.preset_path(4).exists)
    panel.instrument.pending_requests.append(RecallPreset(4))
    playing.run(4)
    state = playing.engine_states()[-1]
    assert (state.voices[0].length, state.recall) == (7, 2)


def test_an_empty_preset_changes_nothing_and_says_so(playing: PanelRig) -> None:
    before = playing.panel.instrument.patch
    playing.panel.instrument.pending_requests.append(RecallPreset(9))
    playing.run(4)
    assert playing.panel.instrument.patch == before
    assert playing.panel.bundle_manager.notice == "preset 10 is empty"


def test_a_preset_brings_its_bundle_and_all_lands_together(playing: PanelRig) -> None:
    panel = playing.panel
    panel.instrument.set_value(Key("length"), 7, Source.OSC)
    panel.instrument.pending_requests.append(SavePreset(0))
    playing.until(panel.state_writer.preset_path(0).exists)
    panel.instrument.set_value(Key("length"), 20, Source.OSC)
    panel.instrument.pending_requests.append(LoadBundle("bass"))
    playing.until(lambda: panel.instrument.bundle == "bass")
    playing.received()
    panel.instrument.pending_requests.append(RecallPreset(0))
    playing.until(lambda: panel.instrument.bundle == "drums")
    lengths = [state.voices[0].length for state in playing.engine_states()]
    assert set(lengths[:-1]) <= {20}
    assert lengths[-1] == 7


def test_a_bundle_asked_for_by_deploy_is_answered_when_it_has_landed(
    playing: PanelRig, verified_home: Home
) -> None:
    replies: list[Reply] = []
    playing.panel.serve(LoadRequest("bass/000001"), replies.append, playing.time.now_ns)
    playing.until(lambda: playing.panel.instrument.bundle == "bass")
    assert replies == []
    assert verified_home.current_bundle() == InstalledBundle(2, "drums")
    playing.report(Report(running=True, recall=2))
    playing.until(lambda: bool(replies))
    assert verified_home.current_bundle() == InstalledBundle(1, "bass")
    assert replies[0].ok
    assert replies[0].status
    assert replies[0].status.bundle == "bass/000001"


def test_a_bundle_that_plays_but_cannot_be_made_current_is_refused_with_the_reason(
    playing: PanelRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(home: Home, version: InstalledBundle) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(home.current))

    monkeypatch.setattr("firmware.panel.autosave.set_current", refuse)
    replies: list[Reply] = []
    playing.panel.serve(LoadRequest("bass/000001"), replies.append, playing.time.now_ns)
    playing.until(lambda: playing.panel.instrument.bundle == "bass")
    playing.report(Report(running=True, recall=2))
    playing.until(lambda: bool(replies))
    assert not replies[0].ok
    assert "cannot be made current" in replies[0].reason
    assert "Read-only file system" in replies[0].reason


def test_what_was_refused_as_it_could_not_be_made_current_is_not_made_so_later(
    playing: PanelRig, verified_home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(home: Home, version: InstalledBundle) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(home.current))

    replies: list[Reply] = []
    with monkeypatch.context() as patched:
        patched.setattr("firmware.panel.autosave.set_current", refuse)
        playing.panel.serve(LoadRequest("bass/000001"), replies.append, playing.time.now_ns)
        playing.until(lambda: playing.panel.instrument.bundle == "bass")
        playing.report(Report(running=True, recall=2))
        playing.until(lambda: bool(replies))
    assert not playing.panel.state_writer.is_pending(verified_home.current)
    playing.run(3000)
    assert verified_home.current_bundle() == InstalledBundle(2, "drums")


def ask_for_bass(playing: PanelRig, wait_ns: int) -> list[Reply]:
    replies: list[Reply] = []
    now_ns = playing.time.now_ns
    request = LoadRequest("bass/000001", now_ns + wait_ns)
    playing.panel.serve(request, replies.append, now_ns)
    return replies


def test_a_request_that_expired_on_its_way_changes_nothing(playing: PanelRig) -> None:
    replies = ask_for_bass(playing, 0)
    assert [reply.ok for reply in replies] == [False]
    assert "too long" in replies[0].reason
    playing.run(100)
    assert playing.panel.instrument.bundle == "drums"


def test_a_request_that_expires_while_it_is_verified_changes_nothing(
    playing: PanelRig,
) -> None:
    replies = ask_for_bass(playing, 1)
    playing.run(100)
    assert [reply.ok for reply in replies] == [False]
    assert playing.panel.instrument.bundle == "drums"
    assert not playing.panel.bundle_manager.loader.cancel()


def test_a_request_that_expires_before_the_bar_brings_back_what_played(
    playing: PanelRig, verified_home: Home
) -> None:
    manager = playing.panel.bundle_manager
    before = manager.voice_decoders
    replies = ask_for_bass(playing, 60_000_000_000)
    playing.until(lambda: playing.panel.instrument.bundle == "bass")
    playing.time.now_ns += 60_000_000_000
    playing.until(lambda: bool(replies))
    assert [reply.ok for reply in replies] == [False]
    assert playing.panel.instrument.bundle == "drums"
    assert (manager.version, manager.voice_decoders) == (InstalledBundle(2, "drums"), before)
    playing.report(Report(running=True, recall=3))
    playing.run(3000)
    assert verified_home.current_bundle() == InstalledBundle(2, "drums")


def test_a_request_that_was_fulfilled_does_not_expire(
    playing: PanelRig, verified_home: Home
) -> None:
    replies = ask_for_bass(playing, 60_000_000_000)
    playing.until(lambda: playing.panel.instrument.bundle == "bass")
    playing.report(Report(running=True, recall=2))
    playing.until(lambda: bool(replies))
    playing.time.now_ns += 60_000_000_000
    playing.run(100)
    assert [reply.ok for reply in replies] == [True]
    assert playing.panel.instrument.bundle == "bass"
    assert verified_home.current_bundle() == InstalledBundle(1, "bass")


def test_a_bundle_that_has_played_is_back_at_once(playing: PanelRig) -> None:
    playing.panel.instrument.pending_requests.append(LoadBundle("bass"))
    playing.until(lambda: playing.panel.instrument.bundle == "bass")
    playing.panel.instrument.pending_requests.append(LoadBundle("drums"))
    playing.run(4)
    assert playing.panel.instrument.bundle == "drums"


def test_a_request_for_another_bundle_gives_up_the_one_before(playing: PanelRig) -> None:
    replies: list[Reply] = []
    for _ in range(2):
        playing.panel.serve(LoadRequest("bass/000001"), replies.append, playing.time.now_ns)
    assert [reply.ok for reply in replies] == [False]


def test_asking_for_what_plays_gives_up_what_is_being_verified(playing: PanelRig) -> None:
    replies: list[Reply] = []
    playing.panel.serve(LoadRequest("bass/000001"), replies.append, playing.time.now_ns)
    playing.panel.serve(LoadRequest("drums/000002"), replies.append, playing.time.now_ns)
    playing.until(lambda: len(replies) == 2)
    assert [reply.ok for reply in replies] == [False, True]
    assert playing.panel.instrument.bundle == "drums"


@pytest.mark.parametrize("damage", ["missing", "corrupt"])
def test_a_bundle_that_does_not_verify_is_refused_and_the_old_one_plays_on(
    playing: PanelRig, stocked_home: Home, damage: str
) -> None:
    folder = stocked_home.bundles / "bass" / "000001"
    if damage == "missing":
        shutil.rmtree(folder)
    else:
        next(folder.glob("*.tflite")).write_bytes(b"?")
    before = playing.panel.bundle_manager.voice_decoders
    replies: list[Reply] = []
    playing.panel.serve(LoadRequest("bass/000001"), replies.append, playing.time.now_ns)
    playing.until(lambda: bool(replies))
    assert not replies[0].ok
    assert "bass" in replies[0].reason
    assert playing.panel.bundle_manager.voice_decoders is before


def test_the_state_is_resumed(rig: MakeRig, stocked_home: Home) -> None:
    first = rig(stocked_home)
    first.panel.instrument.set_value(Key("length", 1), 5, Source.OSC)
    first.panel.instrument.store(2)
    first.until(lambda: b'"length"' in _read(first.panel.state_writer.state_path))
    second = rig(stocked_home)
    assert second.panel.instrument.patch.whole("length", 1) == 5
    assert second.panel.instrument.memories[2] is not None


def _read(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""


def test_switching_off_keeps_what_was_not_written_yet(rig: MakeRig, stocked_home: Home) -> None:
    first = rig(stocked_home)
    first.panel.instrument.set_value(Key("length", 1), 5, Source.OSC)
    first.panel.close()
    assert rig(stocked_home).panel.instrument.patch.whole("length", 1) == 5


def test_the_status_tells_what_runs(playing: PanelRig) -> None:
    replies: list[Reply] = []
    playing.panel.serve(StatusRequest(), replies.append, playing.time.now_ns)
    status = replies[0].status
    assert status
    assert (status.bundle, status.tempo_bpm) == ("drums/000002", 120.0)
    assert status.healthy
    playing.time.now_ns += 3000 * MS_NS
    playing.panel.serve(StatusRequest(), replies.append, playing.time.now_ns)
    assert replies[1].status
    assert not replies[1].status.healthy


# --- faults: each keeps the music going, is counted and shown, and heals ---


def break_adc(rig: PanelRig) -> None:
    rig.rack.adc.broken = True


def mend_adc(rig: PanelRig) -> None:
    rig.rack.adc.broken = False


def float_adc(level: int) -> Callable[[PanelRig], None]:
    def let_float(rig: PanelRig) -> None:
        rig.rack.adc.floating = level

    return let_float


def connect_adc(rig: PanelRig) -> None:
    rig.rack.adc.floating = None


def break_oled(rig: PanelRig) -> None:
    rig.rack.oled.broken = True
    press_turn(rig)


def mend_oled(rig: PanelRig) -> None:
    rig.rack.oled.broken = False


FAULTS = {
    "adc broken": ("adc", break_adc, mend_adc),
    "adc absent, line high": ("adc", float_adc(1), connect_adc),
    "adc absent, line low": ("adc", float_adc(0), connect_adc),
    "oled absent": ("oled", break_oled, mend_oled),
}


@pytest.mark.parametrize(("kind", "harm", "mend"), FAULTS.values(), ids=FAULTS)
def test_a_fault_keeps_the_music_going_and_heals(
    playing: PanelRig,
    kind: str,
    harm: Callable[[PanelRig], None],
    mend: Callable[[PanelRig], None],
) -> None:
    playing.volts(cv_x=2.0)
    playing.run(100)
    last = playing.engine_states()[-1]
    harm(playing)
    playing.run(2000)
    assert playing.panel.faults[kind].active
    assert playing.panel.faults[kind].count == 1
    assert playing.engine_states() == []
    playing.panel.instrument.set_value(Key("length"), 9, Source.OSC)
    playing.run(10)
    state = playing.engine_states()[-1]
    assert state.voices[0].pattern == last.voices[0].pattern
    assert state.voices[0].length == 9
    mend(playing)
    playing.run(2000)
    assert not playing.panel.faults[kind].active


def test_an_adc_that_trembled_and_stands_still_is_frozen(playing: PanelRig) -> None:
    for scan in range(2000):
        playing.volts(cv_assign_1=0.02 * (scan % 2))
        playing.run(2)
    assert not playing.panel.faults["adc"].active
    playing.rack.adc.frozen = True
    playing.run(2500)
    assert "frozen" in playing.panel.faults["adc"].text
    playing.rack.adc.frozen = False
    playing.volts(cv_assign_1=1.0)
    playing.run(10)
    assert not playing.panel.faults["adc"].active


@pytest.mark.parametrize("fault", Fault)
def test_what_the_player_counts_is_shown_and_heals(playing: PanelRig, fault: Fault) -> None:
    kind = fault.name.lower()
    counts = tuple(2 if each is fault else 0 for each in Fault)
    report = Report(running=True, recall=1, faults=counts)
    playing.report(report)
    playing.run(10)
    assert [k for k, state in playing.panel.faults.states.items() if state.active] == [kind]
    playing.time.now_ns += 1500 * MS_NS
    playing.report(report)
    playing.run(10)
    assert not playing.panel.faults[kind].active
    assert playing.panel.faults[kind].count == 1


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EIO])
def test_a_disk_that_refuses_keeps_the_music_going_and_heals(
    playing: PanelRig, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def refuse(path: Path, data: bytes) -> None:
        raise OSError(number, os.strerror(number), str(path))

    with monkeypatch.context() as patched:
        patched.setattr("firmware.panel.autosave.save", refuse)
        playing.panel.instrument.set_value(Key("length"), 3, Source.OSC)
        playing.until(lambda: playing.panel.faults["storage"].active)
        assert os.strerror(number) in playing.panel.faults["storage"].text
        assert playing.engine_states()[-1].voices[0].length == 3
    playing.until(lambda: not playing.panel.faults["storage"].active)
    assert playing.panel.state_writer.load_state().value == playing.panel.instrument.state()


def test_a_bundle_deleted_under_it_plays_on(playing: PanelRig, stocked_home: Home) -> None:
    shutil.rmtree(stocked_home.bundles / "drums")
    playing.run(6000)
    assert "plays from memory" in playing.panel.faults["bundle"].text
    playing.volts(cv_x=4.0)
    playing.run(10)
    assert playing.engine_states()[-1].voices[0].pattern != SILENCE


def test_the_encoder_may_die(playing: PanelRig) -> None:
    playing.rack.encoder.close()
    playing.run(100)
    assert playing.panel.faults["encoder"].active


def test_mistaken_settings_are_a_fault_and_no_silence(rig: MakeRig, stocked_home: Home) -> None:
    one = rig(stocked_home, settings=parse_settings("[osc]\nprot = 1"))
    one.run(10)
    assert "did you mean osc.port" in one.panel.faults["settings"].text
    assert one.engine_states()


def test_a_corrupt_state_is_set_aside_and_named(rig: MakeRig, stocked_home: Home) -> None:
    stocked_home.state.mkdir(parents=True)
    path = stocked_home.state / "state.json"
    path.write_text(json.dumps({"format": "?"}))
    one = rig(stocked_home)
    one.run(10)
    assert corrupt_of(path).exists()
    assert "state.json.corrupt" in one.panel.faults["state"].text


def test_a_folder_that_cannot_be_written_is_a_fault_that_heals(
    rig: MakeRig, stocked_home: Home
) -> None:
    stocked_home.state.write_text("a file where the folder belongs")
    one = rig(stocked_home)
    one.until(lambda: one.panel.faults["storage"].active)
    stocked_home.state.unlink()
    stocked_home.state.mkdir()
    one.until(lambda: not one.panel.faults["storage"].active)
    assert one.panel.state_writer.state_path.exists()


def test_heat_is_a_fault_that_cools_down(rig: MakeRig, verified_home: Home) -> None:
    one = rig(verified_home, system=SystemView(celsius=85.0))
    one.run(100)
    assert one.panel.faults["heat"].active
    one.system = SystemView(celsius=60.0)
    one.run(3000)
    assert not one.panel.faults["heat"].active


def test_the_display_goes_dark_when_nobody_is_there_and_wakes_at_a_touch(
    rig: MakeRig, verified_home: Home
) -> None:
    one = rig(verified_home, settings=parse_settings("[display]\noff_after_min = 1"))
    one.run(200)
    assert one.rack.oled.contrast == 160
    one.time.now_ns += 61_000 * MS_NS
    one.run(200)
    assert not any(one.rack.oled.image().tobytes())
    turn_right(one)
    one.run(200)
    assert any(one.rack.oled.image().tobytes())


def test_the_page_checks_what_the_doctor_checks(playing: PanelRig) -> None:
    open_page(playing, "system", "Check now")
    press(playing)
    playing.until(lambda: playing.panel.actions.self_test.lines[0] != "checking...")
    # No Raspberry Pi here, and the rack of this test is in no other process.
    found = playing.panel.actions.self_test.lines
    assert found[0].startswith("machine: ")
    assert any(line.startswith("DAC") for line in found)
