"""Plans carried out in a folder by the very program that a module runs."""

import io
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from deploy.provision import apply, contents, plan, provision
from deploy.provision.steps import Step
from firmware.errors import UserError

ROOT = Path(__file__).parents[3]

STEPS = [
    {"do": "folder", "path": "/etc/exnihilo", "mode": 0o755},
    {"do": "file", "path": "/etc/exnihilo/a.conf", "content": "a\n", "mode": 0o600},
    {"do": "block", "path": "/boot/config.txt", "lines": ["dtparam=spi=on"], "keep": True},
    {"do": "words", "path": "/boot/cmdline.txt", "unwanted": ["console=serial0"], "keep": True},
]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "boot").mkdir()
    (tmp_path / "boot" / "config.txt").write_text("# mine\ngpu_mem=16\n")
    (tmp_path / "boot" / "cmdline.txt").write_text("console=serial0,115200 root=X\n")
    return tmp_path


def carry_out(
    root: Path, steps: list[Any], files: dict[str, bytes] | None = None, **more: Any
) -> list[dict[str, Any]]:
    """Feed the program and a plan to a shell's Python, as ssh does."""
    source = provision.program().encode()
    sizes = {name: len(data) for name, data in (files or {}).items()}
    document = {"root": str(root), "dry_run": False, "files": sizes, "steps": steps, **more}
    sent = source + json.dumps(document).encode() + b"\n" + b"".join((files or {}).values())
    command = provision.command(len(source))
    environment = {
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "SUDO_USER": "nobody",
    }
    done = subprocess.run(
        ["sh", "-c", command], input=sent, capture_output=True, env=environment, check=False
    )
    assert not done.stderr, done.stderr.decode()
    return [json.loads(line) for line in done.stdout.splitlines()]


def tree(root: Path) -> dict[str, str]:
    return {str(p.relative_to(root)): p.read_text() for p in root.rglob("*") if p.is_file()}


def test_a_second_run_changes_nothing(root: Path) -> None:
    assert carry_out(root, STEPS)[-1] == {"ok": True, "changed": 4}
    made = tree(root)
    assert made["boot/config.txt.before-exnihilo"] == "# mine\ngpu_mem=16\n"
    assert made["boot/cmdline.txt"] == "root=X\n"
    assert "gpu_mem=16" in made["boot/config.txt"]
    assert (root / "etc/exnihilo/a.conf").stat().st_mode & 0o777 == 0o600
    assert carry_out(root, STEPS) == [{"ok": True, "changed": 0}]
    assert tree(root) == made


def test_a_dry_run_tells_the_same_and_changes_nothing(root: Path) -> None:
    before = tree(root)
    reported = carry_out(root, STEPS, dry_run=True)
    assert tree(root) == before
    assert reported == carry_out(root, STEPS)


def test_what_is_not_of_the_kind_that_belongs_there_is_moved_aside(root: Path) -> None:
    (root / "etc" / "exnihilo" / "a.conf" / "deep").mkdir(parents=True)
    assert carry_out(root, STEPS)[-1]["ok"]
    assert (root / "etc/exnihilo/a.conf").read_text() == "a\n"
    assert (root / "etc/exnihilo/a.conf.before-exnihilo/deep").is_dir()
    shutil.rmtree(root / "etc")
    (root / "etc").write_text("a file")
    assert carry_out(root, STEPS)[-1] == {"ok": True, "changed": 2}
    assert (root / "etc.before-exnihilo").read_text() == "a file"
    assert (root / "etc").stat().st_mode & 0o777 == 0o755
    shutil.rmtree(root / "etc")
    (root / "etc").symlink_to("gone")
    assert carry_out(root, STEPS)[-1] == {"ok": True, "changed": 2}


def test_permissions_that_changed_are_restored(root: Path) -> None:
    carry_out(root, STEPS)
    (root / "etc/exnihilo").chmod(0o700)
    (root / "etc/exnihilo/a.conf").chmod(0o644)
    (root / "boot/config.txt").chmod(0o755)
    changes = [one.get("change") for one in carry_out(root, STEPS)]
    assert changes == ["make /etc/exnihilo", "make /etc/exnihilo/a.conf readable", None]
    assert (root / "etc/exnihilo").stat().st_mode & 0o777 == 0o755
    assert (root / "etc/exnihilo/a.conf").stat().st_mode & 0o777 == 0o600


def test_random_bytes_are_replaced_or_kept(root: Path) -> None:
    config = root / "boot/config.txt"
    config.write_bytes(b"\xff\x00mine\n")
    (root / "etc/exnihilo").mkdir(parents=True)
    (root / "etc/exnihilo/a.conf").write_bytes(b"\xff\xfe\n")
    assert carry_out(root, STEPS)[-1]["ok"]
    assert config.read_bytes().startswith(b"\xff\x00mine\n\n# BEGIN exnihilo\n")
    assert (root / "boot/config.txt.before-exnihilo").read_bytes() == b"\xff\x00mine\n"
    assert (root / "etc/exnihilo/a.conf").read_text() == "a\n"


