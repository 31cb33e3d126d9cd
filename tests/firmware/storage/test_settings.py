import json
from pathlib import Path

import pytest

from firmware.board.calibration import NOMINAL, fit_output
from firmware.storage.settings import (
    OscSettings,
    Settings,
    calibration_bytes,
    parse_calibration,
    parse_settings,
    read_calibration,
    read_settings,
)


def test_no_file_means_defaults(tmp_path: Path) -> None:
    assert read_settings(tmp_path / "settings.toml") == (Settings(), ())


def test_what_is_given_is_taken_and_the_rest_left() -> None:
    settings, mistakes = parse_settings("[osc]\nport = 9001\n[outputs]\ncv_ms = 3")
    assert not mistakes
    assert settings.osc == OscSettings("127.0.0.1", 9001)
    assert settings.outputs.cv_ms == 3


def test_every_mistake_is_reported_at_once_and_the_rest_still_counts() -> None:
    text = """
        [osc]
        prot = 9001
        host = 12
        [outputs]
        cv_ms = 200
        midi_ms = nan
        [midi]
        input = "USB"
        [dispaly]
        contrast = 3
        [encoder]
        reversed = 1
    """
    settings, mistakes = parse_settings(text)
    assert settings.midi.input == "USB"
    assert settings.osc == OscSettings()
    reported = "\n".join(mistakes)
    assert "osc.prot: unknown setting; did you mean osc.port?" in reported
    assert "osc.host is 12; write a text in quotes" in reported
    assert "outputs.cv_ms is 200; choose from 0 to 20" in reported
    assert "outputs.midi_ms is nan" in reported
    assert "dispaly: unknown setting; did you mean display?" in reported
    assert "encoder.reversed is 1; write true or false" in reported
    assert len(mistakes) == 6


@pytest.mark.parametrize("text", ["[osc", "osc = 3", "port = true"])
def test_what_is_no_table_is_reported(text: str) -> None:
    settings, mistakes = parse_settings(text)
    assert settings == Settings()
    assert len(mistakes) == 1


def test_an_unreadable_file_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_bytes(b"\xff\xfe")
    assert len(read_settings(path).mistakes) == 1


def test_a_calibration_outlives_a_file(tmp_path: Path) -> None:
    curve = fit_output([(0, -3.1), (2000, 0.95), (4095, 5.2)])
    calibration = NOMINAL.with_output(1, 0, curve)
    path = tmp_path / "calibration.json"
    path.write_bytes(calibration_bytes(calibration))
    assert read_calibration(path) == calibration


def test_a_missing_or_corrupt_calibration_is_nominal(tmp_path: Path) -> None:
    path = tmp_path / "calibration.json"
    assert read_calibration(path) == NOMINAL
    path.write_bytes(b"{}")
    assert read_calibration(path) == NOMINAL


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("version", 99),
        ("format", "other"),
        ("outputs", []),
        ("outputs", [[[[0, -3], [4095, 5]]] * 4]),
        ("outputs", [[[[0, 5], [4095, -3]]] * 4] * 3),
        ("inputs", [[0, 0]] * 8),
        ("inputs", [[0, 1]] * 3),
        ("inputs", None),
    ],
)
def test_a_wrong_calibration_is_refused(key: str, value: object) -> None:
    document = json.loads(calibration_bytes(NOMINAL))
    document[key] = value
    with pytest.raises(ValueError):  # noqa: PT011 - any
        parse_calibration(json.dumps(document).encode())
