"""Sounds that are no loops: one-shots, noise, speech and ambience; and sparse loops.

Needs Debian's hydrogen-drumkits, sonic-pi-samples, fluidsynth, fluid-soundfont-gm, espeak-ng
and flite. Kits, programs, voices and texts belong to halves, so that one half can judge what
was fitted on the other; flite and FluidR3 are only ever judged on.
"""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

import mido
import numpy as np
import soundfile

from trainer.audio.audio_file import SAMPLE_RATE, Samples
from trainer.audio.synth import Note, Sound, normalised, render

KITS = Path("/usr/share/hydrogen/data/drumkits")
SHOTS = Path("/usr/share/sonic-pi/samples")
FONTS = (
    Path("/usr/share/sounds/sf2/TimGM6mb.sf2"),
    Path("/usr/share/sounds/sf2/FluidR3_GM.sf2"),
)
VOICES = (
    ("en-us", "de", "fr-fr", "es", "en-gb-scotland", "pt-br", "ru", "sv"),
    ("en-gb", "it", "nl", "pl", "en-us+f3", "fi", "tr", "en-gb+m5"),
)
_WORDS = (
    "the morning train leaves at seven and nobody waits for those who are late",
    "please hold the line while we try to connect you with one of our operators",
    "a small river runs below the old stone bridge and out into the open sea",
    "turn the large knob slowly until the needle points straight up",
    "she counted four apples three pears and one very ripe banana on the table",
    "warning the doors are closing stand clear of the platform edge",
    "I never said that he took the money I only said that it was gone",
    "chapter one in which a stranger arrives and asks for a room",
)
Random = np.random.Generator


def one_shots(count: int, seed: int, half: int) -> list[Samples]:
    """Return single hits, notes, rolls and swells."""
    rng = np.random.default_rng([seed, half, 1])
    files = sorted(
        path
        for at, kit in enumerate(sorted(KITS.iterdir()))
        if at % 2 == half
        for path in kit.iterdir()
        if path.suffix in {".wav", ".flac"}
    )
    files += [
        path
        for at, path in enumerate(sorted(SHOTS.glob("*.flac")))
        if at % 2 == half and not path.name.startswith(("loop_", "ambi_"))
    ]
    found = [_one_shot(rng, files, half) for _ in range(count)]
    return [normalised(sound, 1.0) for sound in found]


def _one_shot(rng: Random, files: list[Path], half: int) -> Samples:
    kind = rng.random()
    if kind < 0.6:
        sound = read(files[rng.integers(len(files))])
    elif kind < 0.85:
        sound = notes(rng, half, [(0.0, int(rng.integers(28, 90)), rng.uniform(0.1, 3))], 4)
    else:
        waves = ("sine", "saw", "square", "noise", "triangle")
        attack_s, decay_s = rng.choice([0.002, 0.02, 0.3]), rng.uniform(0.03, 1.0)
        shape = Sound(str(rng.choice(waves)), attack_s, decay_s, rng.uniform(0, 0.5), 0.2)
        note = Note(0, float(rng.integers(30, 80)), rng.uniform(0.1, 2), 1)
        sound = render(shape, [note], note.gate_s + 0.25, wrap=False)
    if rng.random() < 0.12:  # a flam or a roll
        gap = round(rng.uniform(0.02, 0.12) * SAMPLE_RATE)
        hits = int(rng.integers(2, 5))
        rolled = np.zeros(sound.size + gap * hits, np.float32)
        for hit in range(hits):
            rolled[hit * gap : hit * gap + sound.size] += sound
        sound = rolled
    if rng.random() < 0.1:
        sound = sound[::-1]
    if rng.random() < 0.25:
        lead, tail = rng.uniform(0, 0.3), rng.uniform(0, 1.5)
        sound = np.pad(sound, (round(lead * SAMPLE_RATE), round(tail * SAMPLE_RATE)))
    return np.pad(sound, (0, max(0, round(0.31 * SAMPLE_RATE) - sound.size)))


def noises(count: int, seed: int, half: int) -> list[Samples]:
    """Return noise of many colours: steady, swelling, crackling, hum."""
    rng = np.random.default_rng([seed, half, 2])
    return [normalised(_noise(rng), 1.0) for _ in range(count)]


