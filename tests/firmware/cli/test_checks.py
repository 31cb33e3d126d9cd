import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from firmware.board.calibration import NOMINAL
from firmware.cli.board_checks import Check, check_config, check_device, check_model
from firmware.cli.checks import (
    check_adc,
    check_bundle,
    check_dacs,
    check_files,
    check_grants,
    check_heat,
    check_midi,
    check_oled,
    check_opens,
    check_room,
    check_running,
    check_timer,
    examine,
)
from firmware.drivers.realtime import Grant
from firmware.ipc.control_protocol import Status
from firmware.simulator.clock import VirtualTime
from firmware.simulator.mcp4728 import FACTORY
from firmware.simulator.rack import Rack
from firmware.storage.paths import Home
from tests.firmware.panels import no_midi

STATUS = Status("0.1.0", "drums/000001", healthy=True, running=True, tempo_bpm=120, uptime_s=1)


@pytest.fixture
def rack() -> Rack:
    return Rack(VirtualTime())


def wrong(checks: list[Check]) -> list[str]:
    return [check.name for check in checks if not check.well]


def test_a_healthy_module_is_found_healthy(rack: Rack, verified_home: Home) -> None:
    checks = list(
        examine(
            verified_home,
            verified_home.settings,
            rack.backend(no_midi),
            board=False,
            claim=lambda: [Grant("priority", granted=True)],
        )
    )
    # A busy machine may well wake late.
    assert set(wrong(checks)) <= {"timer"}
    names = {check.name for check in checks}
    assert {"ADC", "display", "encoder", "MIDI", "bundle", "priority"} <= names


def break_adc(rack: Rack) -> None:
    rack.adc.broken = True


def float_adc(rack: Rack) -> None:
    rack.adc.floating = 0


def break_oled(rack: Rack) -> None:
    rack.oled.broken = True


def take_dac_away(rack: Rack) -> None:
    rack.i2c.absent.add(0x61)


def hold_bus(rack: Rack) -> None:
    rack.i2c.stuck = True


HARMS: dict[str, tuple[Callable[[Rack], None], list[str]]] = {
    "nothing": (lambda _: None, []),
    "ADC broken": (break_adc, ["ADC"]),
    "ADC absent": (float_adc, ["ADC"]),
    "display broken": (break_oled, ["display"]),
    "DAC absent": (take_dac_away, ["DAC of voice 2, 0x61"]),
    "I2C stuck": (
        hold_bus,
        ["DAC of voice 1, 0x60", "DAC of voice 2, 0x61", "DAC of voice 3, 0x62"],
    ),
}


@pytest.mark.parametrize(("harm", "names"), HARMS.values(), ids=HARMS)
def test_each_harm_is_named_and_has_a_remedy(
    rack: Rack, harm: Callable[[Rack], None], names: list[str]
) -> None:
    harm(rack)
    devices = rack.backend(no_midi)
    checks = [
        *check_dacs(devices.dacs, NOMINAL),
        check_adc(devices.adc),
        check_oled(devices.oled, in_use=False),
    ]
    assert wrong(checks) == names
    assert all(check.remedy for check in checks if not check.well)


def test_a_dac_fresh_from_the_factory_wants_commissioning() -> None:
    rack = Rack(VirtualTime(), eeprom=FACTORY)
    checks = list(check_dacs(rack.backend(no_midi).dacs, NOMINAL))
    assert all("commission" in check.remedy for check in checks)


def refuse(*_: object) -> int:
    raise OSError(errno.EACCES, os.strerror(errno.EACCES))


def test_ports_that_cannot_be_opened_are_reported_unless_the_firmware_holds_them() -> None:
    assert not check_midi(refuse, in_use=False).well
    assert check_midi(refuse, in_use=True).well
    assert check_oled(refuse, in_use=True).well  # type: ignore[arg-type]
    assert not check_opens("encoder", refuse, in_use=False).well  # type: ignore[arg-type]
    assert check_opens("encoder", refuse, in_use=True).well  # type: ignore[arg-type]


def test_what_is_not_permitted_has_the_services_hint() -> None:
    (check,) = check_grants([Grant("priority", granted=False, hint="LimitRTPRIO=60")])
    assert (check.well, check.remedy) == (False, "LimitRTPRIO=60")


@pytest.mark.parametrize(("late_ns", "well"), [(100_000, True), (20_000_000, False)])
def test_a_timer_that_wakes_late_is_reported(late_ns: int, well: bool) -> None:
    clock = VirtualTime()

    def oversleep(duration_s: float) -> None:
        clock.sleep(duration_s)
        clock.now_ns += late_ns

    assert check_timer(lambda: clock.now_ns, oversleep).well is well


@pytest.mark.parametrize(("milli", "well"), [("45000", True), ("85000", False), ("?", True)])
def test_heat(tmp_path: Path, milli: str, well: bool) -> None:
    (tmp_path / "temp").write_text(milli)
    assert check_heat(tmp_path / "temp").well is well


def test_files_with_mistakes_are_named(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.state.mkdir()
    home.settings.write_text("[osc]\nprot = 1")
    (home.state / "calibration.json").write_text("?")
    (home.state / "state.json").write_text("{}")
    assert wrong(list(check_files(home, home.settings))) == ["settings", "calibration", "state"]
    assert (home.state / "state.json").exists()


def test_a_home_that_is_not_there_is_reported(tmp_path: Path) -> None:
    assert not check_room(tmp_path / "nowhere").well


def test_bundles(stocked_home: Home, tmp_path: Path) -> None:
    assert not check_bundle(Home(tmp_path / "empty")).well
    assert check_bundle(stocked_home).found == "drums/000002"
    next((stocked_home.bundles / "drums" / "000002").glob("*.tflite")).write_bytes(b"")
    assert not check_bundle(stocked_home).well


def test_the_running_firmwares_faults_are_repeated() -> None:
    assert [check.well for check in check_running(None)] == [True]
    faulty = Status(
        "0.1.0", "", healthy=False, running=True, tempo_bpm=1, uptime_s=1, faults=("adc: gone",)
    )
    assert wrong(list(check_running(faulty))) == ["firmware", "fault adc"]
    assert wrong(list(check_running(STATUS))) == []


def test_the_board(tmp_path: Path) -> None:
    assert not check_model(tmp_path / "model").well
    (tmp_path / "model").write_text("Raspberry Pi 4 Model B\0")
    assert check_model(tmp_path / "model").found == "Raspberry Pi 4 Model B"
    assert not check_device(tmp_path / "i2c-1", "dtparam", "i2c").well
    (tmp_path / "i2c-1").touch()
    assert check_device(tmp_path / "i2c-1", "dtparam", "i2c").well
    config = tmp_path / "config.txt"
    config.write_text("#dtparam=spi=on\ndtparam=i2c_arm=on,i2c_arm_baudrate=400000\n")
    assert "spi=on" in check_config(config).found
    assert not check_config(tmp_path / "nothing").well
