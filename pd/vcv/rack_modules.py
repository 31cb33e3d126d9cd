"""The modules of VCV Rack that the patches use, as far as they use them.

Slugs and the numbers of ports and parameters are those of Rack 2.0's `src/core` and of VCV
Fundamental 2.0; numbers never change between versions, since saved patches count on them.
"""

from dataclasses import dataclass

Names = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RackModule:
    """A kind of module: where it comes from, its width in HP, and its names in their order."""

    plugin: str
    model: str
    width_hp: int
    params: Names = ()
    inputs: Names = ()
    outputs: Names = ()


MIDI_TO_CV = RackModule(
    "Core",
    "MIDIToCVInterface",
    9,
    outputs=(
        *("pitch", "gate", "velocity", "aftertouch", "wheel", "modulation", "retrigger"),
        *("clock", "clock_divided", "start", "stop", "continue"),
    ),
)
AUDIO_2 = RackModule(
    "Core",
    "AudioInterface2",
    6,
    params=("level",),
    inputs=("1", "2"),
    outputs=("1", "2"),
)
AUDIO_16 = RackModule(
    "Core",
    "AudioInterface16",
    18,
    inputs=tuple(map(str, range(1, 17))),
    outputs=tuple(map(str, range(1, 17))),
)
NOTES = RackModule("Core", "Notes", 16)
VCO = RackModule(
    "Fundamental",
    "VCO",
    10,
    params=("mode", "sync", "frequency", "fine", "fm", "width", "width_cv"),
    inputs=("pitch", "fm", "sync", "width"),
    outputs=("sine", "triangle", "saw", "square"),
)
ADSR = RackModule(
    "Fundamental",
    "ADSR",
    9,
    params=("attack", "decay", "sustain", "release"),
    inputs=("attack", "decay", "sustain", "release", "gate", "retrigger"),
    outputs=("envelope",),
)
VCA = RackModule(
    "Fundamental",
    "VCA-1",
    3,
    params=("level", "response"),
    inputs=("cv", "in"),
    outputs=("out",),
)
MIXER = RackModule(
    "Fundamental",
    "VCMixer",
    10,
    params=("mix", "1", "2", "3", "4"),
    inputs=("mix_cv", "1", "2", "3", "4", "cv_1", "cv_2", "cv_3", "cv_4"),
    outputs=("mix", "1", "2", "3", "4"),
)
SCOPE = RackModule(
    "Fundamental",
    "Scope",
    13,
    params=("x_scale", "x_position", "y_scale", "y_position", "time"),
    inputs=("x", "y", "trigger"),
)
SEQUENCER = RackModule(
    "Fundamental",
    "SEQ3",
    22,
    params=(
        *("tempo", "run", "reset", "steps"),
        *(f"cv_{row}_{step}" for row in (1, 2, 3) for step in range(1, 9)),
    ),
    inputs=("tempo", "clock", "reset", "steps", "run"),
    outputs=("trigger", "cv_1", "cv_2", "cv_3"),
)
