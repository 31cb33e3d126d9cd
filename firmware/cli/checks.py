"""The checks of `firmware doctor`: chips, lines, permissions, ports, and files.

Each check tests one thing and, if it fails, gives the remedy. None changes anything but the
real-time priority of the calling process.
"""

import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

from firmware.board.calibration import Calibration
from firmware.board.constants import ADC_INPUTS, DAC_ADDRESSES
from firmware.bundle.bundle import read_bundle
from firmware.bundle.decoder import load_decoders
from firmware.bundle.manifest import BundleError
from firmware.cli.board_checks import Check, check_board
from firmware.drivers.backend import Backend
from firmware.drivers.bus import BusError
from firmware.drivers.gpio import Inputs
from firmware.drivers.mcp3208 import Mcp3208
from firmware.drivers.mcp4728 import Mcp4728, Register
from firmware.drivers.oled import Oled
from firmware.drivers.realtime import Grant
from firmware.instrument.preset import parse_state
from firmware.ipc.control_protocol import (
    ControlError,
    NotRunningError,
    Status,
    StatusRequest,
    ask,
)
from firmware.panel.system_info import HOT_CELSIUS, THERMAL, celsius
from firmware.storage.paths import Home
from firmware.storage.settings import parse_calibration, read_calibration, read_settings
from firmware.storage.state_store import read

FREE_MB_MIN = 50
LATE_US_MAX = 5000
_NAPS = 50


def examine(
    home: Home,
    settings_path: Path,
    devices: Backend,
    *,
    board: bool,
    claim: Callable[[], Iterable[Grant]],
) -> Iterator[Check]:
    """Run all checks; with `board` also those for a Raspberry Pi only.

    `claim` requests real time for the calling process.
    """
    status = running_status(home)
    if board:
        yield from check_board()
    calibration = read_calibration(home.calibration)
    yield from check_dacs(devices.dacs, calibration)
    yield check_adc(devices.adc)
    in_use = status is not None
    yield check_oled(devices.oled, in_use=in_use)
    yield check_opens("clock and reset lines", devices.clock_lines, in_use=in_use)
    yield check_opens("encoder", devices.encoder_lines, in_use=in_use)
    yield check_midi(partial(devices.midi, os.O_RDWR), in_use=in_use)
    yield from check_grants(claim())
    yield check_timer(time.monotonic_ns, time.sleep)
    yield check_heat()
    yield from check_files(home, settings_path)
    yield check_bundle(home)
    yield from check_running(status)


def running_status(home: Home) -> Status | None:
    """Return the status of the running firmware; None if none runs here."""
    try:
        return ask(home.control, StatusRequest(), 2.0).status
    except (NotRunningError, ControlError):
        return None


def check_dacs(
    open_dacs: Callable[[], Sequence[Mcp4728]], calibration: Calibration
) -> Iterator[Check]:
    """Check that every DAC answers and has 0 V as its power-on voltage."""
    try:
        dacs = open_dacs()
    except OSError as error:
        yield Check("DACs", well=False, found=str(error))
        return
    for voice, (dac, address) in enumerate(zip(dacs, DAC_ADDRESSES, strict=True)):
        yield _check_dac(dac, f"DAC of voice {voice + 1}, {address:#04x}", calibration, voice)


def _check_dac(dac: Mcp4728, name: str, calibration: Calibration, voice: int) -> Check:
    try:
        contents = dac.read()
    except BusError as error:
        remedy = "check its solder joints, its supply of 4.096 V and its address"
        return Check(name, well=False, found=str(error), remedy=remedy)
    zero = calibration.zero_codes(voice)
    near = all(
        register == Register(register.code) and abs(register.code - code) <= 16
        for register, code in zip(contents.eeprom, zero, strict=True)
    )
    if not near:
        remedy = "firmware calibrate commission, once"
        return Check(name, well=False, found="does not power on at 0 V", remedy=remedy)
    return Check(name, well=True, found="answers, powers on at 0 V")


def check_adc(open_adc: Callable[[], Mcp3208]) -> Check:
    """Check that all inputs can be read."""
    try:
        codes = open_adc().read(range(len(ADC_INPUTS)))
    except BusError as error:
        return Check("ADC", well=False, found=str(error), remedy="check its supply and SPI")
    if not any(codes):
        return Check("ADC", well=False, found="answers only zeros", remedy="check DOUT")
    readings = zip(ADC_INPUTS, codes, strict=True)
    return Check("ADC", well=True, found=", ".join(f"{name} {code}" for name, code in readings))


def check_oled(open_oled: Callable[[], Oled], *, in_use: bool) -> Check:
    """Initialise the display, unless the running firmware uses it.

    The display cannot reply, so only the bus is tested.
    """
    if in_use:
        return Check("display", well=True, found="used by the running firmware")
    try:
        open_oled()
    except BusError as error:
        remedy = "check DC, reset and CE1; the module plays without a display"
        return Check("display", well=False, found=str(error), remedy=remedy)
    return Check("display", well=True, found="commands sent (it cannot reply)")


