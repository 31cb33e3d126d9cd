"""The user's settings (TOML) and the module's calibration (JSON), read and checked.

A mistake in the settings never stops the module: all mistakes are reported at once, each with a
suggestion, and the settings concerned keep their defaults.
"""

import difflib
import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields
from math import isfinite
from pathlib import Path
from typing import Any, NamedTuple

from firmware.board.calibration import (
    NOMINAL,
    Calibration,
    CalibrationError,
    Curves,
    InputLine,
    OutputCurve,
    fit_output,
)
from firmware.board.constants import ADC_INPUTS, DAC_ADDRESSES, DAC_OUTPUTS
from firmware.storage.state_store import read
from firmware.storage.strict_json import strict_json

CALIBRATION_FORMAT = "exnihilo-calibration"
CALIBRATION_VERSION = 1


def _number(default: float, low: float, high: float) -> Any:
    return field(default=default, metadata={"low": low, "high": high})


@dataclass(frozen=True, slots=True)
class OscSettings:
    """Where OSC messages are received."""

    host: str = "127.0.0.1"
    """Address to listen on; 0.0.0.0 for every network."""
    port: int = _number(9000, 1024, 65535)
    """UDP port."""


@dataclass(frozen=True, slots=True)
class MidiSettings:
    """MIDI ports, and the control changes that set voices on channels 1 to 3."""

    input: str = ""
    """Name of the input port; empty: the board's own; "link": Ableton Link (extra `link`)."""
    output: str = ""
    """Name of the output port; empty: the board's own."""
    x: int = _number(16, 0, 119)
    """Control change for X."""
    y: int = _number(17, 0, 119)
    """Control change for Y."""
    threshold: int = _number(18, 0, 119)
    """Control change for the threshold."""
    fill: int = _number(19, 0, 119)
    """Control change for the fill."""


@dataclass(frozen=True, slots=True)
class OutputSettings:
    """How much later than its event each kind of output leaves, to align a rack."""

    cv_ms: float = _number(0.0, 0, 20)
    """Delay of CV and gates in milliseconds."""
    midi_ms: float = _number(0.0, 0, 20)
    """Delay of MIDI in milliseconds."""


@dataclass(frozen=True, slots=True)
class ClockSettings:
    """The external clock."""

    silence_ms: int = _number(500, 100, 5000)
    """Milliseconds without a pulse after which the clock counts as stopped."""


@dataclass(frozen=True, slots=True)
class DisplaySettings:
    """The display."""

    contrast: int = _number(160, 0, 255)
    """Brightness."""
    off_after_min: int = _number(30, 0, 600)
    """Minutes without input until the display turns dark; 0: never."""


@dataclass(frozen=True, slots=True)
class EncoderSettings:
    """The encoder."""

    reversed: bool = False
    """Swap the directions of rotation."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that `settings.toml` may hold, a table per field."""

    osc: OscSettings = OscSettings()
    midi: MidiSettings = MidiSettings()
    outputs: OutputSettings = OutputSettings()
    clock: ClockSettings = ClockSettings()
    display: DisplaySettings = DisplaySettings()
    encoder: EncoderSettings = EncoderSettings()


class CheckedSettings(NamedTuple):
    """Usable settings, and every mistake that was found."""

    settings: Settings
    mistakes: tuple[str, ...] = ()


def read_settings(path: Path) -> CheckedSettings:
    """Read the user's settings; without a file, return the defaults."""
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        return CheckedSettings(Settings())
    except (OSError, UnicodeDecodeError) as error:
        return CheckedSettings(Settings(), (f"{path.name}: cannot be read ({error})",))
    return parse_settings(text, path.name)


