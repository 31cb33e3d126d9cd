"""Sends the plans over ssh that set up a fresh Pi as a module or install a new firmware."""

import hashlib
import json
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from deploy import ssh
from deploy.connection import RemoteError
from deploy.provision import plan
from deploy.provision.contents import REQUIREMENTS
from deploy.provision.steps import Step
from firmware.errors import UserError

Said = Callable[[str], None]

_RUN = """
import tempfile
from pathlib import Path
try:
    tempfile.gettempdir()
except FileNotFoundError:  # the disk takes no files; the plan says why
    tempfile.tempdir = "/run"
with tempfile.TemporaryDirectory(prefix="exnihilo-") as folder:
    sys.exit(serve(sys.stdin.buffer, Path(folder)))
"""

_BLOCK_BYTES = 1 << 18


@dataclass(frozen=True, slots=True)
class Wheels:
    """The files sent with a plan: the firmware's wheel, its requirements, perhaps wheels."""

    wheel: Path
    requirements: str
    others: tuple[Path, ...] = ()

    def release(self) -> plan.Release:
        """Name the release that these make."""
        digest = hashlib.sha256(self.wheel.read_bytes()).hexdigest()
        return plan.Release(self.wheel.name, digest, bool(self.others))


def program() -> str:
    """Return the program that the module runs: `edits.py` and `apply.py`, and a call."""
    sources = [files("deploy.provision").joinpath(name).read_text("utf-8") for name in _PARTS]
    return (
        "".join(sources).replace("from deploy.provision.edits import", "from __main__ import")
        + _RUN
    )


_PARTS = ("edits.py", "apply.py")


def command(program_bytes: int) -> str:
    """Return the remote command: Python as root, which first reads its own program."""
    read = f"import sys; exec(sys.stdin.buffer.read({program_bytes}).decode())"
    python = f"python3 -c {shlex.quote(read)}"
    return f'if [ "$(id -u)" = 0 ]; then exec {python}; else exec sudo -n {python}; fi'


def build_wheel(folder: Path) -> Path:
    """Build this checkout's wheel into a folder. Raises `UserError` if there is none."""
    source = Path(__file__).parents[2]
    if not (source / "pyproject.toml").is_file():
        raise UserError("no checkout to build the firmware from; name its wheel with --wheel")
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", str(folder)]
    done = subprocess.run([*pip, str(source)], capture_output=True, text=True, check=False)
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or ["pip gives no reason"]
        raise UserError(f"the wheel could not be built: {last[0]}")
    return next(folder.glob("exnihilo-*.whl"))


def requirements() -> str:
    """Return what the firmware needs on a module: exact versions, with hashes."""
    return files("deploy.provision").joinpath(REQUIREMENTS).read_text("utf-8")


def wheelhouse(folder: Path) -> tuple[Path, ...]:
    """List the wheels of a folder. Raises `UserError` if there are none."""
    wheels = tuple(sorted(folder.glob("*.whl")))
    if not wheels:
        raise UserError(f"{folder}: no wheels here; `pip download` them as docs/deploy.md says")
    return wheels


def carry_out(
    host: str, steps: Sequence[Step], wheels: Wheels, said: Said, *, dry_run: bool
) -> dict[str, Any]:
    """Send a plan and its files to a host and run it as root; report each change.

    Raises `RemoteError` with the step that failed.
    """
    source = program().encode()
    argv = ssh.command(host, command(len(source)), user=None)
    with tempfile.TemporaryFile() as complaints:
        with subprocess.Popen(
            argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=complaints
        ) as process:
            if not process.stdin or not process.stdout:
                raise RemoteError(f"{host}: no pipes")
            try:
                for block in stream(source, steps, wheels, dry_run=dry_run):
                    process.stdin.write(block)
                process.stdin.close()
            except BrokenPipeError:
                pass  # its last message gives the reason
            last = _follow(process.stdout, said)
        complaints.seek(0)
        return _outcome(host, process.returncode, last, complaints.read().decode())


def stream(
    source: bytes, steps: Sequence[Step], wheels: Wheels, *, dry_run: bool
) -> Iterator[bytes]:
    """Return all that is sent: the program, the plan in a line, and the files."""
    contents: dict[str, bytes | Path] = {}
    if not dry_run:
        contents = {REQUIREMENTS: wheels.requirements.encode()}
        contents |= {path.name: path for path in (wheels.wheel, *wheels.others)}
    sizes = {name: _size(content) for name, content in contents.items()}
    document = {"root": "/", "dry_run": dry_run, "files": sizes, "steps": list(steps)}
    yield source
    yield json.dumps(document).encode() + b"\n"
    yield from _blocks(contents)


def _size(content: bytes | Path) -> int:
    return len(content) if isinstance(content, bytes) else content.stat().st_size


def _blocks(contents: Mapping[str, bytes | Path]) -> Iterator[bytes]:
    for content in contents.values():
        if isinstance(content, bytes):
            yield content
            continue
        with content.open("rb") as file:
            while block := file.read(_BLOCK_BYTES):
                yield block


def _follow(lines: Any, said: Said) -> dict[str, Any]:
    last: dict[str, Any] = {}
    for text in lines:
        try:
            last = json.loads(text)
        except ValueError:
            continue
        if last.get("event") == "changed":
            said(str(last["change"]))
    return last


def _outcome(host: str, code: int, last: dict[str, Any], said: str) -> dict[str, Any]:
    if last.get("ok"):
        return last
    if "reason" in last:
        raise RemoteError(f"{host}: {last['reason']}")
    if "a password is required" in said or "not in the sudoers" in said:
        raise RemoteError(
            f"{host}: sudo asks for a password there; log in as a user without one"
        )
    if code == 127:
        raise RemoteError(f"{host}: has no python3 or sudo; use Raspberry Pi OS Lite 64-bit")
    raise RemoteError(ssh.explain(host, code, said, user=None))
