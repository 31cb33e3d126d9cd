"""Recording: hits on the song's grid become the 32 steps that the map is searched for."""

from firmware.engine.clock import TICKS_PER_STEP
from firmware.engine.pattern import STEPS
from firmware.engine.state import VoiceState


class Recorder:
    """The steps hit so far. `steps` is 0 or 1 per step of the pattern."""

    def __init__(self) -> None:
        """Start empty."""
        self.steps = [0] * STEPS

    def clear(self) -> None:
        """Remove all hits."""
        self.steps = [0] * STEPS

    def hit(self, tick: float, voice: VoiceState) -> None:
        """Take a hit at a song position: the nearest step of the voice, where it is played.

        A hit in the last half of the last step belongs to the first.
        """
        scale = voice.division if voice.division > 0 else -1 / voice.division
        position = round(tick / (TICKS_PER_STEP * scale)) % voice.length
        self.steps[(position - voice.rotation) % voice.length] = 1
