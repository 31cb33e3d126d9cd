"""The same kinds of loops as in renderings.py, played on sampled instruments.

Needs the program fluidsynth, a General MIDI soundfont and a folder of drum one-shots (Debian:
fluidsynth, fluid-soundfont-gm, sonic-pi-samples). Every second program, kit and one-shot
belongs to one half, so that one half can judge what was fitted on the other.
"""

from __future__ import annotations

import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import mido
import numpy as np
import soundfile

from tests.bench.renderings import (
    DRUMS,
    KINDS,
    TAILS,
    Part,
    Random,
    Rendering,
    draw_loop,
    room,
    with_truth,
)
from trainer.audio.audio_file import SAMPLE_RATE, Samples
from trainer.audio.synth import Note

_PROGRAMS = {
    "arp": [80, 81, 82, 84, 86, 87, 90, 98, 62, 63],
    "bass": [*range(32, 40)],
    "pluck": [0, 4, 5, 6, 8, 11, 12, 13, 24, 25, 26, 27, 45, 46, 104, 105, 106, 107],
    "pad": [16, 18, 19, 48, 49, 50, 51, 52, 88, 89, 90, 91, 92, 94, 95],
    "fx": [4, 24, 25, 81, 82, 84, 98, 11],
}
_KITS = [0, 8, 16, 24, 25, 26, 32, 40]
_KEYS = {"kick": [35, 36], "snare": [38, 40], "hat": [42, 44, 46], "tom": [45, 47, 50]}
_ONE_SHOTS = {
    "kick": ("bd_", "drum_bass"),
    "snare": ("sn_", "drum_snare", "elec_snare", "elec_hi_snare"),
    "hat": ("drum_cymbal_closed", "drum_cymbal_pedal", "elec_tick", "hat_"),
    "tom": ("drum_tom", "perc_", "elec_blip"),
}
_TICKS_PER_S = 19200
_LEAD_S, _TAIL_S = 1.0, 1.5


@dataclass(frozen=True, slots=True)
class Sounds:
    """Where sampled sounds come from, and which half of them is used (0 or 1)."""

    soundfont: Path
    one_shots: Path
    half: int


@dataclass(frozen=True, slots=True)
class _Job:
    """A loop to play: its parts, and the program or kit that plays them (None: one-shots)."""

    rng: Random
    kind: str
    bpm: float
    bars: int
    parts: list[Part]
    tail: str
    program: int | None

    @property
    def length_s(self) -> float:
        return self.bars * 240 / self.bpm


def sampled(kind: str, count: int, seed: int, sounds: Sounds) -> list[Rendering]:
    """Return `count` loops of a kind."""
    jobs = [_job(seed + at, kind, sounds.half) for at in range(count)]
    played = iter(_played([job for job in jobs if job.program is not None], sounds.soundfont))
    return [
        _finished(job, _struck(job, sounds) if job.program is None else next(played))
        for job in jobs
    ]


def _job(seed: int, kind: str, half: int) -> _Job:
    rng = np.random.default_rng([seed, KINDS.index(kind), 1])
    bpm, bars, parts = draw_loop(rng, kind)
    choices = _PROGRAMS.get(kind, _KITS)[half::2]
    program = int(rng.choice(choices))
    struck = kind not in _PROGRAMS and rng.random() < 0.5
    return _Job(
        rng, kind, bpm, bars, parts, str(rng.choice(TAILS)), None if struck else program
    )


def _finished(job: _Job, samples: Samples) -> Rendering:
    far = room(job.rng, samples, 15 / job.bpm, far=job.kind == "fx")
    return with_truth(job.kind, job.bpm, job.bars, far, job.parts)


def _played(jobs: list[_Job], soundfont: Path) -> list[Samples]:
    """Play all loops one after the other in one run of fluidsynth; return each."""
    starts, now_s = [], _LEAD_S
    for job in jobs:
        starts.append(now_s)
        now_s += job.length_s + _TAIL_S + 2 * _LEAD_S
    with tempfile.TemporaryDirectory() as folder:
        score, sound = Path(folder, "all.mid"), Path(folder, "all.wav")
        _score(jobs, starts).save(score)
        dry = ["-ni", "-R", "0", "-C", "0", "-g", "0.5", "-r", str(SAMPLE_RATE)]
        command = ["fluidsynth", *dry, "-F", str(sound), str(soundfont), str(score)]
        subprocess.run(command, check=True, capture_output=True)
        whole, _ = soundfile.read(sound, dtype="float32", always_2d=True)
    mono = whole.mean(axis=1)
    return [_cut(job, mono, start_s) for job, start_s in zip(jobs, starts, strict=True)]


