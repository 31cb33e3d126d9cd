"""`firmware calibrate`: measure the jacks, save the result, set the power-on voltages."""

import argparse
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from firmware.board.calibration import Calibration, CalibrationError, OutputCurve
from firmware.board.constants import ADC_INPUTS, DAC_ADDRESSES, DAC_OUTPUTS
from firmware.cli.base import answer, common_options, say
from firmware.cli.calibration_procedure import (
    Jacks,
    by_ear,
    by_loop,
    by_meter,
    with_measured_input,
)
from firmware.cli.run import default_home
from firmware.engine.scale import pitch_volts
from firmware.errors import UserError
from firmware.ipc.control_protocol import ControlError, StatusRequest, ask
from firmware.storage.paths import Home
from firmware.storage.settings import calibration_bytes, read_calibration
from firmware.storage.state_store import save

_EXAMPLE = """example:
  firmware calibrate output 1 pitch --by meter    a multimeter at the pitch jack of voice 1
  firmware calibrate output 2 pitch --by ear      against a tuned oscillator
  firmware calibrate output 3 pitch --by loop --input cv_x
  firmware calibrate input cv_x                   0 V, then 5 V
  firmware calibrate commission                   0 V at power-on, once
  firmware calibrate show
"""


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `calibrate` to the command line of `firmware`."""
    calibrate = commands.add_parser(
        "calibrate",
        help="measure the jacks and save the result",
        description="Measure outputs and inputs. Stop the firmware first: it uses the same "
        "chips. The calibration is stored separately from settings, presets and updates.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    kinds = calibrate.add_subparsers(metavar="WHAT")
    output = _add(kinds, "output", _output, "measure an output")
    voices = range(1, len(DAC_ADDRESSES) + 1)
    output.add_argument("voice", type=int, choices=voices, help="the voice")
    output.add_argument("jack", choices=DAC_OUTPUTS, help="its jack")
    output.add_argument(
        "--by",
        choices=("meter", "ear", "loop"),
        default="meter",
        help="a meter (default), a tuned oscillator, or a cable to an input",
    )
    output.add_argument(
        "--input",
        choices=ADC_INPUTS[3:],
        default="cv_x",
        help="the input that --by loop measures with",
    )
    measured = _add(kinds, "input", _input, "measure an input")
    measured.add_argument("jack", choices=ADC_INPUTS, help="the knob or jack")
    _add(kinds, "commission", _commission, "write 0 V into the EEPROMs, once")
    _add(kinds, "show", _show, "print what was measured")


def _add(
    kinds: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    func: Callable[[argparse.Namespace], int],
    text: str,
) -> argparse.ArgumentParser:
    parser = kinds.add_parser(name, parents=[common_options()], help=text, description=text)
    parser.add_argument("--home", type=Path, help="home folder")
    parser.add_argument("--rack", type=Path, help="folder of a running simulated rack")
    parser.set_defaults(func=func)
    return parser


def _output(options: argparse.Namespace) -> int:
    voice, output = options.voice - 1, DAC_OUTPUTS.index(options.jack)
    with _jacks(options) as jacks:
        if options.by == "loop":
            say(f"patch voice {options.voice} {options.jack} into {options.input}")
            _prompt("press Enter when done ")
            curve = by_loop(jacks, voice, output, ADC_INPUTS.index(options.input))
        elif options.by == "ear":
            curve = by_ear(jacks, voice, output, _ear)
        else:
            curve = by_meter(jacks, voice, output, _meter)
        _save(options, jacks.calibration.with_output(voice, output, curve))
    return 0


def _input(options: argparse.Namespace) -> int:
    with _jacks(options) as jacks:
        calibration = with_measured_input(jacks, ADC_INPUTS.index(options.jack), _present)
        _save(options, calibration)
    return 0


def _commission(options: argparse.Namespace) -> int:
    with _jacks(options) as jacks:
        codes = jacks.commission()
    if options.json:
        answer({"power_on_codes": codes})
    else:
        say("every output is at 0 V when the module is powered on")
    return 0


def _show(options: argparse.Namespace) -> int:
    calibration = read_calibration(_path(options))
    document = {
        "outputs": [
            {name: curve.points for name, curve in zip(DAC_OUTPUTS, curves, strict=True)}
            for curves in calibration.outputs
        ],
        "inputs": {
            name: {"offset_volts": line.offset_volts, "volts_per_code": line.volts_per_code}
            for name, line in zip(ADC_INPUTS, calibration.inputs, strict=True)
        },
    }
    if options.json:
        answer(document)
        return 0
    for voice, curves in enumerate(calibration.outputs, 1):
        for name, curve in zip(DAC_OUTPUTS, curves, strict=True):
            say(f"voice {voice} {name}: {_curve_text(curve)}")
    for name, line in zip(ADC_INPUTS, calibration.inputs, strict=True):
        say(f"{name}: {line.offset_volts:+.4f} V {line.volts_per_code * 1000:+.5f} mV per code")
    return 0


def _curve_text(curve: OutputCurve) -> str:
    if curve == OutputCurve():
        return "nominal"
    return "  ".join(f"{code:.0f}={volts:+.4f}" for code, volts in curve.points)


@contextmanager
def _jacks(options: argparse.Namespace) -> Iterator[Jacks]:
    """Open the chips, silent before and after. Raises `UserError` while the firmware runs."""
    from firmware.drivers.backend import open_backend

    _refuse_while_running(options)
    calibration = read_calibration(_path(options))
    devices = open_backend(options.rack)
    jacks = Jacks(devices.dacs(), devices.adc(), time.sleep, calibration)
    jacks.silence()
    try:
        yield jacks
    except CalibrationError as error:
        raise UserError(f"{error}; nothing was saved") from None
    finally:
        jacks.silence()


def _refuse_while_running(options: argparse.Namespace) -> None:
    try:
        ask(_home(options).control, StatusRequest(), 2.0)
    except ControlError:
        return
    raise UserError("the firmware uses these chips; stop it first: systemctl stop exnihilo")


def _home(options: argparse.Namespace) -> Home:
    return Home(options.home or default_home(simulated=options.rack is not None))


def _path(options: argparse.Namespace) -> Path:
    return _home(options).calibration


def _save(options: argparse.Namespace, calibration: Calibration) -> None:
    path = _path(options)
    path.parent.mkdir(parents=True, exist_ok=True)
    save(path, calibration_bytes(calibration))
    if options.json:
        answer({"file": str(path), "kept": str(path)})
    else:
        say(f"saved in {path}; the firmware reads it when it starts")


def _prompt(text: str) -> str:
    try:
        return input(text).strip()
    except EOFError:
        raise UserError(
            "the input ended before the measurement was complete; nothing was saved"
        ) from None


def _meter(volts: float) -> float:
    while True:
        text = _prompt(f"about {volts:+.0f} V; the meter reads (V): ")
        try:
            return float(text.replace(",", "."))
        except ValueError:
            say("enter a number in volts, such as 0.998")


def _ear(volts: float, code: int) -> int:
    note = f"{volts:+.0f} V, C{volts - pitch_volts(60) + 4:.0f}"
    text = _prompt(f"{note} (code {code}): type + or -, Enter when in tune: ")
    return text.count("+") - text.count("-")


def _present(volts: float) -> None:
    _prompt(f"apply {volts:g} V to the input (a knob: turn it to its end), then press Enter: ")
