"""The commands besides push, as a person types them, on a local home and over ssh."""

import json
from pathlib import Path
from typing import Any

import pytest

from deploy.client.commands import split_host
from firmware.storage.paths import Home, InstalledBundle


@pytest.fixture
def filled(home: Home, deploy: Any, drums: Path, bass: Path) -> Home:
    """Two bundles, the second one chosen."""
    assert deploy("push", drums, bass, "--local", home.root).code == 0
    return home


@pytest.mark.parametrize(
    ("arguments", "bundles", "host"),
    [
        (["a"], ["a"], None),
        (["a", "module"], ["a"], "module"),
        (["a", "me@module.local"], ["a"], "me@module.local"),
        (["a", "./b"], ["a", "./b"], None),
        (["a", "/tmp"], ["a", "/tmp"], None),
    ],
)
def test_the_last_argument_is_a_host_unless_it_is_a_folder(
    arguments: list[str], bundles: list[str], host: str | None
) -> None:
    assert split_host(arguments, local=False) == ([Path(name) for name in bundles], host)


def test_status_of_a_home_without_and_with_a_firmware(
    filled: Home, deploy: Any, firmware: Any
) -> None:
    assert "not running" in deploy("status", "--local", filled.root).out
    firmware(filled)
    out = deploy("status", "--local", filled.root).out
    assert "healthy" in out
    assert "plays bass/000002" in out


def test_list_marks_the_current_one(filled: Home, deploy: Any) -> None:
    lines = deploy("list", "--local", filled.root).out.splitlines()
    assert [line[:15].strip() for line in lines] == ["drums/000001", "* bass/000002"]
    assert "model1, model2, model3" in lines[0]


def test_rollback_and_remove(filled: Home, deploy: Any, firmware: Any) -> None:
    playing = firmware(filled)
    assert playing.stdout
    done = deploy("rollback", "--local", filled.root)
    assert done.out == "drums/000001, playing\n"
    assert filled.current_bundle() == InstalledBundle(1, "drums")
    assert deploy("rollback", "--local", filled.root).code == 1
    refused = deploy("remove", "drums", "--local", filled.root)
    assert refused.code == 1
    assert "it plays" in refused.err
    assert deploy("remove", "bass/000002", "--local", filled.root).code == 0
    assert filled.installed() == (InstalledBundle(1, "drums"),)
    assert "no such kit" in deploy("remove", "bass", "--local", filled.root).err


def test_doctor_fails_where_something_is_wrong(
    filled: Home, deploy: Any, firmware: Any
) -> None:
    done = deploy("doctor", "--local", filled.root)
    assert done.code == 1
    assert "FAIL firmware" in done.out
    firmware(filled)
    assert deploy("doctor", "--local", filled.root).code == 0
    model = next(filled.folder(InstalledBundle(2, "bass")).glob("*.tflite"))
    model.write_bytes(b"rotten")
    assert "FAIL current" in deploy("doctor", "--local", filled.root).out


@pytest.mark.parametrize("command", ["status", "list", "rollback", "logs"])
def test_a_home_that_is_not_there_is_named_and_not_made(
    deploy: Any, tmp_path: Path, command: str
) -> None:
    done = deploy(command, "--local", tmp_path / "nowhere")
    assert done.code == 1
    assert "nowhere: no home folder here" in done.err
    assert not (tmp_path / "nowhere").exists()


def test_a_backup_that_cannot_be_written_says_where(
    home: Home, deploy: Any, tmp_path: Path
) -> None:
    done = deploy("backup", "--local", home.root, "-o", tmp_path)
    assert done.code == 1
    assert f"{tmp_path}: cannot be written" in done.err


def test_a_backup_and_its_restore(
    home: Home, deploy: Any, firmware: Any, tmp_path: Path
) -> None:
    (home.state / "presets").mkdir(parents=True)
    (home.state / "presets" / "1.json").write_text('{"x": 1}')
    (home.state / "calibration.json").write_text("{}")
    home.settings.write_text("[osc]\n")
    file = tmp_path / "studio.json"
    assert deploy("backup", "--local", home.root, "-o", file).code == 0
    (home.state / "presets" / "1.json").write_text('{"x": 2}')
    (home.state / "presets" / "2.json").write_text("later")
    home.settings.write_text("")
    running = firmware(home)
    assert "at the next start" in deploy("restore", file, "--local", home.root).out
    assert (home.state / "presets" / "1.json").read_text() == '{"x": 2}'
    running.stdin.close()
    running.wait()
    assert "used now" in deploy("restore", file, "--local", home.root).out
    assert (home.state / "presets" / "1.json").read_text() == '{"x": 1}'
    assert not (home.state / "presets" / "2.json").exists()
    assert (home.state / "calibration.json").read_text() == "{}"
    assert home.settings.read_text() == "[osc]\n"
    assert (home.root / "state.before" / "presets" / "2.json").exists()


@pytest.mark.parametrize("content", ["", "{}", '{"format": "exnihilo-backup", "files": 3}'])
def test_a_file_that_is_no_backup(
    home: Home, deploy: Any, tmp_path: Path, content: str
) -> None:
    (tmp_path / "x.json").write_text(content)
    done = deploy("restore", tmp_path / "x.json", "--local", home.root)
    assert done.code == 1
    assert done.err.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["push"],
        ["push", "--local"],
        ["status", "--nonsense"],
        ["nonsense"],
        ["backup", "--local", "x"],
    ],
)
def test_wrong_use_exits_with_2(deploy: Any, arguments: list[str]) -> None:
    assert deploy(*arguments).code == 2


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("host = 3", 'host = "NAME"'),
        ("hots = 'x'", "hots"),
        ("[groups]\na = 'x'", "a = ["),
        ("host = ", "not TOML"),
    ],
)
def test_a_settings_file_with_a_fault(
    deploy: Any, tmp_path: Path, text: str, fault: str
) -> None:
    settings = tmp_path / "config" / "exnihilo" / "deploy.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text(text)
    done = deploy("status")
    assert done.code == 1
    assert fault in done.err


def test_the_log_of_a_home_without_a_journal_is_reported(home: Home, deploy: Any) -> None:
    done = deploy("logs", "--local", home.root, "--json")
    (module,) = json.loads(done.out)["modules"]
    assert module["ok"] is (done.code == 0)


def test_no_home_can_be_made_below_a_file(deploy: Any, tmp_path: Path, bass: Path) -> None:
    (tmp_path / "file").touch()
    done = deploy("push", bass, "--local", tmp_path / "file" / "home")
    assert done.code == 1
    assert done.err.count("\n") == 1
