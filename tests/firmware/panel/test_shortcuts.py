"""Every shortcut of the table, by real edges of the encoder and the buttons, and its moves."""

from collections.abc import Callable

import pytest

from firmware.board.constants import PINS
from firmware.drivers.front_controls import VOICE_BUTTONS
from firmware.engine.state import Command, CommandKind, Report
from firmware.instrument.instrument import Source
from firmware.instrument.parameters import Key
from firmware.storage.paths import Home
from firmware.ui.gestures import ACTIONS, SHORTCUTS, Move, Shortcut
from tests.firmware.panels import MS_NS, PanelRig

SHIFT, SWITCH = PINS.button_shift, PINS.encoder_switch
DETENTS = 5
VOICE = 1
BOUNCES = 3


class Hand:
    """A hand on the simulated module, whose contacts bounce; it counts its moves."""

    def __init__(self, rig: PanelRig) -> None:
        self.rig = rig
        self.moves = self.detents = 0
        self.now_held: list[int] = []

    def contact(self, line: int, *, closed: bool) -> None:
        for _ in range(BOUNCES):
            self.edge(line, closed=closed)
            self.edge(line, closed=not closed)
        self.edge(line, closed=closed)
        self.rig.run(30)

    def edge(self, line: int, *, closed: bool) -> None:
        self.rig.time.now_ns += MS_NS // 10
        self.rig.rack.encoder.edge(line, rising=closed)

    def turn(self, detents: int) -> None:
        for _ in range(detents):
            for line, closed in (
                (PINS.encoder_a, True),
                (PINS.encoder_b, True),
                (PINS.encoder_a, False),
                (PINS.encoder_b, False),
            ):
                self.edge(line, closed=closed)
            self.rig.run(60)
            self.detents += 1

    def make(self, move: Move) -> None:
        """Make a move; a hold stays until `let_go`."""
        self.moves += 1
        voice = VOICE_BUTTONS[VOICE]
        held = {
            Move.VOICE: [voice],
            Move.HOLD_VOICE: [voice],
            Move.SHIFT: [SHIFT],
            Move.MUTE: [SHIFT, voice],
            Move.SHIFT_PRESS: [SHIFT, SWITCH],
            Move.SHIFT_LONG: [SHIFT, SWITCH],
            Move.SHIFT_TURN: [SHIFT],
            Move.SHIFT_PRESS_TURN: [SHIFT, SWITCH],
            Move.PRESS: [SWITCH],
            Move.LONG_PRESS: [SWITCH],
        }[move]
        for line in held:
            self.contact(line, closed=True)
        self.now_held = held
        if move in {Move.SHIFT_TURN, Move.SHIFT_PRESS_TURN}:
            self.turn(DETENTS)
        if move in {Move.SHIFT_LONG, Move.LONG_PRESS}:
            self.rig.run(700)
        if move is Move.HOLD_VOICE:
            self.rig.run(200)
        else:
            self.let_go()

    def let_go(self) -> None:
        for line in reversed(self.now_held):
            self.contact(line, closed=False)
        self.now_held = []
        self.rig.run(200)


@pytest.fixture
def hand(rig: Callable[..., PanelRig], verified_home: Home) -> Hand:
    one = rig(verified_home)
    one.report(Report(running=True, milli_bpm=120_000, recall=1))
    one.run(60)
    one.received()
    return Hand(one)


def shortcut(purpose: str) -> Shortcut:
    return next(one for one in SHORTCUTS if one.purpose == purpose)


def perform(hand: Hand, purpose: str) -> None:
    hand.moves = hand.detents = 0
    for move in shortcut(purpose).moves:
        hand.make(move)
    assert hand.moves <= shortcut(purpose).moves_max


def test_a_voice_is_selected(hand: Hand) -> None:
    perform(hand, "select voice N")
    assert hand.rig.panel.instrument.selected == VOICE
    assert hand.rig.panel.instrument.patch[Key("fill", VOICE)] == 0


def test_a_voice_is_muted_and_unmuted(hand: Hand) -> None:
    for muted in (True, False):
        perform(hand, "mute or unmute voice N")
        assert [voice.mute for voice in hand.rig.engine_states()[-1].voices] == [
            False,
            muted,
            False,
        ]
    assert hand.rig.panel.instrument.selected == 0


