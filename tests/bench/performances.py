"""Human drum performances played on sampled kits.

Performances are those of the Groove MIDI Dataset (Gillick et al. 2019, CC BY 4.0), in the
folders it comes in, with its own division in info.csv. Kits are those of Debian's
hydrogen-drumkits. JUDGED kits are never fitted on, nor are performances of the split "test".
"""

from __future__ import annotations

import csv
import re
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import mido
import numpy as np
from numpy.typing import NDArray

from tests.bench.renderings import Random, Rendering, room
from tests.bench.strangers import KITS, read
from trainer.audio.audio_file import SAMPLE_RATE, Samples
from trainer.audio.synth import normalised

JUDGED = ("Millo-Drums_v.1", "Millo_MultiLayered2", "Millo_MultiLayered3", "ForzeeStereo")
"""Kits that are kept out of fitting."""

FITTED = (
    *("Audiophob", "BJA_Pacific", "ColomboAcousticDrumkit", "ElectricEmpireKit"),
    *("Gimme A Hand 1.0", "HardElectro1", "The Black Pearl 1.0", "VariBreaks"),
    *("circAfrique v4", "rumpf_kit_z01_h2"),
)
_ROLES = {
    "kick": r"kick|bass ?drum|thump|dununba.*head|djembe\d bass",
    "snare": r"snare|slap|stick|clap",
    "open": r"open|hat.*\bop\b|ohh|maraca|bell hit",
    "hat": r"closed|hat|hh|pedal|clave|tambourine|bell mute",
    "tom": r"tom|tone|bongo|sangban.*head",
    "ride": r"ride|cowbell|woodblock",
    "crash": r"crash|cymbal|china|splash|waterglass",
}
_KEYS = {
    **dict.fromkeys((35, 36), "kick"),
    **dict.fromkeys((37, 38, 39, 40), "snare"),
    **dict.fromkeys((22, 42, 44), "hat"),
    **dict.fromkeys((26, 46), "open"),
    **dict.fromkeys((41, 43, 45, 47, 48, 50, 58), "tom"),
    **dict.fromkeys((49, 52, 55, 57), "crash"),
}
_LONGEST_S = 2.0
_SLOWEST, _FASTEST = 60.0, 215.0

Kit = dict[str, list[list[Path]]]
"""By role, instruments; each is its samples from soft to loud."""


@dataclass(frozen=True, slots=True, eq=False)
class Groove:
    """A recording in 4/4: tempo, and (position in sixteenths, key, velocity 0..1) of notes."""

    bpm: float
    notes: NDArray[np.float64]


