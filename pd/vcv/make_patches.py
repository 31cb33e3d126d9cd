"""Make the patches for VCV Rack 2: `python pd/vcv/make_patches.py`.

A `.vcv` file that is not compressed is read as JSON, the `patch.json` of the compressed ones.
"""

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1]))

from pd.vcv.rack_modules import (  # noqa: E402
    ADSR,
    AUDIO_2,
    AUDIO_16,
    CORE,
    EX_NIHILO,
    MIDI_TO_CV,
    MIXER,
    NOTES,
    SCOPE,
    VCA,
    VCO,
    RackModule,
)

VOICES = 3
COLOURS = ("#f3374b", "#ffb437", "#00b56e")
CLOCK_COLOUR = "#3695ef"
CHANNELS = 4
"""Of a voice's CV: pitch, velocity, accent, gate."""

TUNES = ((-1.0, 0.45, 0.35), (0.0, 0.5, 0.4), (0.0, 0.4, 0.3))
"""Per voice: octave as volts at the oscillator's knob, decay and release of the envelope."""

MIX = 0.6
"""Three oscillators of 5 V stay within Rack's 10 V."""
HALF_CV = 1.41421
"""A mixer channel where velocity is 5 V at most and 10 V open it: 6 dB more."""

Json = dict[str, Any]


class Rack:
    """Modules side by side in rows, and the cables between them."""

    def __init__(self) -> None:
        """Begin empty."""
        self._modules: list[Json] = []
        self._kinds: list[RackModule] = []
        self._cables: list[Json] = []
        self._ends: dict[int, int] = {}

    def put(
        self,
        kind: RackModule,
        row: int,
        params: Mapping[str, float] | None = None,
        data: Json | None = None,
    ) -> int:
        """Put a module at the right end of a row; give its number."""
        place = self._ends.get(row, 0)
        self._ends[row] = place + kind.width_hp
        number = len(self._modules)
        self._kinds.append(kind)
        self._modules.append(
            {
                "id": number + 1,
                "plugin": kind.plugin,
                "model": kind.model,
                "version": kind.version,
                "params": [
                    {"id": kind.params.index(name), "value": value}
                    for name, value in (params or {}).items()
                ],
                "pos": [place, row],
                **({"data": data} if data else {}),
            }
        )
        return number

    def wire(self, source: int, output: str, target: int, input_: str, colour: str) -> None:
        """Plug a cable in."""
        self._cables.append(
            {
                "id": len(self._cables) + 1,
                "outputModuleId": source + 1,
                "outputId": self._kinds[source].outputs.index(output),
                "inputModuleId": target + 1,
                "inputId": self._kinds[target].inputs.index(input_),
                "color": colour,
            }
        )

    def document(self) -> Json:
        """Return the patch, which opens with its upper left corner in that of the window."""
        view = {"zoom": 1.0, "gridOffset": [0.0, 0.0]}
        return {"version": CORE, **view, "modules": self._modules, "cables": self._cables}


def midi_patch() -> Json:
    """Three voices from the module's MIDI channels."""
    rack = Rack()
    midis = [rack.put(MIDI_TO_CV, 0, data=_midi(voice)) for voice in range(VOICES)]
    mixer = rack.put(MIXER, 0, {"mix": MIX})
    _note(rack, MIDI_TEXT)
    scope = rack.put(SCOPE, 0)
    audio = rack.put(AUDIO_2, 0)
    for voice, midi in enumerate(midis):
        colour = COLOURS[voice]
        chain = _sound(rack, voice, mixer)
        for output, (target, input_) in zip(("pitch", "gate", "velocity"), chain, strict=True):
            rack.wire(midi, output, target, input_, colour)
    rack.wire(midis[0], "gate", scope, "2", COLOURS[0])
    _listen(rack, mixer, scope, audio)
    return rack.document()


def cv_patch() -> Json:
    """Three voices from a module's CV outputs, through an audio interface that passes DC."""
    rack = Rack()
    interface = rack.put(AUDIO_16, 0, data={"dcFilter": False})
    mixer = rack.put(MIXER, 0, _open_mixer())
    _note(rack, CV_TEXT)
    scope = rack.put(SCOPE, 0)
    for voice in range(VOICES):
        first = voice * CHANNELS + 1
        levels = (str(first), str(first + 3), str(first + 1))
        _patch_voice(rack, voice, mixer, interface, levels)
    rack.wire(interface, "4", scope, "2", COLOURS[0])
    _listen(rack, mixer, scope, interface)
    return rack.document()


