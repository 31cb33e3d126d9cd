"""The encoder, the voice buttons and shift: from edges of their contacts to gestures.

A button is down at its first edge and up when it has been open for 5 ms, as the encoder's
switch. Shift changes what the others do while it is down. Time is an argument.
"""

from dataclasses import replace

from firmware.board.constants import PINS
from firmware.drivers.encoder import BOUNCE_NS, Encoder, Gesture, GestureEvent

HOLD_NS = 150_000_000
"""A voice button that is down for longer is held, not pressed."""

VOICE_BUTTONS = (PINS.button_voice_1, PINS.button_voice_2, PINS.button_voice_3)


class _Button:
    """One button; `used` says that its release means nothing any more."""

    def __init__(self) -> None:
        self.down_ns: int | None = None
        self.used = False
        self._open_ns: int | None = None

    def edge(self, time_ns: int, *, closed: bool) -> bool:
        """Take a contact that closed or opened; return whether the button went down."""
        if not closed:
            self._open_ns = time_ns if self.down_ns is not None else None
            return False
        self._open_ns = None
        if self.down_ns is not None:
            return False
        self.down_ns, self.used = time_ns, False
        return True

    def is_held(self, now_ns: int) -> bool:
        """Return whether it has been down for long and that was not used yet."""
        if self.down_ns is None or self.used or self._open_ns is not None:
            return False
        return now_ns >= self.down_ns + HOLD_NS

    def released(self, now_ns: int) -> int | None:
        """Return since when it was down, if it has just come up."""
        if self._open_ns is None or now_ns < self._open_ns + BOUNCE_NS:
            return None
        down_ns, self.down_ns, self._open_ns = self.down_ns, None, None
        return down_ns


class FrontControls:
    """All of them over time: edges in, gestures out."""

    def __init__(self, *, reversed_: bool = False) -> None:
        """Begin at rest, with all contacts open."""
        self._encoder = Encoder(reversed_=reversed_)
        self._voices = {line: _Button() for line in VOICE_BUTTONS}
        self._shift = _Button()
        self._pressed_shifted = False

    @property
    def at_rest(self) -> bool:
        """Return whether nothing is held, so that no gesture comes of time alone."""
        buttons = (self._shift, *self._voices.values())
        return self._encoder.next_deadline_ns is None and all(
            button.down_ns is None for button in buttons
        )

    def edge(self, line: int, time_ns: int, *, closed: bool) -> list[GestureEvent]:
        """Take a contact that closed or opened."""
        done = self.advance(time_ns)
        if line == PINS.button_shift:
            self._shift.edge(time_ns, closed=closed)
        elif line in self._voices:
            done += self._voice_edge(line, time_ns, closed=closed)
        else:
            done += map(self._shifted, self._encoder.edge(line, time_ns, closed=closed))
        return done

    def advance(self, now_ns: int) -> list[GestureEvent]:
        """Advance to a time: a press ends, or becomes a long one."""
        done = [self._shifted(event) for event in self._encoder.advance(now_ns)]
        for voice, button in enumerate(self._voices.values()):
            done += self._advance_voice(voice, button, now_ns)
        used = self._shift.used
        down_ns = self._shift.released(now_ns)
        if down_ns is not None and not used:
            done.append(GestureEvent(Gesture.SHIFT_PRESS, down_ns))
        return done

    def _voice_edge(self, line: int, time_ns: int, *, closed: bool) -> list[GestureEvent]:
        button = self._voices[line]
        if not button.edge(time_ns, closed=closed) or self._shift.down_ns is None:
            return []
        button.used = self._shift.used = True
        voice = VOICE_BUTTONS.index(line)
        return [GestureEvent(Gesture.VOICE_PRESS, time_ns, voice=voice, shifted=True)]

    def _advance_voice(self, voice: int, button: _Button, now_ns: int) -> list[GestureEvent]:
        if button.is_held(now_ns):
            button.used = True
            return [GestureEvent(Gesture.VOICE_HOLD, now_ns, voice=voice)]
        used = button.used
        down_ns = button.released(now_ns)
        if down_ns is None:
            return []
        gesture = Gesture.VOICE_RELEASE if used else Gesture.VOICE_PRESS
        return [GestureEvent(gesture, now_ns, voice=voice)]

    def _shifted(self, event: GestureEvent) -> GestureEvent:
        """Mark a gesture of the encoder that began while shift was down."""
        shift = self._shift.down_ns is not None
        if event.gesture is Gesture.DOWN:
            self._pressed_shifted = shift
        elif event.gesture is not Gesture.TURN:
            shift = self._pressed_shifted
        self._shift.used |= shift
        return replace(event, shifted=shift)
