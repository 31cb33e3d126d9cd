"""Which devices are opened, and that the module never loads its simulator."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from firmware.board import constants
from firmware.drivers.backend import BOARD, Backend, open_backend
from firmware.simulator.remote import RemoteRack
from firmware.simulator.serving import served_rack


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Path]:
    with served_rack(tmp_path):
        yield tmp_path


@pytest.mark.parametrize("rack", [None, ""])
def test_without_a_rack_the_board_is_chosen(rack: str | None) -> None:
    assert open_backend(rack) is BOARD


def test_choosing_the_board_loads_no_simulator() -> None:
    script = (
        "import sys; from firmware.drivers.backend import open_backend; open_backend('');"
        "print(any(name.startswith('firmware.simulator') for name in sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"


def test_a_rack_that_is_not_served_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        open_backend(tmp_path)


@pytest.mark.parametrize(
    "open_device",
    [
        lambda devices: devices.dacs()[0].read(),
        lambda devices: devices.player().dacs[0].read(),
        lambda devices: devices.clock_lines().read_edges(),
        lambda devices: devices.encoder_lines().read_edges(),
        lambda devices: devices.oled().set_contrast(1),
    ],
    ids=["dacs", "player", "clock", "encoder", "oled"],
)
def test_every_device_of_a_rack_opens(
    served: Path, open_device: Callable[[Backend], object]
) -> None:
    open_device(open_backend(served))


def test_the_inputs_are_those_of_the_rack(served: Path) -> None:
    RemoteRack(served).set_volts({"knob_x": constants.KNOB.reference_volts / 2})
    assert open_backend(served, ("panel",)).adc().read((0,)) == [2048]


def test_only_the_named_half_is_connected(served: Path) -> None:
    (served / "panel.sock").unlink()
    devices = open_backend(served, ("player",))
    assert len(devices.dacs()) == len(constants.DAC_ADDRESSES)