def parse_settings(text: str, where: str = "settings.toml") -> CheckedSettings:
    """Check settings; each mistake begins with `where` and the key."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return CheckedSettings(Settings(), (f"{where}: {error}",))
    except RecursionError:
        return CheckedSettings(Settings(), (f"{where}: nested too deep",))
    mistakes = [f"{where}: {m}" for m in _unknown(document, Settings, "")]
    tables: dict[str, Any] = {}
    for table in fields(Settings):
        given = document.get(table.name, {})
        if isinstance(given, dict):
            tables[table.name], found = _table(type(table.default), given, table.name)
            mistakes += [f"{where}: {m}" for m in found]
        else:
            mistakes.append(f"{where}: {table.name} is a table: write [{table.name}]")
    return CheckedSettings(Settings(**tables), tuple(mistakes))


def read_calibration(path: Path) -> Calibration:
    """Read a module's calibration, or its previous copy; nominal if there is none."""
    return read(path, parse_calibration).value or NOMINAL


def parse_calibration(data: bytes) -> Calibration:
    """Check a calibration's bytes. Raises `ValueError`."""
    document = strict_json(data)
    if not isinstance(document, dict) or document.get("format") != CALIBRATION_FORMAT:
        raise CalibrationError("not a calibration")
    if document.get("version") != CALIBRATION_VERSION:
        raise CalibrationError(f"version {document.get('version')} is not known here")
    try:
        outputs = tuple(map(_curves, document["outputs"]))
        inputs = tuple(InputLine(float(a), float(b)) for a, b in document["inputs"])
    except (KeyError, TypeError, OverflowError) as error:
        raise CalibrationError(f"malformed ({error!r})") from None
    sound = all(isfinite(line.offset_volts) and line.volts_per_code for line in inputs)
    if len(outputs) != len(DAC_ADDRESSES) or len(inputs) != len(ADC_INPUTS) or not sound:
        raise CalibrationError("not the jacks of this board")
    return Calibration(outputs, inputs)


def calibration_bytes(calibration: Calibration) -> bytes:
    """Return the JSON of a calibration."""
    document = {
        "format": CALIBRATION_FORMAT,
        "version": CALIBRATION_VERSION,
        "outputs": [[curve.points for curve in curves] for curves in calibration.outputs],
        "inputs": [list(asdict(line).values()) for line in calibration.inputs],
    }
    return (json.dumps(document, allow_nan=False) + "\n").encode()


def _curves(document: Any) -> Curves:
    curves: list[OutputCurve] = [fit_output(points) for points in document]
    if len(curves) != len(DAC_OUTPUTS):
        raise CalibrationError("not the jacks of this board")
    return curves[0], curves[1], curves[2], curves[3]


def _table(kind: type[Any], given: Mapping[str, Any], name: str) -> tuple[Any, list[str]]:
    """Make one table of the settings, without the invalid ones."""
    mistakes = list(_unknown(given, kind, f"{name}."))
    sound = {}
    for entry in fields(kind):
        if entry.name not in given:
            continue
        mistake = _mistake(given[entry.name], entry.default, entry.metadata)
        if mistake:
            mistakes.append(f"{name}.{entry.name} {mistake}")
        else:
            sound[entry.name] = given[entry.name]
    return kind(**sound), mistakes


def _unknown(given: Mapping[str, Any], kind: type[Any], prefix: str) -> Iterator[str]:
    names = [entry.name for entry in fields(kind)]
    for key in given:
        if key in names:
            continue
        near = difflib.get_close_matches(key, names, 1, 0.5)
        hint = f"did you mean {prefix}{near[0]}?" if near else f"known: {', '.join(names)}"
        yield f"{prefix}{key}: unknown setting; {hint}"


def _mistake(value: object, default: object, metadata: Mapping[str, Any]) -> str | None:
    wanted = float if isinstance(default, float) else type(default)
    if isinstance(value, bool) != isinstance(default, bool) or not isinstance(
        value, (int, float) if wanted is float else wanted
    ):
        kind = {int: "a whole number", float: "a number", str: "a text in quotes"}
        return f"is {json.dumps(value, default=str)}; write {kind.get(wanted, 'true or false')}"
    if "low" in metadata and not metadata["low"] <= value <= metadata["high"]:
        return f"is {value}; choose from {metadata['low']} to {metadata['high']}"
    return None
