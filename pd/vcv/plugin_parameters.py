"""The firmware's parameters and figures as a C++ header for the Rack plugin."""

from collections.abc import Iterator

from firmware.board.constants import CLOCK_THRESHOLDS_VOLTS
from firmware.engine.clock import PPQNS
from firmware.engine.scale import SEMITONES
from firmware.engine.state import VOICES
from firmware.instrument.deliberate_moves import MOVE
from firmware.instrument.modulation import GATE_VOLTS
from firmware.instrument.parameters import (
    BY_NAME,
    CV_RANGES_VOLTS,
    CV_TARGETS,
    DIVISION_MAX,
    Key,
    Parameter,
)
from firmware.instrument.patch import DEFAULT_PATCH

PARAMETERS = (
    *("x", "y", "threshold", "z", "w"),
    *("length", "rotate", "division", "mute", "pitch", "slide", "transpose", "advance"),
    *("gate_mode", "gate", "trigger", "accent", "groove", "dice", "ratchet"),
    *("ratchet_chance", "fill"),
    *("tempo", "run", "swing", "chaos", "seed", "freeze", "quantum", "scale", "root"),
    *("cv_assign", "cv_range", "cv_amount", "cv_offset", "cv_slew", "cv_play"),
    *("density", "cv_voices", "clock", "clock_in", "clock_out", "clock_rate"),
    *("freewheel", "reset_at_once"),
)
"""In the order of their numbers in saved Rack patches. Append only."""

LABELS = {
    "accent": "Accent above",
    "cv_play": "CV dead-band (mV)",
    "cv_slew": "CV slew (ms)",
    "dice": "Probability",
    "gate": "Gate length",
    "gate_mode": "Gate",
    "quantum": "Changes on",
    "ratchet": "Ratchet hits",
}
"""Where the name is not what a user reads."""


def keys() -> Iterator[Key]:
    """Yield every key in the order of its number."""
    for name in PARAMETERS:
        parameter = BY_NAME[name]
        for voice in range(VOICES if parameter.per_voice else 1):
            for place in range(parameter.count):
                yield Key(name, voice, place)


def header() -> str:
    """Write the header."""
    return "\n".join(
        (
            "// Made by pd/vcv/make_plugin.py from the firmware's tables; not to be edited.",
            "#pragma once",
            "",
            "namespace plugin {",
            "",
            *_figures(),
            "",
            *_targets(),
            "",
            *_identifiers(),
            "",
            *_table(),
            "",
            "}  // namespace plugin",
            "",
        )
    )


def _figures() -> Iterator[str]:
    low, high = CLOCK_THRESHOLDS_VOLTS
    yield f"constexpr int VOICES = {VOICES};"
    yield f"constexpr double CLOCK_LOW_VOLTS = {low};"
    yield f"constexpr double CLOCK_HIGH_VOLTS = {high};"
    yield f"constexpr double GATE_VOLTS = {GATE_VOLTS};"
    yield "// A voice that went further than this share of the map was moved on purpose."
    yield f"constexpr double MOVE = {MOVE};"
    yield f"constexpr int SEMITONES = {SEMITONES};"
    yield f"constexpr int DIVISION_MAX = {DIVISION_MAX};"
    yield f"constexpr int PPQNS[] = {{{', '.join(map(str, PPQNS))}}};"
    pairs = ", ".join(f"{{{low}, {high}}}" for low, high in CV_RANGES_VOLTS)
    yield f"constexpr double CV_RANGES_VOLTS[][2] = {{{pairs}}};"


def _targets() -> Iterator[str]:
    yield "// What an assignable CV can move."
    yield "enum class CvTarget {"
    yield from (f"    {name.upper()}," for name in CV_TARGETS)
    yield "};"


def _identifiers() -> Iterator[str]:
    yield "// The first number of each parameter: number = first + voice * count + place."
    number = 0
    for name in PARAMETERS:
        yield f"constexpr int {name.upper()} = {number};"
        parameter = BY_NAME[name]
        number += parameter.count * (VOICES if parameter.per_voice else 1)
    yield f"constexpr int PARAMETER_COUNT = {number};"


def _table() -> Iterator[str]:
    yield "// `choices` name the values from `low` on, one a line."
    yield "struct Parameter {"
    yield "    const char* name;"
    yield "    const char* meaning;"
    yield "    int first;"
    yield "    int voices;"
    yield "    int count;"
    yield "    float low;"
    yield "    float high;"
    yield "    bool whole;"
    yield "    const char* choices;"
    yield "};"
    yield ""
    yield "constexpr Parameter PARAMETERS[] = {"
    yield from (f"    {_row(BY_NAME[name])}," for name in PARAMETERS)
    yield "};"
    yield ""
    yield "constexpr float DEFAULTS[PARAMETER_COUNT] = {"
    for name in PARAMETERS:
        values = [_float(DEFAULT_PATCH[key]) for key in keys() if key.name == name]
        yield f"    {', '.join(values)},  // {name}"
    yield "};"


def _row(parameter: Parameter) -> str:
    fields = (
        _text(_label(parameter.name)),
        _text(parameter.meaning),
        parameter.name.upper(),
        str(VOICES if parameter.per_voice else 1),
        str(parameter.count),
        _float(parameter.low),
        _float(parameter.high),
        "true" if parameter.whole else "false",
        _text("\\n".join(parameter.choices)),
    )
    return f"{{{', '.join(fields)}}}"


def _label(name: str) -> str:
    return LABELS.get(name) or name.replace("_", " ").capitalize().replace("Cv ", "CV ")


def _text(text: str) -> str:
    return f'"{text}"'


def _float(value: float) -> str:
    return f"{float(value)}f"
