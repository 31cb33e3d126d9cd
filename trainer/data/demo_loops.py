"""Loops of the project's own making: an ensemble's parts, two bars at 120 bpm, with truth."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from firmware.engine.pattern import STEPS
from firmware.storage.files import write_whole
from trainer.audio.audio_file import SAMPLE_RATE, Samples
from trainer.audio.synth import Note, echo, normalised, render
from trainer.data.demo_patterns import ROLES, Levels, Part, Pattern, Random, make_part
from trainer.data.demo_sounds import INSTRUMENTS, Instrument
from trainer.data.progress import OnProgress, Progress, ignore_progress

COUNT = 168
BPM = 120.0
BARS = 2
STEP_S = 60 / BPM / 4
INDEX = "INDEX.json"

_SUSTAINED = {"bass", "chord", "lead"}


@dataclass(frozen=True, slots=True)
class DemoLoop:
    """A loop and its truth: per step onset, velocity 0..1 and timing in milliseconds.

    name: its file below the folder of the collection, a folder for each role.
    """

    name: str
    role: str
    sound: str
    samples: Samples
    onset: Pattern
    velocity: Levels
    offset_ms: Levels


def _notes(role: str, instrument: Instrument, part: Part, rng: Random) -> list[Note]:
    gate_s = STEP_S * rng.choice([0.5, 0.8, 0.95]) if role in _SUSTAINED else 0.05
    key = int(rng.integers(-2, 4))
    return [
        Note(
            start_s=float(step * STEP_S + part.offset_ms[step] / 1000),
            pitch=float(instrument.root + key + rng.choice(instrument.pitches)),
            gate_s=float(gate_s),
            velocity=float(part.velocity[step]),
        )
        for step in np.flatnonzero(part.onset)
    ]


def make_loop(index: int, seed: int) -> DemoLoop:
    """Return loop number `index` of a collection; the same for the same seed, always."""
    role = list(ROLES)[index % len(ROLES)]
    part = make_part(role, index // len(ROLES), seed)
    rng = np.random.default_rng([seed, COUNT + index])
    sound = str(rng.choice(list(INSTRUMENTS[role])))
    instrument = INSTRUMENTS[role][sound]
    notes = _notes(role, instrument, part, rng)
    wrap = bool(rng.integers(2))
    layers = [
        gain * render(layer, notes, STEPS * STEP_S, wrap=wrap)
        for layer, gain in instrument.layers
    ]
    samples = np.sum(layers, axis=0, dtype=np.float32)
    if role in {"percussion", "lead"} and rng.random() < 0.2:
        samples = echo(samples, STEP_S * rng.choice([1.5, 3.0]), 0.3, 0.2)
    name = f"{role}/{role}_{sound}_{index + 1:03d}_120bpm.wav"
    return DemoLoop(
        name, role, sound, normalised(samples), part.onset, part.velocity, part.offset_ms
    )


def _truth(loop: DemoLoop) -> dict[str, Any]:
    return {
        "file": loop.name,
        "cls": loop.sound,
        "family": loop.role,
        "bpm": BPM,
        "bars": BARS,
        "steps": loop.onset.astype(int).tolist(),
        "velocity": np.round(loop.velocity, 4).tolist(),
        "offset_ms": [
            round(float(ms), 3) if on else None
            for on, ms in zip(loop.onset, loop.offset_ms, strict=True)
        ],
    }


def write_demo_loops(
    folder: Path,
    count: int = COUNT,
    seed: int = 0,
    on_progress: OnProgress = ignore_progress,
) -> list[Path]:
    """Write `count` WAV files (16 bit, mono, 44.1 kHz) and their INDEX.json; return the files.

    `on_progress` is called for every loop. Raises UserError when the folder cannot be written.
    """
    import soundfile  # noqa: PLC0415 - only writers need it

    written, truth = [], []
    for index in range(count):
        loop = make_loop(index, seed)
        packed = io.BytesIO()
        soundfile.write(packed, loop.samples, SAMPLE_RATE, format="WAV", subtype="PCM_16")
        write_whole(folder / loop.name, packed.getvalue())
        written.append(folder / loop.name)
        truth.append(_truth(loop))
        on_progress(Progress("rendering", (index + 1) / count, loop.name))
    index_text = json.dumps({"seed": seed, "rendered": truth}, indent=1) + "\n"
    write_whole(folder / INDEX, index_text.encode())
    return written
