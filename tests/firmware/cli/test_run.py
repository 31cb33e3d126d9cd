import subprocess
import sys
from pathlib import Path

import pytest

from firmware.__main__ import main
from firmware.cli.base import FAILURE
from firmware.cli.run import MODULE_HOME, checked_settings, default_home
from firmware.storage.paths import Home
from firmware.storage.settings import Settings


def test_a_home_that_cannot_be_made_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "file"
    file.write_text("in the way")
    assert main(["run", "--simulated", "--home", str(file / "home")]) == FAILURE
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "--home" in error


def test_mistakes_in_the_settings_are_reported_and_passed_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "settings.toml"
    path.write_text('[midi]\ninptu = "x"\n[clock]\nsilence_ms = 1\n')
    assert checked_settings(path) == Settings()
    reported = capsys.readouterr().err.splitlines()
    assert len(reported) == 2
    assert "midi.input" in reported[0]
    assert "silence_ms" in reported[1]


def test_the_desk_s_home_is_the_person_s_own() -> None:
    assert default_home(simulated=False) == MODULE_HOME
    assert default_home(simulated=True) != MODULE_HOME


def test_the_folders_that_are_written_into_are_made(tmp_path: Path) -> None:
    home = Home(tmp_path / "new" / "home")
    home.prepare()
    home.prepare()
    assert home.bundles.is_dir()
    assert home.state.is_dir()


def test_what_the_player_is_forked_from_has_loaded_no_numpy() -> None:
    script = (
        "import sys; from firmware.__main__ import main; "
        "sys.argv = ['firmware', 'run', '--version-of-nothing']; code = main(); "
        "import firmware.supervisor.supervisor; print(code, 'numpy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert done.stdout == b"2 False\n"
