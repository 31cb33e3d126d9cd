"""A preset on another bundle: its voices go to the rhythms that are nearest to those it had."""

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from firmware.bundle.latent_map import REST, NearestCell
from firmware.engine.knob_curve import AXES
from firmware.engine.state import VOICES
from firmware.instrument.instrument import Instrument
from firmware.instrument.parameters import Key
from firmware.instrument.preset import MapPosition, Rhythm, State, map_position
from firmware.panel.bundle_manager import BundleManager
from firmware.panel.decoders import VoiceDecoders
from firmware.panel.map_renderer import MapRenderer


class _Missed(NamedTuple):
    """A rhythm that does not play at its position any more, and by how many steps not."""

    rhythm: Rhythm
    threshold: float
    position: MapPosition
    off: int


class RhythmRecall:
    """Compares recalled rhythms with what plays, and searches the maps for those that differ.

    A search waits until the maps are rendered; meanwhile the preset plays at its positions. A
    voice that somebody has moved since stays where it is.
    """

    def __init__(self, instrument: Instrument, maps: MapRenderer) -> None:
        """Take the instrument to move, and the maps to search."""
        self._instrument = instrument
        self._maps = maps
        self._missed: Mapping[int, _Missed] = {}
        self._off: tuple[int, ...] = ()

    def step(self, bundle_manager: BundleManager) -> None:
        """Compare a preset that was just recalled; search if the maps are there."""
        decoders = bundle_manager.voice_decoders
        if bundle_manager.recalled is not None:
            self._missed = _missed(bundle_manager.recalled, decoders)
            bundle_manager.recalled = None
        if not self._missed or not self._maps.shows(decoders):
            return
        cells = {
            voice: self._maps.nearest(voice, missed.rhythm, missed.threshold)
            for voice, missed in self._missed.items()
        }
        found = {voice: cell for voice, cell in cells.items() if cell is not None}
        if len(found) == len(cells):
            self._go(found)
            bundle_manager.notice = f"nearest: {' '.join(map(str, self._off))} off"

    def take_off(self) -> tuple[int, ...]:
        """Return, once, by how many steps the voices' rhythms are off after a search."""
        off, self._off = self._off, ()
        return off

    def _go(self, found: Mapping[int, NearestCell]) -> None:
        moved: dict[Key, float] = {}
        off = [0] * VOICES
        for voice, cell in found.items():
            missed = self._missed[voice]
            off[voice] = min(cell.distance, missed.off)
            still = map_position(self._instrument.patch, voice) == missed.position
            if still and cell.distance < missed.off:
                place = (cell.x, cell.y, REST, REST)
                moved |= {Key(axis, voice): at for axis, at in zip(AXES, place, strict=True)}
        state = self._instrument.state()
        patch = state.patch.with_values(moved)
        self._instrument.recall_preset(replace(state, patch=patch))
        self._missed, self._off = {}, tuple(off)


def _missed(preset: State, decoders: VoiceDecoders) -> dict[int, _Missed]:
    """Return the voices at whose positions another rhythm plays now."""
    missed = {}
    played = decoders.rhythms(preset.patch)
    for voice, (rhythm, now) in enumerate(zip(preset.rhythms, played, strict=False)):
        off = sum(a != b for a, b in zip(rhythm, now, strict=True))
        if off:
            threshold = preset.patch[Key("threshold", voice)]
            position = map_position(preset.patch, voice)
            missed[voice] = _Missed(rhythm, threshold, position, off)
    return missed
