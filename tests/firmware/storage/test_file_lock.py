"""Locks between processes."""

import subprocess
import sys
from pathlib import Path

import pytest

from firmware.storage.file_lock import FileLock

HOLD = """
import sys
from pathlib import Path
from firmware.storage.file_lock import FileLock
lock = FileLock(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_a_lock_is_held_until_its_process_ends(tmp_path: Path, kind: str) -> None:
    path = tmp_path if kind == "folder" else tmp_path / "lock"
    command = [sys.executable, "-c", HOLD, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(BlockingIOError):
            FileLock(path, wait=False)
        holder.kill()
        holder.wait()
        FileLock(path).release()


def test_a_lock_that_was_released_can_be_taken(tmp_path: Path) -> None:
    with FileLock(tmp_path / "lock"):
        pass
    with FileLock(tmp_path / "lock", wait=False):
        pass
