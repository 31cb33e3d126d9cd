"""What a recording leaves on disk: MIDI, CV, sound, patterns and pictures."""

import io
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import mido

from firmware.bundle.manifest import Manifest
from firmware.desk.offline import Recording
from firmware.desk.virtual_module import MidiOut
from firmware.engine.state import VOICES
from firmware.engine.voice import NOTE_OFF, NOTE_ON
from firmware.instrument.parameters import Key
from firmware.instrument.patch import Patch
from firmware.simulator.pictures import (
    PatternRow,
    frame_picture,
    pattern_picture,
    trace_picture,
)
from firmware.simulator.synth import render
from firmware.simulator.trace import cv_notes
from firmware.simulator.wav import write_cv_wav, write_wav
from firmware.storage.files import write_whole

FILE_PPQN = 960
TRACE_BARS = 2
"""How much of the traces the picture shows: as long as a pattern."""


def write_recording(
    folder: Path, manifest: Manifest, recording: Recording, patch: Patch
) -> Mapping[str, Path]:
    """Write all files of a recording, each whole or not at all; say what each is."""
    folder.mkdir(parents=True, exist_ok=True)
    models = [voice.name for voice in manifest.voices]
    titles = [models[voice % len(models)] for voice in range(VOICES)]
    tempo = patch[Key("tempo")]
    contents: Mapping[str, tuple[str, Callable[[BinaryIO], object]]] = {
        "performance.mid": ("MIDI, a track per voice", lambda f: _midi(f, recording, tempo)),
        "sound.wav": ("what a small synthesiser made of it", lambda f: _sound(f, recording)),
        "cv.wav": (
            "the jacks: 1.0 is 10 V, four channels per voice",
            lambda f: _cv(f, recording),
        ),
        "patterns.png": ("the patterns", lambda f: _patterns(f, recording, titles)),
        "traces.png": ("the first two bars at the jacks", lambda f: _traces(f, recording)),
        "oled.png": ("the display at the end", lambda f: _display(f, recording)),
        "performance.json": ("patterns, thresholds and places", lambda f: _json(f, recording)),
    }
    written: dict[str, Path] = {}
    for name, (what, write) in contents.items():
        buffer = io.BytesIO()
        write(buffer)
        write_whole(folder / name, buffer.getvalue())
        written[what] = folder / name
    return written


def _midi(file: BinaryIO, recording: Recording, tempo: float) -> None:
    song = mido.MidiFile(type=1, ticks_per_beat=FILE_PPQN)
    head = mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(tempo))])
    song.tracks.append(head)
    for channel in range(VOICES):
        notes = (NOTE_OFF | channel, NOTE_ON | channel)
        messages = [message for message in recording.midi if message.data[0] in notes]
        song.tracks.append(_track(messages, recording.start_ns, tempo, f"voice {channel + 1}"))
    song.save(file=file)


def _track(messages: list[MidiOut], start_ns: int, tempo: float, name: str) -> Any:
    track = mido.MidiTrack([mido.MetaMessage("track_name", name=name)])
    before = 0
    for time_ns, data in messages:
        ticks = round((time_ns - start_ns) * tempo * FILE_PPQN / 60e9)
        track.append(mido.Message.from_bytes(data, time=ticks - before))
        before = ticks
    return track


def _cv(file: BinaryIO, recording: Recording) -> None:
    write_cv_wav(file, recording.traces, recording.start_ns, recording.end_ns)


def _sound(file: BinaryIO, recording: Recording) -> None:
    end_ns = recording.end_ns + recording.bar_ns // 2
    voices = [cv_notes(t, end_ns) for t in recording.traces]
    echo_s = recording.bar_ns * 3 / 16 / 1e9
    samples = render(voices, recording.start_ns, end_ns, echo_s)
    write_wav(file, [samples], len(samples))


def _patterns(file: BinaryIO, recording: Recording, titles: list[str]) -> None:
    rows = [
        PatternRow(title, played[0].pattern, played[0].threshold)
        for title, played in zip(titles, recording.played, strict=True)
    ]
    pattern_picture(rows).save(file, "PNG")


def _traces(file: BinaryIO, recording: Recording) -> None:
    start_ns, bar_ns = recording.start_ns, recording.bar_ns
    end_ns = min(start_ns + TRACE_BARS * bar_ns, recording.end_ns)
    trace_picture(recording.traces, start_ns, end_ns, bar_ns).save(file, "PNG")


def _display(file: BinaryIO, recording: Recording) -> None:
    frame_picture(recording.frame).save(file, "PNG")


def _json(file: BinaryIO, recording: Recording) -> None:
    voices = [
        [
            {
                "time_s": (played.time_ns - recording.start_ns) / 1e9,
                "position": played.position,
                "threshold": played.threshold,
                "onset": played.pattern.onset,
                "steps": [int(on) for on in played.pattern.sounding(played.threshold)],
            }
            for played in voice
        ]
        for voice in recording.played
    ]
    file.write(json.dumps({"voices": voices}, indent=1).encode())
