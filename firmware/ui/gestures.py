"""What the buttons and shift do, in one table for the manual, the desk and the tests.

A move is one press, hold, chord or detent. The encoder alone does what `pages.KEYS` says.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

from firmware.drivers.encoder import Gesture


class Move(Enum):
    """A move of a hand; N is a voice, or how many detents it takes."""

    VOICE = "press voice N"
    HOLD_VOICE = "hold voice N"
    SHIFT = "press shift"
    MUTE = "shift + voice N"
    SHIFT_PRESS = "shift + press the encoder"
    SHIFT_LONG = "shift + hold the encoder"
    SHIFT_TURN = "shift + turn to N"
    SHIFT_PRESS_TURN = "shift + press and turn to N"
    PRESS = "press the encoder"
    LONG_PRESS = "hold the encoder"


@dataclass(frozen=True, slots=True)
class Shortcut:
    """What is done, the moves that do it, and the most moves it may take besides detents."""

    purpose: str
    moves: tuple[Move, ...]
    moves_max: int


SHORTCUTS: tuple[Shortcut, ...] = (
    Shortcut("select voice N", (Move.VOICE,), 1),
    Shortcut("mute or unmute voice N", (Move.MUTE,), 1),
    Shortcut("fill voice N while held", (Move.HOLD_VOICE,), 1),
    Shortcut("run or stop", (Move.SHIFT_PRESS,), 2),
    Shortcut("tap the tempo", (Move.SHIFT, Move.SHIFT), 2),
    Shortcut("panic: silence everything", (Move.SHIFT_LONG,), 2),
    Shortcut("recall preset N", (Move.SHIFT_TURN, Move.PRESS), 3),
    Shortcut("save preset N", (Move.SHIFT_TURN, Move.LONG_PRESS), 3),
    Shortcut("go to place N", (Move.SHIFT_PRESS_TURN, Move.PRESS), 2),
    Shortcut("keep place N", (Move.SHIFT_PRESS_TURN, Move.LONG_PRESS), 3),
)

ACTIONS: Mapping[tuple[Gesture, bool], str] = MappingProxyType(
    {
        (Gesture.VOICE_PRESS, False): "select_voice",
        (Gesture.VOICE_PRESS, True): "toggle_mute",
        (Gesture.VOICE_HOLD, False): "begin_fill",
        (Gesture.VOICE_RELEASE, False): "end_fill",
        (Gesture.SHIFT_PRESS, False): "tap",
        (Gesture.PRESS, True): "toggle_run",
        (Gesture.LONG_PRESS, True): "panic",
        (Gesture.TURN, True): "choose_preset",
        (Gesture.PRESS_TURN, True): "choose_place",
    }
)
"""What a gesture does on every page; True: with shift."""
