"""The decoders that play: one per voice, each run only when its position has moved."""

from collections.abc import Sequence

from firmware.bundle.decoder import Decoder
from firmware.bundle.exact_decoder import stacked
from firmware.engine.pattern import SILENCE
from firmware.engine.state import VOICES
from firmware.instrument.parameters import Key
from firmware.instrument.patch import Patch
from firmware.instrument.preset import MapPosition, Rhythm, map_position


class VoiceDecoders:
    """Three voices over one to three decoders. `patterns` are their last outputs."""

    def __init__(self, decoders: Sequence[Decoder] = ()) -> None:
        """Take the decoders of a bundle; if they are fewer, voices share them in turn."""
        self.patterns = [SILENCE] * VOICES
        self.decoders = tuple(decoders[v % len(decoders)] for v in range(VOICES) if decoders)
        self._places: list[tuple[float, ...] | None] = [None] * VOICES
        self._stack = stacked(self.decoders)

    def decode(self, places: Sequence[MapPosition]) -> None:
        """Update the patterns to the current positions of the voices."""
        wanted = [
            place[: d.voice.latents] for d, place in zip(self.decoders, places, strict=False)
        ]
        moved = [voice for voice, place in enumerate(wanted) if place != self._places[voice]]
        if self._stack and len(moved) == VOICES:
            self.patterns = self._stack.decode(wanted)
        else:
            for voice in moved:
                self.patterns[voice] = self.decoders[voice].decode(wanted[voice])
        self._places[: len(wanted)] = wanted

    def rhythms(self, patch: Patch) -> tuple[Rhythm, ...]:
        """Return what the voices play at a patch's positions; empty without decoders."""
        return tuple(
            decoder.decode(map_position(patch, voice)[: decoder.voice.latents]).sounding(
                patch[Key("threshold", voice)]
            )
            for voice, decoder in enumerate(self.decoders)
        )
