"""Every `--json` answer holds to its published schema, and has no key beside it."""

import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import fastjsonschema
import pytest

import deploy.__main__
import firmware.__main__
import trainer.__main__
from firmware.board.calibration import OutputCurve
from firmware.simulator.serving import served_rack
from tests.docs.markdown import DOCS
from tools.command_reference import commands, parsers

SCHEMAS = {
    path.stem: json.loads(path.read_text("utf-8")) for path in DOCS.glob("schemas/*.json")
}
PROGRAMS = {
    "trainer": trainer.__main__.main,
    "firmware": firmware.__main__.main,
    "deploy": deploy.__main__.main,
}
WITHOUT_ANSWER = {"firmware run", "trainer studio"}
"""They run until they are stopped."""

Answer = Callable[..., Any]


def closed(schema: Any) -> Any:
    """Return a schema that refuses every key that it does not name."""
    if isinstance(schema, list):
        return [closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {key: closed(value) for key, value in schema.items()}
    if "properties" in inner and isinstance(inner["properties"], dict) and "required" in inner:
        return {"additionalProperties": False, **inner}
    return inner


@pytest.fixture
def answer(capsys: pytest.CaptureFixture[str]) -> Answer:
    """Run a command with --json, hold its answer to the schema and return it."""

    def run(schema: str, command: str, *arguments: object, codes: Iterable[int] = (0,)) -> Any:
        program, *words = command.split()
        capsys.readouterr()
        assert PROGRAMS[program]([*words, *map(str, arguments), "--json"]) in codes
        document = json.loads(capsys.readouterr().out)
        fastjsonschema.validate(closed(SCHEMAS[schema]), document)
        return document

    return run


@pytest.fixture(scope="module")
def loops(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("schemas") / "loops"
    assert trainer.__main__.main(["demo-loops", str(folder), "--count", "14"]) == 0
    shutil.copy(next(folder.rglob("*.wav")), folder / "copy.wav")
    (folder / "broken.wav").write_bytes(b"not a sound")
    return folder


@pytest.fixture
def dataset(loops: Path) -> Path:
    path = loops.parent / "dataset.npz"
    if not path.exists():
        assert trainer.__main__.main(["encode", str(loops), "-o", str(path)]) == 0
    return path


def test_encode_and_demo_loops(answer: Answer, loops: Path, tmp_path: Path) -> None:
    document = answer("trainer-encode", "trainer encode", loops)
    assert "error" in document["broken.wav"]
    assert any("copy_of" in one for one in document.values())
    answer("trainer-demo-loops", "trainer demo-loops", tmp_path, "--count", 1)


def test_datasets_and_projects(
    answer: Answer, loops: Path, dataset: Path, tmp_path: Path
) -> None:
    shown = answer("trainer-dataset", "trainer dataset show", dataset)
    name = shown["rows"][0]["name"]
    merged = tmp_path / "merged.npz"
    answer("trainer-dataset", "trainer dataset merge", dataset, dataset, "-o", merged)
    answer("trainer-dataset", "trainer dataset drop", merged, name)
    answer("trainer-dataset", "trainer dataset edit", dataset, name, "--on", "1")
    mine = tmp_path / "mine"
    answer("trainer-encode", "trainer encode", loops, "--project", mine)
    answer("trainer-dataset", "trainer dataset show", mine)
    answer("trainer-dataset", "trainer dataset drop", mine, "bass_*")
    answer("trainer-dataset", "trainer dataset undo", mine)


def test_kits(answer: Answer, dataset: Path, tmp_path: Path) -> None:
    kit = tmp_path / "kit"
    quick = ("--steps", 100, "--hold-back", 0, "--voices", "map")
    trained = answer("trainer-train", "trainer train", dataset, "-o", kit, *quick)
    inspected = answer("trainer-inspect", "trainer inspect", kit)
    assert inspected["voices"] == trained["voices"]
    assert inspected["bundle"] == trained["bundle"]
    compared = answer("trainer-compare", "trainer compare", kit, kit)
    assert compared["bundles"][0] == {key: inspected[key] for key in ("bundle", "voices")}
    found = answer("trainer-inspect", "trainer inspect", kit, "--steps", "x---")
    assert len(found) == 1
    answer("firmware-verify", "firmware verify", kit)
    answer("firmware-sim", "firmware sim", kit, "--bars", 1, "--out", tmp_path / "sim")


@pytest.fixture(scope="module")
def rack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("r")
    with served_rack(folder):
        yield folder


def test_doctor_and_calibration(
    answer: Answer, rack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = ("--home", tmp_path, "--rack", rack)
    monkeypatch.setattr("builtins.input", lambda _: "0")
    checks = answer("firmware-doctor", "firmware doctor", *where, codes=(1,))["checks"]
    assert all(one["ok"] == one["well"] and one["detail"] == one["found"] for one in checks)
    answer("firmware-calibrate", "firmware calibrate commission", *where)
    answer("firmware-calibrate-show", "firmware calibrate show", *where)


def test_measurements_name_the_file(
    answer: Answer, rack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved = tmp_path / "state" / "calibration.json"
    monkeypatch.setattr("firmware.cli.calibrate.by_meter", lambda *_: OutputCurve())
    arguments = ("--by", "meter", "--home", tmp_path, "--rack", rack)
    document = answer("firmware-calibrate", "firmware calibrate output 1 pitch", *arguments)
    assert document["file"] == document["kept"] == str(saved)


def test_deploy(answer: Answer, bundle_folder: Path, tmp_path: Path) -> None:
    local = ("--local", tmp_path / "home")
    answer("deploy-push", "deploy push", bundle_folder, "--dry-run", *local)
    answer("deploy-push", "deploy push", bundle_folder, *local)
    answer("deploy-push", "deploy push", bundle_folder, "--name", "second", *local)
    assert len(answer("deploy-list", "deploy list", *local)["modules"][0]["bundles"]) == 2
    answer("deploy-status", "deploy status", *local)
    answer("deploy-find", "deploy find", "--seconds", 0.1, codes=(0, 1))
    answer("deploy-doctor", "deploy doctor", *local, codes=(1,))
    answer("deploy-rollback", "deploy rollback", *local)
    answer("deploy-remove", "deploy remove", "second", *local)
    backup = tmp_path / "backup.json"
    answer("deploy-backup", "deploy backup", "-o", backup, *local)
    answer("deploy-restore", "deploy restore", backup, *local)
    answer("deploy-remove", "deploy remove", "nothing", *local, codes=(1,))


def test_logs(answer: Answer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _program(tmp_path, "journalctl", "echo one line", monkeypatch)
    (tmp_path / "home").mkdir()
    document = answer("deploy-logs", "deploy logs", "--local", tmp_path / "home")
    assert document["modules"][0]["lines"] == ["one line"]


@pytest.mark.parametrize("command", ["provision", "upgrade", "repair"])
def test_installation(
    command: str, answer: Answer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The real program of the module's end, on this machine, where it may change nothing. It
    # stops where this machine is not as a Pi is.
    _program(tmp_path, "ssh", 'for last; do :; done; exec sh -c "$last"', monkeypatch)
    _program(tmp_path, "uname", "echo aarch64", monkeypatch)
    _program(tmp_path, "sudo", 'shift; exec "$@"', monkeypatch)
    wheel = tmp_path / "exnihilo-0.1.0-py3-none-any.whl"
    wheel.write_bytes(b"a wheel")
    arguments = ("me@module", "--dry-run", "--wheel", wheel)
    document = answer("deploy-provision", f"deploy {command}", *arguments, codes=(0, 1))
    assert document["modules"][0]["changes"]


def test_a_card(answer: Answer, tmp_path: Path) -> None:
    for name in ("config.txt", "meta-data"):
        (tmp_path / name).touch()
    (tmp_path / "user-data").write_text("user:\n  ssh_authorized_keys:\n")
    wheel = tmp_path / "exnihilo-0.1.0-py3-none-any.whl"
    wheel.write_bytes(b"a wheel")
    arguments = (tmp_path, "--wheel", wheel, "--wheelhouse", tmp_path)
    assert answer("deploy-image", "deploy image", *arguments)["boot"] == str(tmp_path)


def _program(folder: Path, name: str, script: str, patch: pytest.MonkeyPatch) -> None:
    """Put a program before all others of its name."""
    path = folder / "bin" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    patch.setenv("PATH", str(path.parent), prepend=os.pathsep)


def test_every_command_has_a_schema() -> None:
    described = " ".join(schema["title"] for schema in SCHEMAS.values())
    for parser in parsers().values():
        for command, _ in commands(parser):
            program, first, *_ = command.prog.split()
            assert f"{program} {first}" in WITHOUT_ANSWER or first in described, command.prog