def module_patch() -> Json:
    """Three voices from the Rack module itself."""
    rack = Rack()
    module = rack.put(EX_NIHILO, 0)
    mixer = rack.put(MIXER, 0, _open_mixer())
    scope = rack.put(SCOPE, 0)
    _note(rack, MODULE_TEXT)
    for voice in range(VOICES):
        levels = (f"pitch_{voice + 1}", f"gate_{voice + 1}", f"velocity_{voice + 1}")
        _patch_voice(rack, voice, mixer, module, levels)
    audio = rack.put(AUDIO_2, 1)
    rack.wire(module, "gate_1", scope, "2", COLOURS[0])
    _listen(rack, mixer, scope, audio)
    return rack.document()


def _open_mixer() -> Mapping[str, float]:
    return {"mix": MIX, **{str(voice + 1): HALF_CV for voice in range(VOICES)}}


def _patch_voice(
    rack: Rack, voice: int, mixer: int, source: int, levels: tuple[str, str, str]
) -> None:
    """Make a voice's sound and play it from pitch, gate and velocity of a module."""
    chain = _sound(rack, voice, mixer)
    for output, (target, input_) in zip(levels, chain, strict=True):
        rack.wire(source, output, target, input_, COLOURS[voice])


def _sound(rack: Rack, voice: int, mixer: int) -> tuple[tuple[int, str], ...]:
    """Make a voice's sound; give where pitch, gate and velocity go."""
    row, colour = 1, COLOURS[voice]
    octave, decay, release = TUNES[voice]
    vco = rack.put(VCO, row, {"frequency": 12 * octave})
    adsr = rack.put(
        ADSR, row, {"attack": 0.05, "decay": decay, "sustain": 0.2, "release": release}
    )
    vca = rack.put(VCA, row)
    channel = str(voice + 1)
    rack.wire(vco, ("saw", "triangle", "square")[voice], vca, "in", colour)
    rack.wire(adsr, "envelope", vca, "cv", colour)
    rack.wire(vca, "out", mixer, channel, colour)
    return (vco, "pitch"), (adsr, "gate"), (mixer, f"cv_{channel}")


def _listen(rack: Rack, mixer: int, scope: int, audio: int) -> None:
    rack.wire(mixer, "mix", audio, "1", CLOCK_COLOUR)
    rack.wire(mixer, "mix", audio, "2", CLOCK_COLOUR)
    rack.wire(mixer, "mix", scope, "1", CLOCK_COLOUR)


def _midi(voice: int) -> Json:
    """Return what MIDI-CV keeps: monophonic, on the voice's channel, its clock in quarters."""
    return {
        "channels": 1,
        "polyMode": 0,
        "pwRange": 2,
        "clockDivision": 24,
        "midi": {"channel": voice},
    }


def _note(rack: Rack, text: str) -> None:
    rack.put(NOTES, 0, data={"text": text})


MIDI_TEXT = (
    "Ex Nihilo by MIDI. Choose its port on the three MIDI-CV modules (their channels 1 to 3 "
    "are set), and your sound card on Audio 2. CLK/N gives quarter notes."
)
CV_TEXT = (
    "Ex Nihilo by CV. Choose an interface that passes DC on Audio 16: its inputs 1-4 are the "
    "first voice's pitch, velocity, accent and gate, 5-8 and 9-12 the others'. 1.0 is taken "
    "for 10 V. The mix leaves at outputs 1 and 2 of the same interface."
)
MODULE_TEXT = (
    "Drop a kit's folder on Ex Nihilo, and choose your sound card on Audio 2. Turn X and Y; "
    "1, 2 and 3 select the voice. The menu has everything else."
)
PATCHES: Mapping[str, Callable[[], Json]] = {
    "exnihilo-midi.vcv": midi_patch,
    "exnihilo-cv.vcv": cv_patch,
    "exnihilo-module.vcv": module_patch,
}


def main() -> None:
    """Write every patch."""
    for name, make in PATCHES.items():
        (HERE / name).write_text(json.dumps(make(), indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