def test_a_fill_lasts_while_its_button_is_held(hand: Hand) -> None:
    perform(hand, "fill voice N while held")
    assert [voice.fill for voice in hand.rig.engine_states()[-1].voices] == [0, 1, 0]
    hand.let_go()
    assert [voice.fill for voice in hand.rig.engine_states()[-1].voices] == [0, 0, 0]
    assert hand.rig.panel.instrument.selected == 0


def test_it_runs_and_stops(hand: Hand) -> None:
    for running in (False, True):
        perform(hand, "run or stop")
        assert hand.rig.engine_states()[-1].running is running


def test_the_tempo_is_tapped(hand: Hand) -> None:
    before = hand.rig.panel.instrument.patch[Key("tempo")]
    perform(hand, "tap the tempo")
    assert hand.rig.panel.instrument.patch[Key("tempo")] != before


def test_panic_is_sent_and_nothing_else_happens(hand: Hand) -> None:
    perform(hand, "panic: silence everything")
    sent = [one.kind for one in hand.rig.received() if isinstance(one, Command)]
    assert sent == [CommandKind.PANIC]
    assert hand.rig.panel.instrument.patch[Key("run")] == 1


def test_a_preset_is_saved_and_recalled(hand: Hand) -> None:
    instrument = hand.rig.panel.instrument
    instrument.set_value(Key("x"), 0.25, Source.OSC)
    perform(hand, "save preset N")
    assert hand.detents == DETENTS
    hand.rig.until(lambda: hand.rig.panel.state_writer.presets[DETENTS])
    instrument.set_value(Key("x"), 0.75, Source.OSC)
    hand.rig.panel.menu.choices["preset"] = 0
    perform(hand, "recall preset N")
    hand.rig.run(60)
    assert instrument.patch[Key("x")] == 0.25


def test_a_place_is_kept_and_gone_to(hand: Hand) -> None:
    instrument = hand.rig.panel.instrument
    instrument.set_value(Key("x"), 0.25, Source.OSC)
    perform(hand, "keep place N")
    instrument.set_value(Key("x"), 0.75, Source.OSC)
    hand.rig.panel.menu.choices["memory"] = 0
    perform(hand, "go to place N")
    hand.rig.run(3000)
    assert instrument.patch[Key("x")] == 0.25


MOVES_MAX = {
    "select voice N": 1,
    "mute or unmute voice N": 1,
    "fill voice N while held": 1,
    "run or stop": 2,
    "tap the tempo": 2,
    "panic: silence everything": 2,
    "recall preset N": 3,
    "save preset N": 3,
    "go to place N": 2,
}
"""What a player standing before the module may be asked for, besides detents."""


@pytest.mark.parametrize(("purpose", "moves_max"), MOVES_MAX.items())
def test_no_more_moves_are_needed_than_this(hand: Hand, purpose: str, moves_max: int) -> None:
    perform(hand, purpose)
    assert hand.moves <= moves_max


def test_every_shortcut_is_within_its_moves_and_every_action_known() -> None:
    assert all(len(one.moves) <= one.moves_max for one in SHORTCUTS)
    assert len({one.purpose for one in SHORTCUTS}) == len(SHORTCUTS) == 10
    assert len(set(ACTIONS.values())) == len(ACTIONS)


def test_a_chord_let_go_in_any_order_does_nothing_more(hand: Hand) -> None:
    hand.make(Move.HOLD_VOICE)
    hand.contact(SHIFT, closed=True)
    hand.let_go()
    hand.contact(SHIFT, closed=False)
    hand.rig.run(100)
    assert hand.rig.panel.instrument.patch[Key("fill", VOICE)] == 0
    assert hand.rig.panel.instrument.patch[Key("mute", VOICE)] == 0


def test_a_page_turned_after_choosing_forgets_the_choice(hand: Hand) -> None:
    hand.make(Move.SHIFT_TURN)
    hand.contact(SWITCH, closed=True)
    hand.turn(1)
    hand.contact(SWITCH, closed=False)
    recall = hand.rig.panel.instrument.recall
    hand.make(Move.PRESS)
    assert hand.rig.panel.instrument.recall == recall
