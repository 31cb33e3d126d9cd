"""The modules of VCV Rack that the patches use, as they are in one version of each.

Widths, ports, parameters and their ranges were read from the running modules: Core of Rack
2.4.1 and VCV Fundamental 2.6.0. The numbers of ports and parameters never change between
versions, since saved patches count on them; widths and ranges may.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from pd.vcv.faceplate import rack_panel

Names = tuple[str, ...]
Ranges = tuple[tuple[float, float], ...]

CORE, FUNDAMENTAL = "2.4.1", "2.6.0"
_PLUGIN = json.loads((Path(__file__).parent / "plugin" / "plugin.json").read_text("utf-8"))


@dataclass(frozen=True, slots=True)
class RackModule:
    """A kind of module: where it comes from, its width in HP, and its names in their order."""

    plugin: str
    model: str
    version: str
    width_hp: int
    params: Names = ()
    ranges: Ranges = ()
    """The lowest and highest value of each parameter."""
    inputs: Names = ()
    outputs: Names = ()


def _numbers(last: int) -> Names:
    return tuple(map(str, range(1, last + 1)))


MIDI_TO_CV = RackModule(
    *("Core", "MIDIToCVInterface", CORE, 8),
    outputs=(
        *("pitch", "gate", "velocity", "aftertouch", "wheel", "modulation", "retrigger"),
        *("clock", "clock_divided", "start", "stop", "continue"),
    ),
)
AUDIO_2 = RackModule(
    *("Core", "AudioInterface2", CORE, 5),
    params=("level",),
    ranges=((0, 2),),
    inputs=_numbers(2),
    outputs=_numbers(2),
)
AUDIO_16 = RackModule(
    *("Core", "AudioInterface16", CORE, 19), inputs=_numbers(16), outputs=_numbers(16)
)
NOTES = RackModule("Core", "Notes", CORE, 16)
VCO = RackModule(
    *("Fundamental", "VCO", FUNDAMENTAL, 9),
    params=("mode", "sync", "frequency", "fine", "fm", "width", "width_cv", "fm_mode"),
    ranges=((0, 1), (0, 1), (-54, 54), (0, 1), (-1, 1), (0.01, 0.99), (-1, 1), (0, 1)),
    inputs=("pitch", "fm", "sync", "width"),
    outputs=("sine", "triangle", "saw", "square"),
)
ADSR = RackModule(
    *("Fundamental", "ADSR", FUNDAMENTAL, 9),
    params=(
        *("attack", "decay", "sustain", "release"),
        *("attack_cv", "decay_cv", "sustain_cv", "release_cv", "push"),
    ),
    ranges=(*((0, 1),) * 4, *((-1, 1),) * 4, (0, 1)),
    inputs=("attack", "decay", "sustain", "release", "gate", "retrigger"),
    outputs=("envelope",),
)
VCA = RackModule(
    *("Fundamental", "VCA-1", FUNDAMENTAL, 3),
    params=("level", "response"),
    ranges=((0, 1), (0, 1)),
    inputs=("cv", "in"),
    outputs=("out",),
)
MIXER = RackModule(
    *("Fundamental", "VCMixer", FUNDAMENTAL, 9),
    params=("mix", "1", "2", "3", "4"),
    ranges=((0, 2), *((0, 1.41422),) * 4),
    inputs=("mix_cv", "1", "2", "3", "4", "cv_1", "cv_2", "cv_3", "cv_4"),
    outputs=("mix", "1", "2", "3", "4"),
)
SCOPE = RackModule(
    *("Fundamental", "Scope", FUNDAMENTAL, 13),
    params=(
        *("gain_1", "offset_1", "gain_2", "offset_2"),
        *("time", "mode", "threshold", "trigger"),
    ),
    ranges=((0, 8), (-10, 10), (0, 8), (-10, 10), (-5.64, 7.64), (0, 1), (-10, 10), (0, 1)),
    inputs=("1", "2", "trigger"),
    outputs=("1", "2"),
)
EX_NIHILO = RackModule(
    *("ExNihilo", "ExNihilo", _PLUGIN["version"], rack_panel().hp),
    inputs=("x", "y", "threshold", "cv_1", "cv_2", "clock", "reset", "run"),
    outputs=(
        *(f"{name}_{n}" for n in (1, 2, 3) for name in ("pitch", "velocity", "accent", "gate")),
        "clock",
    ),
)
