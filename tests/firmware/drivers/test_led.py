"""The kernel's LED."""

from pathlib import Path

from firmware.drivers.led import KernelLed


def test_it_is_turned_on_and_off_by_its_brightness(tmp_path: Path) -> None:
    brightness = tmp_path / "brightness"
    brightness.write_text("255\n")
    led = KernelLed(brightness)
    led.set(lit=False)
    assert brightness.read_text() == "0"
    led.set(lit=True)
    assert brightness.read_text() == "1"


def test_an_absent_one_is_ignored(tmp_path: Path) -> None:
    KernelLed(tmp_path / "absent" / "brightness").set(lit=True)