def check_opens(name: str, open_lines: Callable[[], Inputs], *, in_use: bool) -> Check:
    """Request lines, unless the running firmware uses them."""
    if in_use:
        return Check(name, well=True, found="used by the running firmware")
    try:
        open_lines()
    except OSError as error:
        return Check(name, well=False, found=str(error))
    return Check(name, well=True, found="can be read")


def check_midi(open_port: Callable[[], int], *, in_use: bool) -> Check:
    """Open the MIDI port, unless the running firmware uses it."""
    if in_use:
        return Check("MIDI", well=True, found="used by the running firmware")
    try:
        os.close(open_port())
    except OSError as error:
        remedy = "dtoverlay=disable-bt and dtoverlay=midi-uart0 in config.txt, group dialout"
        return Check("MIDI", well=False, found=str(error), remedy=remedy)
    return Check("MIDI", well=True, found="the port opens")


def check_grants(grants: Iterable[Grant]) -> Iterator[Check]:
    """Check which real-time features the system permits."""
    for grant in grants:
        found = "permitted" if grant.granted else "not permitted"
        yield Check(grant.what, well=grant.granted, found=found, remedy=grant.hint)


def check_timer(now_ns: Callable[[], int], sleep: Callable[[float], None]) -> Check:
    """Sleep for a millisecond fifty times and report the worst lateness."""
    worst_ns = 0
    for _ in range(_NAPS):
        start_ns = now_ns()
        sleep(0.001)
        worst_ns = max(worst_ns, now_ns() - start_ns - 1_000_000)
    late_us = worst_ns // 1000
    remedy = (
        ""
        if late_us <= LATE_US_MAX
        else "stop other programs; run the firmware as the supplied service"
    )
    found = f"wakes at most {late_us} us late"
    return Check("timer", well=late_us <= LATE_US_MAX, found=found, remedy=remedy)


def check_heat(thermal: Path = THERMAL) -> Check:
    """Read the processor's temperature."""
    degrees = celsius(thermal)
    if degrees is None:
        return Check("temperature", well=True, found="no sensor here")
    well = degrees < HOT_CELSIUS
    remedy = "" if well else "improve the air flow, or fit a heat sink"
    return Check("temperature", well=well, found=f"{degrees:.0f} C", remedy=remedy)


def check_files(home: Home, settings_path: Path) -> Iterator[Check]:
    """Check the settings, the calibration, the state and the free space."""
    mistakes = read_settings(settings_path).mistakes
    found = "; ".join(mistakes) or "no mistakes"
    yield Check("settings", well=not mistakes, found=found)
    calibration = read(home.calibration, parse_calibration)
    remedy = "firmware calibrate output 1 pitch" if calibration.value is None else ""
    found = "; ".join(calibration.notes) or ("measured" if calibration.value else "nominal")
    yield Check("calibration", well=not calibration.notes, found=found, remedy=remedy)
    state = read(home.state / "state.json", parse_state)
    found = "; ".join(state.notes) or ("saved" if state.value else "none yet")
    yield Check("state", well=not state.notes, found=found)
    yield check_room(home.root)


def check_room(folder: Path) -> Check:
    """Check whether the home folder is writable and has free space."""
    try:
        free_mb = shutil.disk_usage(folder).free >> 20
    except OSError as error:
        return Check("home folder", well=False, found=str(error), remedy="choose with --home")
    if not os.access(folder, os.W_OK):
        remedy = "remount it read-write, or make the firmware's user its owner"
        return Check("home folder", well=False, found="cannot be written", remedy=remedy)
    well = free_mb >= FREE_MB_MIN
    remedy = "" if well else "deploy remove old kits"
    return Check("home folder", well=well, found=f"{free_mb} MB free", remedy=remedy)


def check_bundle(home: Home) -> Check:
    """Verify the current bundle."""
    version = home.current_bundle()
    if version is None:
        return Check("bundle", well=False, found="none installed", remedy="deploy push KIT")
    try:
        load_decoders(read_bundle(home.folder(version)))
    except (BundleError, ImportError) as error:
        return Check("bundle", well=False, found=str(error), remedy="push it again")
    return Check("bundle", well=True, found=version.reference)


def check_running(status: Status | None) -> Iterator[Check]:
    """Report the status of the running firmware and its faults."""
    if status is None:
        yield Check("firmware", well=True, found="not running")
        return
    found = f"{status.firmware} runs, {status.bundle or 'no kit'}"
    yield Check("firmware", well=status.healthy, found=found)
    for fault in status.faults:
        kind, _, text = fault.partition(": ")
        yield Check(f"fault {kind}", well=False, found=text or fault)