@pytest.mark.parametrize(
    ("code", "reason"), [(28, "disk is full"), (30, "read-only"), (5, "card"), (13, "denied")]
)
def test_a_disk_that_takes_nothing_is_the_reason(
    code: int, reason: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(apply, "_receive", fail)
    plan_ = {"root": "/", "dry_run": True, "files": {}, "steps": []}
    umask = os.umask(0o022)
    os.umask(umask)
    assert apply.serve(io.BytesIO(json.dumps(plan_).encode()), Path()) == 1
    os.umask(umask)
    assert reason in json.loads(capsys.readouterr().out)["reason"]


def test_commands_run_unless_they_are_done(root: Path) -> None:
    flag = root / "flag"
    step = {
        "do": "run",
        "why": "raise the flag",
        "command": ["cp", "{incoming}/wheel", str(flag)],
        "unless": ["test", "-e", str(flag)],
    }
    assert carry_out(root, [step], {"wheel": b"x" * 300_000})[-1]["changed"] == 1
    assert flag.read_bytes() == b"x" * 300_000
    assert carry_out(root, [step], {"wheel": b"x"})[-1]["changed"] == 0


@pytest.mark.parametrize(
    ("step", "reason"),
    [
        (
            {"do": "run", "why": "fail", "command": ["sh", "-c", "echo no >&2; exit 3"]},
            "fail: no",
        ),
        (
            {"do": "require", "command": ["echo", "x"], "answers": ["y"], "advice": "buy y"},
            "says x: buy y",
        ),
        ({"do": "keys", "path": "/keys"}, "ssh-copy-id"),
    ],
)
def test_the_first_failure_is_reported_and_the_last(
    root: Path, step: dict[str, Any], reason: str
) -> None:
    (answer,) = carry_out(root, [step, STEPS[0]])
    assert answer["ok"] is False
    assert reason in answer["reason"]
    assert not (root / "etc").exists()


def test_files_cut_short_change_nothing(root: Path) -> None:
    source = provision.program().encode()
    document = {"root": str(root), "dry_run": False, "files": {"wheel": 9}, "steps": STEPS}
    sent = source + json.dumps(document).encode() + b"\nshort"
    done = subprocess.run(
        ["sh", "-c", provision.command(len(source))],
        input=sent,
        capture_output=True,
        check=False,
    )
    assert "connection ended" in json.loads(done.stdout)["reason"]
    assert not (root / "etc").exists()


RELEASE = plan.Release("exnihilo-0.1.0-py3-none-any.whl", "f" * 64, offline=False)


def test_the_plan_of_a_module_is_json_and_looks_before_it_acts() -> None:
    steps = json.loads(json.dumps(plan.provision(RELEASE)))
    assert {step["do"] for step in steps} == {
        *("require", "run", "folder", "file", "keys", "block", "words")
    }
    assert all(step["unless"] for step in steps if step["do"] == "run")
    assert [step["do"] for step in steps[:3]] == ["require"] * 3


def test_an_upgrade_touches_neither_the_boot_files_nor_the_keys() -> None:
    steps = plan.upgrade(RELEASE)
    assert {step["do"] for step in steps} == {"require", "run", "folder", "file"}
    assert not any(step.get("path", "").startswith("/boot") for step in steps)


@pytest.mark.parametrize("make", [plan.provision, plan.upgrade, plan.repair])
def test_the_program_that_chooses_is_there_before_it_is_needed(
    make: Callable[[plan.Release], tuple[Step, ...]],
) -> None:
    steps = make(RELEASE)
    written = next(n for n, step in enumerate(steps) if step.get("path") == contents.PROGRAM)
    users = [n for n, step in enumerate(steps) if contents.PROGRAM in str(step.get("command"))]
    units = [n for n, step in enumerate(steps) if "/systemd/" in step.get("path", "")]
    assert written < min(*users, *units)
    assert max(units) < max(users)


def test_the_program_is_one_file_that_runs_alone(tmp_path: Path) -> None:
    (step,) = (step for step in plan.program() if step.get("path") == contents.PROGRAM)
    path = tmp_path / "versions.py"
    path.write_text(step["content"])
    done = [
        subprocess.run(
            ["python3", "-I", path, *arguments], capture_output=True, text=True, check=False
        )
        for arguments in ([], ["any"], ["verify", "1-none"], ["verify", "../x"])
    ]
    assert [one.returncode for one in done] == [2, 1, 1, 1]
    assert "start|watch" in done[0].stderr
    assert (
        done[1].stderr
        == f"{contents.ROOT}/versions: holds no whole firmware; run `deploy repair`\n"
    )
    assert done[3].stderr == "'../x': not a version\n"


def test_versions_of_the_same_number_lie_side_by_side() -> None:
    other = plan.Release(RELEASE.wheel, "e" * 64, offline=False)
    assert RELEASE.folder != other.folder


@pytest.mark.parametrize("offline", [False, True])
def test_a_wheelhouse_keeps_pip_off_the_network(offline: bool) -> None:
    release = plan.Release(RELEASE.wheel, RELEASE.digest, offline)
    (step,) = plan.install(release)
    first = re.findall(r"pip install [^&]+", step["command"][-1])[0]
    assert ("--no-index --find-links {incoming}" in first) is offline


def test_the_shell_in_the_plan_passes_shellcheck(tmp_path: Path) -> None:
    scripts = [
        command[2]
        for step in (*plan.provision(RELEASE), *plan.repair(RELEASE))
        for command in (step.get("command", ()), step.get("unless", ()))
        if command[:2] == ("sh", "-c")
    ]
    assert len(scripts) > 4
    for number, script in enumerate((*scripts, provision.command(1))):
        path = tmp_path / f"{number}.sh"
        path.write_text(f"#!/bin/sh\n{script}\n".replace("{incoming}", "/tmp/incoming"))
        done = subprocess.run(
            # SC1091 and SC2154: /etc/os-release is the module's, and so are its variables.
            ["shellcheck", "-e", "SC1091,SC2154", path],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout


def test_sshd_accepts_its_configuration(tmp_path: Path, sshd: Any) -> None:
    config = tmp_path / "sshd_config"
    own = (sshd.folder / "sshd_config").read_text()
    config.write_text(f"{own}\n{contents.SSHD}")
    done = subprocess.run(
        ["/usr/sbin/sshd", "-T", "-f", config, "-C", "user=exnihilo,host=x,addr=127.0.0.1"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert f"forcecommand {contents.VERSIONS} receive" in done.stdout
    assert "permittty no" in done.stdout
    assert "disableforwarding yes" in done.stdout


def test_every_requirement_is_exact_and_has_hashes() -> None:
    text = provision.requirements().replace("\\\n", "")
    lines = [line for line in text.splitlines() if line]
    assert all(
        re.match(r"[a-z0-9.-]+==\S+ .*--hash=sha256:[0-9a-f]{64}", line) for line in lines
    )
    assert len(lines) > 7


def test_the_requirements_are_those_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    needed = [*project["dependencies"], *project["optional-dependencies"]["pi"]]
    names = {re.match(r"[\w.-]+", line)[0].replace(".", "-") for line in needed}  # type: ignore[index]
    pinned = set(re.findall(r"^([a-z0-9.-]+)==", provision.requirements(), re.MULTILINE))
    assert names <= pinned


def test_the_requirements_are_pinned_as_everywhere_else() -> None:
    """`make hashes` writes them anew after constraints.txt has changed."""
    pins = re.findall(r"^([a-z0-9.-]+==\S+)", provision.requirements(), re.MULTILINE)
    constraints = re.findall(
        r"^([a-z0-9.-]+==\S+)", (ROOT / "constraints.txt").read_text(), re.MULTILINE
    )
    assert set(pins) <= set(constraints)


def test_pip_takes_nothing_without_a_hash_or_that_it_must_build() -> None:
    (step,) = plan.install(RELEASE)
    first, second = re.findall(r"pip install [^&]+", step["command"][-1])
    assert "--require-hashes" in first
    assert "--no-index --no-deps" in second
    assert "--only-binary :all:" in first


@pytest.fixture
def shell(sshd: Any, monkeypatch: pytest.MonkeyPatch) -> str:
    """A host where ssh gives a shell, as an administrator has on a module."""
    monkeypatch.setenv("PATH", sshd.environment["PATH"])
    return "shell"


def test_a_plan_goes_over_ssh_with_its_files(shell: str, tmp_path: Path) -> None:
    wheel = tmp_path / RELEASE.wheel
    wheel.write_bytes(b"w" * 700_000)
    wheels = provision.Wheels(wheel, "numpy==1.26.4\n")
    target = tmp_path / "installed"
    steps: list[Any] = [
        {"do": "file", "path": str(tmp_path / "a.conf"), "content": "ä\n"},
        {
            "do": "run",
            "why": "install",
            "command": ["cp", "{incoming}/" + wheel.name, str(target)],
            "unless": ["cmp", "-s", str(wheel), str(target)],
        },
    ]
    reported: list[str] = []
    answers = [
        provision.carry_out(shell, steps, wheels, reported.append, dry_run=dry_run)["changed"]
        for dry_run in (True, False, False)
    ]
    assert answers == [2, 2, 0]
    assert reported[1] == reported[3] == "install"
    assert target.read_bytes() == wheel.read_bytes()
    assert (tmp_path / "a.conf").read_text("utf-8") == "ä\n"


def test_a_step_that_fails_over_ssh_is_one_line(shell: str, tmp_path: Path) -> None:
    wheels = provision.Wheels(tmp_path / "no.whl", "")
    steps = [{"do": "require", "command": ["uname", "-m"], "answers": ["vax"], "advice": "no"}]
    with pytest.raises(UserError, match=r"shell: uname -m says \S+: no$"):
        provision.carry_out(shell, steps, wheels, lambda _: None, dry_run=True)


def test_a_host_that_is_off_is_reported(shell: str, tmp_path: Path) -> None:
    wheels = provision.Wheels(tmp_path / "no.whl", "")
    with pytest.raises(UserError, match="refuses connections"):
        provision.carry_out("nowhere", [], wheels, lambda _: None, dry_run=True)
