"""The sounds of the demo loops, by role."""

from __future__ import annotations

from dataclasses import dataclass

from trainer.audio.synth import Sound

_HISS = Sound("noise", 0.0005, 0.03, 0, 0.02, bright=40, dark=38, low_cut_hz=7000)


@dataclass(frozen=True, slots=True)
class Instrument:
    """Layers of (sound, gain) that sound together, around a MIDI note.

    pitches: intervals above the root to choose from, in semitones.
    """

    layers: tuple[tuple[Sound, float], ...]
    root: int
    pitches: tuple[int, ...] = (0,)


_MINOR = (0, 0, 3, 5, 7, 7, 10, 12)
INSTRUMENTS: dict[str, dict[str, Instrument]] = {
    "kick": {
        "deep": Instrument(((Sound("sine", 0.001, 0.22, 0, 0.04, 16, 6, drop=2.2), 1.0),), 31),
        "punch": Instrument(((Sound("sine", 0.001, 0.1, 0, 0.03, 20, 8, drop=3.0), 1.0),), 34),
        "soft": Instrument(
            ((Sound("triangle", 0.003, 0.15, 0, 0.04, 6, 2, drop=1.2), 1.0),), 33
        ),
    },
    "snare": {
        "tight": Instrument(
            (
                (Sound("noise", 0.001, 0.07, 0, 0.03, 40, 20, low_cut_hz=900), 1.0),
                (Sound("triangle", 0.001, 0.06, 0, 0.03, 8, 3, drop=0.6), 0.6),
            ),
            55,
        ),
        "fat": Instrument(
            (
                (Sound("noise", 0.001, 0.13, 0, 0.04, 40, 12, low_cut_hz=500), 1.0),
                (Sound("sine", 0.001, 0.1, 0, 0.04, 8, 3, drop=0.8), 0.8),
            ),
            50,
        ),
        "clap": Instrument(
            ((Sound("noise", 0.002, 0.09, 0.05, 0.06, 25, 16, low_cut_hz=1200), 1.0),), 60
        ),
    },
    "hat": {
        "closed": Instrument(((_HISS, 1.0),), 60),
        "crisp": Instrument(
            ((Sound("noise", 0.0005, 0.015, 0, 0.01, 40, 40, low_cut_hz=9000), 1.0),), 60
        ),
        "open": Instrument(
            ((Sound("noise", 0.001, 0.09, 0, 0.04, 40, 38, low_cut_hz=6000), 1.0),), 60
        ),
    },
    "percussion": {
        "conga": Instrument(
            ((Sound("sine", 0.001, 0.12, 0, 0.03, 8, 3, drop=0.35), 1.0),), 57, (0, 5)
        ),
        "clave": Instrument(((Sound("sine", 0.0005, 0.035, 0, 0.01, 8, 8), 1.0),), 98),
        "bell": Instrument(
            ((Sound("square", 0.0005, 0.12, 0, 0.04, 12, 6, detune=1.48), 1.0),), 79
        ),
        "shaker": Instrument(
            ((Sound("noise", 0.006, 0.04, 0, 0.02, 40, 38, low_cut_hz=5000), 1.0),), 60
        ),
    },
    "bass": {
        "round": Instrument(
            ((Sound("square", 0.003, 0.2, 0.5, 0.03, 12, 1.6, sweep_s=0.07), 1.0),), 33, _MINOR
        ),
        "acid": Instrument(
            ((Sound("saw", 0.002, 0.25, 0.4, 0.02, 25, 2.5, sweep_s=0.06), 1.0),), 36, _MINOR
        ),
        "sub": Instrument(
            ((Sound("triangle", 0.004, 0.3, 0.6, 0.03, 4, 1.6, sweep_s=0.05), 1.0),), 33, _MINOR
        ),
    },
    "chord": {
        "stab": Instrument(
            tuple(
                (Sound("saw", 0.004, 0.3, 0.3, 0.12, 10, 2.5, detune=ratio), 0.5)
                for ratio in (1.01, 1.189, 1.498)
            ),
            57,
            (0, 0, 5, 10),
        ),
        "keys": Instrument(
            tuple(
                (Sound("pulse", 0.001, 0.22, 0.1, 0.08, 12, 1.6, detune=ratio), 0.5)
                for ratio in (1.189, 1.498)
            ),
            57,
            (0, 3, 5),
        ),
    },
    "lead": {
        "pluck": Instrument(
            ((Sound("pulse", 0.001, 0.22, 0, 0.08, 40, 1.6, sweep_s=0.05), 1.0),), 69, _MINOR
        ),
        "bell": Instrument(
            ((Sound("sine", 0.001, 0.35, 0, 0.1, 4, 2, detune=2.76), 1.0),), 69, _MINOR
        ),
        "arp": Instrument(
            ((Sound("saw", 0.002, 0.12, 0.25, 0.04, 16, 3, detune=1.006), 1.0),), 69, _MINOR
        ),
        "blip": Instrument(((Sound("triangle", 0.002, 0.1, 0, 0.03, 12, 4), 1.0),), 81, _MINOR),
    },
}