def _noise(rng: Random) -> Samples:
    size = round(rng.uniform(0.8, 9) * SAMPLE_RATE)
    spectrum = np.fft.rfft(rng.standard_normal(size))
    hz = np.fft.rfftfreq(size, 1 / SAMPLE_RATE) + 20
    spectrum *= hz ** -rng.choice([0, 0, 0.5, 1.0])
    if rng.random() < 0.4:
        centre, width = np.exp(rng.uniform(np.log(100), np.log(9000))), rng.uniform(0.3, 2)
        spectrum *= np.exp(-((np.log2(hz / centre) / width) ** 2))
    sound = np.fft.irfft(spectrum, size)
    kind = rng.random()
    t = np.arange(size) / SAMPLE_RATE
    if kind < 0.25:  # swelling like wind
        knots = rng.uniform(0.05, 1, int(t[-1] * rng.uniform(0.4, 2)) + 3)
        sound *= np.interp(t, np.linspace(0, t[-1], knots.size), knots)
    elif kind < 0.45:  # crackle, rain, applause
        sound *= rng.random(size) < np.exp(rng.uniform(np.log(3e-5), np.log(3e-2)))
        sound = np.convolve(sound, np.exp(-np.arange(400) / rng.uniform(2, 200)))[:size]
    elif kind < 0.55:  # hum
        base = rng.choice([50, 60, 100, 120])
        hum = sum(np.sin(2 * np.pi * base * k * t) / k for k in range(1, 8))
        sound = hum + rng.uniform(0.05, 0.5) * sound / np.abs(sound).max()
    return np.asarray(sound, np.float32)


def speech(count: int, seed: int, half: int, *, flite: bool = False) -> list[Samples]:
    """Return spoken sentences."""
    rng = np.random.default_rng([seed, half, 3])
    found = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.wav")
        for _ in range(count):
            words = _WORDS[half::2][rng.integers(4)].split()
            first = rng.integers(0, len(words) - 3)
            text = " ".join(words[first : first + rng.integers(3, 15)])
            if flite:
                voice = str(rng.choice([["kal16", "awb"], ["rms", "slt"]][half]))
                command = ["flite", "-voice", voice, "-t", text, "-o", str(path)]
            else:
                voice, pace = str(rng.choice(VOICES[half])), str(rng.integers(110, 220))
                pitch = str(rng.integers(20, 80))
                options = ["-v", voice, "-s", pace, "-p", pitch, "-w", str(path)]
                command = ["espeak-ng", *options, text]
            subprocess.run(command, check=True, capture_output=True)
            found.append(normalised(_recorded(rng, read(path)), 1.0))
    return found


def _recorded(rng: Random, voice: Samples) -> Samples:
    """Return a voice as a telephone, a radio or a room passes it on, or as it is."""
    spectrum = np.fft.rfft(voice)
    hz = np.fft.rfftfreq(voice.size, 1 / SAMPLE_RATE)
    if rng.random() < 0.4:
        spectrum *= 1 / (1 + (hz / rng.uniform(2500, 7000)) ** 8)
    if rng.random() < 0.3:
        spectrum *= 1 / (1 + (rng.uniform(100, 400) / (hz + 1)) ** 4)
    sound = np.fft.irfft(spectrum, voice.size)
    if rng.random() < 0.3:
        sound = sound + rng.uniform(0.001, 0.03) * rng.standard_normal(voice.size)
    return np.asarray(sound, np.float32)


def ambience(count: int, seed: int, half: int) -> list[Samples]:
    """Return drones, slow swells, free notes without a pulse, and recorded ambience."""
    rng = np.random.default_rng([seed, half, 4])
    files = sorted(SHOTS.glob("ambi_*.flac"))[half::2]
    return [normalised(_ambience(rng, files, half), 1.0) for _ in range(count)]


def _ambience(rng: Random, files: list[Path], half: int) -> Samples:
    kind, length_s = rng.random(), rng.uniform(2, 13)
    if kind < 0.12:
        return read(files[rng.integers(len(files))])
    if kind < 0.45:
        return _drone(rng, length_s)
    free, now = [], rng.uniform(0, 1)
    while now < length_s - 0.5:
        pitch = 45 + int(rng.choice([0, 3, 5, 7, 10, 12, 15, 19, 24]))
        free.append((now, pitch, rng.uniform(1, 6)))
        now += rng.exponential(rng.uniform(0.5, 2)) + 0.15
    played = notes(rng, half, free, length_s, pad=rng.random() < 0.7)
    return played + np.float32(0.05) * _drone(rng, length_s)[: played.size]


def _drone(rng: Random, length_s: float) -> Samples:
    t = np.arange(round(length_s * SAMPLE_RATE)) / SAMPLE_RATE
    base = rng.uniform(40, 220)
    total = np.zeros(t.size)
    for _ in range(int(rng.integers(3, 12))):
        hz = base * rng.choice([1, 1.5, 2, 3, 4, 5, 6]) * (1 + rng.normal(0, 0.004))
        swell = 1 + np.sin(2 * np.pi * (rng.uniform(0.02, 0.5) * t + rng.random()))
        total += rng.random() * swell * np.sin(2 * np.pi * hz * t + 6 * rng.random())
    fade = np.minimum(1, np.minimum(t, t[::-1]) / rng.uniform(0.01, 2) + 1e-3)
    return np.asarray(total * fade, np.float32)