def _score(jobs: list[_Job], starts: list[float]) -> mido.MidiFile:
    events: list[tuple[float, mido.Message]] = []
    for job, start_s in zip(jobs, starts, strict=True):
        channel = 0 if job.kind in _PROGRAMS else 9
        change = mido.Message("program_change", channel=channel, program=job.program)
        off = mido.Message("control_change", channel=channel, control=123)
        events += [(start_s - 0.4, change), (start_s + job.length_s + _TAIL_S, off)]
        for name, part in zip(_names(job), job.parts, strict=True):
            key = int(job.rng.choice(_KEYS[name])) if name in _KEYS else None
            for _, note in part.notes:
                events += _sounded(note, start_s + _place_s(job, note), channel, key)
    file, track, now = mido.MidiFile(ticks_per_beat=_TICKS_PER_S // 2), mido.MidiTrack(), 0
    for at_s, message in sorted(events, key=lambda event: event[0]):
        tick = round(at_s * _TICKS_PER_S)
        track.append(message.copy(time=max(0, tick - now)))
        now = max(now, tick)
    file.tracks.append(track)
    return file


def _names(job: _Job) -> list[str]:
    return list(DRUMS) if job.kind not in _PROGRAMS else ["line"] * len(job.parts)


def _place_s(job: _Job, note: Note) -> float:
    """Return when a note starts; chopped loops have their early first note at the end."""
    chopped = job.tail == "chopped" and note.start_s < 0
    return note.start_s + (job.length_s if chopped else 0)


def _sounded(
    note: Note, at_s: float, channel: int, key: int | None
) -> list[tuple[float, mido.Message]]:
    pitch = int(note.pitch) if key is None else key
    velocity = max(1, round(note.velocity * 127))
    on = mido.Message("note_on", channel=channel, note=pitch, velocity=velocity)
    off = mido.Message("note_off", channel=channel, note=pitch)
    return [(at_s, on), (at_s + note.gate_s - 0.001, off)]


def _cut(job: _Job, mono: Samples, start_s: float) -> Samples:
    start, size = round(start_s * SAMPLE_RATE), round(job.length_s * SAMPLE_RATE)
    early, tail = round(0.2 * SAMPLE_RATE), round(_TAIL_S * SAMPLE_RATE)
    loop = mono[start : start + size].copy()
    loop[-early:] += mono[start - early : start]
    if job.tail == "wrapped":
        after = mono[start + size : start + size + tail]
        np.add.at(loop, np.arange(after.size) % size, after)
    return loop


def _struck(job: _Job, sounds: Sounds) -> Samples:
    """Return a drum loop of one-shots."""
    size = round(job.length_s * SAMPLE_RATE)
    loop = np.zeros(size, np.float32)
    for name, part in zip(_names(job), job.parts, strict=True):
        shot = _one_shot(job.rng, sounds, name)
        for _, note in part.notes:
            start = round(_place_s(job, note) * SAMPLE_RATE)
            hit = shot * np.float32(part.gain * note.velocity**part.curve)
            if job.tail != "wrapped" and start >= 0:
                hit = hit[: size - start]
            np.add.at(loop, np.arange(start, start + hit.size) % size, hit)
    return loop


def _one_shot(rng: Random, sounds: Sounds, name: str) -> Samples:
    files = sorted(sounds.one_shots.glob("*.flac"))[sounds.half :: 2]
    path = rng.choice([file for file in files if file.name.startswith(_ONE_SHOTS[name])])
    shot, rate = soundfile.read(path, dtype="float32", always_2d=True)
    mono = shot.mean(axis=1)[: round(1.5 * rate)]
    at = np.arange(0, mono.size - 1, rate / SAMPLE_RATE)
    resampled = np.interp(at, np.arange(mono.size), mono).astype(np.float32)
    return np.asarray(resampled / np.abs(resampled).max())