def read_grooves(folder: Path, split: str) -> list[Groove]:
    """Read the beats (not fills) of one split: train, validation or test."""
    found = []
    with (folder / "info.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            wanted = (split, "beat", "4-4")
            if (row["split"], row["beat_type"], row["time_signature"]) == wanted:
                notes = _notes(folder / row["midi_filename"])
                if len(notes) > 8:
                    found.append(Groove(float(row["bpm"]), notes))
    return found


def _notes(path: Path) -> NDArray[np.float64]:
    file, notes = mido.MidiFile(path, clip=True), []
    for track in file.tracks:
        tick = 0
        for message in track:
            tick += message.time
            if message.type == "note_on" and message.velocity:
                place = tick / file.ticks_per_beat * 4
                notes.append((place, message.note, message.velocity / 127))
    return np.array(sorted(notes))


@cache
def kit(name: str) -> Kit:
    """Read which samples a Hydrogen kit has for which role."""
    folder = KITS / name
    text = (folder / "drumkit.xml").read_text("utf-8", "replace")
    plain = re.sub(r'\s(xmlns(:\w+)?|xsi:\w+)="[^"]*"', "", text)
    roles: Kit = {}
    for instrument in ET.fromstring(plain).iter("instrument"):
        title = (instrument.findtext("name") or "").lower()
        role = next((role for role, form in _ROLES.items() if re.search(form, title)), None)
        files = [folder / (node.text or "") for node in instrument.iter("filename")]
        files = [path for path in files if path.is_file()]
        if role and files:
            roles.setdefault(role, []).append(files)
    return roles


def performance(rng: Random, grooves: Sequence[Groove], kits: Sequence[str]) -> Rendering:
    """Return one to four bars of a recording, played on a kit, now and then quantised."""
    bars = int(rng.choice([1, 2, 2, 2, 4]))
    bpm, notes = drawn(rng, grooves, bars)
    machine = rng.random() < 0.25
    if machine:
        notes[:, 0] = np.round(notes[:, 0])
    step_s, size = 15 / bpm, round(bars * 240 / bpm * SAMPLE_RATE)
    loop = played(rng, notes, step_s, size, str(rng.choice(kits)))
    onset, velocity, offset_s = (np.zeros(bars * 16) for _ in range(3))
    for place, _, loudness in notes:
        nearest = int(np.ceil(place - 0.5))
        step = nearest % (bars * 16)
        onset[step] = 1
        if loudness > velocity[step]:
            velocity[step], offset_s[step] = loudness, (place - nearest) * step_s
    samples = normalised(room(rng, loop, step_s, far=rng.random() < 0.06))
    kind = "machine" if machine else "human"
    return Rendering(kind, bpm, bars, samples, onset > 0, velocity, offset_s)


def drawn(
    rng: Random, grooves: Sequence[Groove], bars: int
) -> tuple[float, NDArray[np.float64]]:
    """Return a tempo, near the recording's own or any, and notes of some bars, from 0."""
    while True:
        groove = grooves[rng.integers(len(grooves))]
        whole = int(groove.notes[-1, 0] // 16) + 1
        if whole < bars:
            continue
        first = 16 * int(rng.integers(0, whole - bars + 1)) - 0.5
        last = first + 16 * bars
        inside = (groove.notes[:, 0] >= first) & (groove.notes[:, 0] < last)
        notes = groove.notes[inside] - np.array([first + 0.5, 0, 0])
        if len(notes) < 2:
            continue
        near = groove.bpm * rng.uniform(0.85, 1.2)
        bpm = near if rng.random() < 0.7 else np.exp(rng.uniform(np.log(60), np.log(215)))
        return float(np.clip(bpm, _SLOWEST, _FASTEST)), notes


def played(
    rng: Random, notes: NDArray[np.float64], step_s: float, size: int, name: str
) -> Samples:
    """Return a loop of `size` samples; a role without a sample of its own borrows another's."""
    sounds = kit(name)
    wrapped = rng.random() < 0.5
    curve = float(rng.choice([0.7, 1.0, 1.5, 2.0]))
    chosen, gains = {}, {}
    for role in _ROLES:
        instruments = sounds.get(role) or [
            layers for each in sounds.values() for layers in each
        ]
        chosen[role] = instruments[rng.integers(len(instruments))]
        gains[role] = (
            rng.uniform(0.25, 1) if role in {"hat", "open", "ride"} else rng.uniform(0.5, 1)
        )
    loop = np.zeros(size, np.float32)
    for place, key, velocity in notes:
        role = _KEYS.get(int(key), "ride")
        shot = _shot(chosen[role], velocity)
        start = round(place * step_s * SAMPLE_RATE)
        if not wrapped and start >= 0:
            shot = shot[: size - start]
        hit = shot * np.float32(gains[role] * velocity**curve)
        np.add.at(loop, np.arange(start, start + hit.size) % size, hit)
    return loop


def _shot(layers: Sequence[Path], velocity: float) -> Samples:
    return _loaded(layers[min(len(layers) - 1, int(velocity * len(layers)))])


@cache
def _loaded(path: Path) -> Samples:
    shot = read(path)[: round(_LONGEST_S * SAMPLE_RATE)]
    starts = np.flatnonzero(np.abs(shot) > 0.02 * np.abs(shot).max())
    return np.asarray(normalised(shot[max(0, starts[0] - 32) :], 1.0), np.float32)