def sparse_loops(count: int, seed: int, half: int) -> list[Samples]:
    """Return loops of one to four hits a bar."""
    rng = np.random.default_rng([seed, half, 5])
    return [normalised(_sparse_loop(rng, half), 1.0) for _ in range(count)]


def _sparse_loop(rng: Random, half: int) -> Samples:
    bpm, bars = float(rng.integers(70, 176)), int(rng.choice([1, 2, 2, 4]))
    step_s, size = 15 / bpm, round(bars * 240 / bpm * SAMPLE_RATE)
    least = 2 if bars == 1 else 1
    bar = rng.choice(16, int(rng.integers(max(2, least), 5)), replace=False)
    steps = [int(b * 16 + s) for b in range(bars) for s in bar if rng.random() < 0.95]
    if rng.random() < 0.4:
        tune = rng.integers(36, 72) + rng.choice([0, 0, 3, 7], len(steps))
        gate = step_s * rng.uniform(0.5, 3)
        events = [(s * step_s, int(p), gate) for s, p in zip(steps, tune, strict=True)]
        loop = notes(rng, half, events, size / SAMPLE_RATE + 1)
        return _wrapped(loop, size) if rng.random() < 0.5 else loop[:size]
    kits = [kit for kit in sorted(KITS.iterdir())[half::2] if _sounds(kit)]
    files = _sounds(kits[rng.integers(len(kits))])
    shots = [read(files[rng.integers(len(files))])[: 2 * SAMPLE_RATE] for _ in range(2)]
    loop = np.zeros(size + 2 * SAMPLE_RATE, np.float32)
    for step in steps:
        shot = shots[int(rng.random() < 0.4)] * np.float32(rng.uniform(0.5, 1))
        start = max(0, round((step * step_s + rng.normal(0, 0.006)) * SAMPLE_RATE))
        loop[start : start + shot.size] += shot[: loop.size - start]
    return _wrapped(loop, size) if rng.random() < 0.5 else loop[:size]


def _sounds(kit: Path) -> list[Path]:
    return sorted(path for path in kit.iterdir() if path.suffix in {".wav", ".flac"})


def _wrapped(sound: Samples, size: int) -> Samples:
    loop = sound[:size].copy()
    rest = sound[size:][:size]
    loop[: rest.size] += rest
    return loop


def read(path: Path) -> Samples:
    """Return a file as mono samples at SAMPLE_RATE."""
    sound, rate = soundfile.read(path, dtype="float32", always_2d=True)
    mono = sound.mean(axis=1)
    at = np.arange(0, mono.size - 1, rate / SAMPLE_RATE)
    return np.interp(at, np.arange(mono.size), mono).astype(np.float32)


def notes(
    rng: Random,
    half: int,
    events: list[tuple[float, int, float]],
    length_s: float,
    *,
    pad: bool = False,
) -> Samples:
    """Return notes (start s, pitch, gate s) of one random program, played by fluidsynth."""
    choices = range(88, 104) if pad else range(120)
    program = int(rng.choice([p for p in choices if p % 2 == half]))
    file, track, now = mido.MidiFile(ticks_per_beat=9600), mido.MidiTrack(), 0
    messages = [(0.0, mido.Message("program_change", program=program))]
    for start_s, pitch, gate_s in events:
        velocity = int(rng.integers(50, 127))
        messages.append((start_s + 0.1, mido.Message("note_on", note=pitch, velocity=velocity)))
        messages.append((start_s + 0.1 + gate_s, mido.Message("note_off", note=pitch)))
    messages.append((length_s + 0.1, mido.Message("note_off", note=0)))
    for at_s, message in sorted(messages, key=lambda pair: pair[0]):
        tick = round(at_s * 19200)
        track.append(message.copy(time=tick - now))
        now = tick
    file.tracks.append(track)
    with tempfile.TemporaryDirectory() as folder:
        score, sound = Path(folder, "a.mid"), Path(folder, "a.wav")
        file.save(score)
        command = ["fluidsynth", "-ni", "-q", "-r", "44100", "-F", str(sound)]
        command += [str(FONTS[half]), str(score)]
        subprocess.run(command, check=True, capture_output=True)
        played = read(sound)
    first = round(0.1 * SAMPLE_RATE)
    played = played[first : first + round(length_s * SAMPLE_RATE)]
    return np.pad(played, (0, max(0, round(length_s * SAMPLE_RATE) - played.size)))
