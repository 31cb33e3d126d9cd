"""`firmware calibrate` as a person runs it, over a rack in other processes."""

import subprocess
import sys
from pathlib import Path

import pytest

from firmware.board.calibration import NOMINAL, OCTAVES_VOLTS, OutputCurve
from firmware.board.constants import CV_OUTPUT
from firmware.simulator.serving import served_rack
from firmware.storage.settings import read_calibration

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def rack(tmp_path_factory: pytest.TempPathFactory) -> object:
    folder = tmp_path_factory.mktemp("r")
    with served_rack(folder):
        yield folder


def calibrate(home: Path, rack: Path, typed: str, *arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "firmware", "calibrate", *arguments),
            *("--home", str(home), "--rack", str(rack)),
        ],
        input=typed,
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    return done.returncode, done.stderr


def readings() -> str:
    curve = OutputCurve()
    volts = (CV_OUTPUT.volts(curve.code(volts)) for volts in OCTAVES_VOLTS)
    return "".join(f"{reading + 0.01:.4f}\n" for reading in volts)


def test_a_pitch_is_measured_and_kept(tmp_path: Path, rack: Path) -> None:
    typed = f"what?\n{readings()}"
    code, said = calibrate(tmp_path, rack, typed, "output", "2", "pitch")
    assert code == 0, said
    calibration = read_calibration(tmp_path / "state" / "calibration.json")
    assert calibration.outputs[0] == NOMINAL.outputs[0]
    low, high = calibration.outputs[1][0].points[0], calibration.outputs[1][0].points[-1]
    assert low.volts == pytest.approx(-2.99, abs=0.002)
    assert high.volts == pytest.approx(5.01, abs=0.002)


@pytest.mark.parametrize("typed", ["", "0.1\n" * 9, "1\n2\n"])
def test_nothing_is_kept_of_a_measurement_that_fails(
    tmp_path: Path, rack: Path, typed: str
) -> None:
    code, said = calibrate(tmp_path, rack, typed, "output", "1", "pitch")
    assert code == 1
    assert "nothing was saved" in said
    assert "Traceback" not in said
    assert not (tmp_path / "state" / "calibration.json").exists()


def test_commissioning_and_showing(tmp_path: Path, rack: Path) -> None:
    assert calibrate(tmp_path, rack, "", "commission")[0] == 0
    code, said = calibrate(tmp_path, rack, "", "show")
    assert code == 0
    assert "voice 1 pitch: nominal" in said


def test_wrong_use_is_reported(tmp_path: Path, rack: Path) -> None:
    assert calibrate(tmp_path, rack, "", "output", "4", "pitch")[0] == 2
