"""Score, Command and Report as packed little-endian messages.

Every message begins with a mark, a version and a sequence number, and has one fixed length
per kind, but for the controls and notes that a report carries.
"""

import struct
from collections.abc import Callable, Mapping
from itertools import chain, starmap
from typing import Any

from firmware.pattern import STEPS, Pattern
from firmware.score import (
    CONTROLS_MAX,
    NOTES_MAX,
    PITCHES,
    VOICES,
    ClockOut,
    ClockSource,
    Command,
    CommandKind,
    EngineState,
    Fault,
    GateMode,
    MidiControl,
    MidiNote,
    PitchHold,
    Quantum,
    Report,
    VoiceState,
)

VERSION = 1
MESSAGE_BYTES_MAX = 4096

Message = EngineState | Command | Report

_HEADER = struct.Struct("<cBI")
_VOICE = struct.Struct(f"<{3 * STEPS}f6f3BbB??Bb{PITCHES}h")
_SCORE = struct.Struct("<?IffI?HBBIBBBB??bH")
_NOT_HELD = PitchHold(-1, 0)
_COMMAND = struct.Struct("<Bq")
_REPORT = struct.Struct(f"<??Iq{VOICES}iIQ{len(Fault)}IBB")
_CONTROL = struct.Struct("<BBB")
_NOTE = struct.Struct("<BBBq")


class MessageError(ValueError):
    """A message of another version or length; it is counted and left."""


def pack(message: Message, sequence: int) -> bytes:
    """Pack a message with its number, which wraps at 2**32."""
    number = sequence & 0xFFFFFFFF
    if isinstance(message, EngineState):
        return _HEADER.pack(b"S", VERSION, number) + _pack_score(message)
    if isinstance(message, Report):
        return _HEADER.pack(b"R", VERSION, number) + _pack_report(message)
    return _HEADER.pack(b"C", VERSION, number) + _COMMAND.pack(*message)


def unpack(data: bytes) -> tuple[int, Message]:
    """Give a message and its number. Raises `MessageError` if it is not one of ours."""
    try:
        mark, version, sequence = _HEADER.unpack_from(data)
        if version != VERSION:
            raise MessageError(f"message version {version}, this is {VERSION}")
        return sequence, _UNPACK[mark](data[_HEADER.size :])
    except (struct.error, KeyError, ValueError, IndexError) as error:
        raise MessageError(f"not a message of ours: {error}") from None


def is_engine_state(data: bytes) -> bool:
    """Tell whether a message says that it is a score, which need not be a sound one."""
    return data.startswith(b"S")


def _pack_score(state: EngineState) -> bytes:
    head = _SCORE.pack(
        state.running,
        state.milli_bpm,
        state.swing,
        state.chaos,
        state.seed,
        state.freeze,
        state.quantum,
        state.scale,
        state.root,
        state.recall,
        state.clock_source,
        state.clock_in_ppqn,
        state.clock_out,
        state.clock_out_ppqn,
        state.freewheel,
        state.reset_at_once,
        *(state.held or _NOT_HELD),
    )
    return head + b"".join(map(_pack_voice, state.voices))


def _pack_voice(voice: VoiceState) -> bytes:
    pattern = voice.pattern
    return _VOICE.pack(
        *pattern.onset,
        *pattern.velocity,
        *pattern.offset,
        voice.threshold,
        voice.groove,
        voice.dice,
        voice.ratchet_chance,
        voice.accent,
        voice.gate,
        voice.gate_mode,
        voice.length,
        voice.rotation,
        voice.division,
        voice.ratchet,
        voice.mute,
        voice.advance_by_gate,
        voice.slides,
        voice.transpose,
        *voice.pitches,
    )


def _unpack_score(data: bytes) -> EngineState:
    if len(data) != _SCORE.size + VOICES * _VOICE.size:
        raise MessageError(f"a score of {len(data)} bytes")
    fields = list(_SCORE.unpack_from(data))
    held = PitchHold(*fields[-2:])
    fields[-2:] = [held if held.voice >= 0 else None]
    fields[6] = Quantum(fields[6])
    fields[10] = ClockSource(fields[10])
    fields[12] = ClockOut(fields[12])
    voices = tuple(map(_unpack_voice, _VOICE.iter_unpack(data[_SCORE.size :])))
    return EngineState(voices, *fields)


def _unpack_voice(values: tuple[Any, ...]) -> VoiceState:
    heads = [values[head * STEPS : (head + 1) * STEPS] for head in range(3)]
    fields = [Pattern(*heads), *values[3 * STEPS : -PITCHES], values[-PITCHES:]]
    fields[7] = GateMode(fields[7])
    return VoiceState(*fields)


def _pack_report(report: Report) -> bytes:
    controls = report.controls[:CONTROLS_MAX]
    notes = report.notes[:NOTES_MAX]
    head = _REPORT.pack(
        report.running,
        report.locked,
        report.milli_bpm,
        report.tick,
        *report.steps,
        report.recall,
        report.lateness_ns,
        *report.faults,
        len(controls),
        len(notes),
    )
    return b"".join((head, bytes(chain.from_iterable(controls)), *starmap(_NOTE.pack, notes)))


def _unpack_report(data: bytes) -> Report:
    running, locked, milli_bpm, tick, *rest = _REPORT.unpack_from(data)
    steps, (recall, lateness_ns, *faults, control_count, note_count) = (
        rest[:VOICES],
        rest[VOICES:],
    )
    notes_from = _REPORT.size + control_count * _CONTROL.size
    if len(data) != notes_from + note_count * _NOTE.size:
        raise MessageError(f"a report of {len(data)} bytes")
    return Report(
        *(running, locked, milli_bpm, tick, tuple(steps), recall, lateness_ns, tuple(faults)),
        tuple(map(MidiControl._make, _CONTROL.iter_unpack(data[_REPORT.size : notes_from]))),
        tuple(map(MidiNote._make, _NOTE.iter_unpack(data[notes_from:]))),
    )


def _unpack_command(data: bytes) -> Command:
    kind, time_ns = _COMMAND.unpack(data)
    return Command(CommandKind(kind), time_ns)


_UNPACK: Mapping[bytes, Callable[[bytes], Message]] = {
    b"S": _unpack_score,
    b"R": _unpack_report,
    b"C": _unpack_command,
}
