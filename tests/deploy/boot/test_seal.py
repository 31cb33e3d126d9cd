"""What a seal finds, in a folder like a virtual environment."""

from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.boot.seal import SEAL, is_whole, seal


@pytest.fixture
def version(tmp_path: Path) -> Path:
    folder = tmp_path / "1"
    (folder / "lib" / "empty").mkdir(parents=True)
    (folder / "lib" / "module.py").write_text("x = 1\n")
    (folder / "lib" / "nothing.py").touch()
    (folder / "python").symlink_to("/usr/bin/python3")
    (folder / "lib64").symlink_to("lib")
    seal(folder)
    return folder


def test_a_sealed_version_is_whole(version: Path) -> None:
    assert is_whole(version, deep=True)
    assert is_whole(version, deep=False)


def test_what_a_version_writes_later_does_not_matter(version: Path) -> None:
    (version / "lib" / "cache.pyc").write_bytes(b"x")
    assert is_whole(version, deep=True)


def relink(folder: Path) -> None:
    (folder / "python").unlink()
    (folder / "python").symlink_to("/usr/bin/false")


@pytest.mark.parametrize(
    "damage",
    [
        lambda folder: (folder / "lib" / "module.py").write_bytes(b""),
        lambda folder: (folder / "lib" / "module.py").unlink(),
        lambda folder: (folder / "python").unlink(),
        relink,
        lambda folder: (folder / SEAL).unlink(),
        lambda folder: (folder / SEAL).write_bytes(b""),
        lambda folder: (folder / SEAL).write_bytes(b"[]"),
        lambda folder: (folder / SEAL).write_bytes((folder / SEAL).read_bytes()[:-9]),
        lambda folder: (folder / SEAL).write_bytes(b"[1]"),
        lambda folder: (folder / SEAL).write_bytes(b"\xff\x00"),
    ],
)
def test_damage_is_found_even_by_sizes(version: Path, damage: Callable[[Path], object]) -> None:
    damage(version)
    assert not is_whole(version, deep=False)
    assert not is_whole(version, deep=True)


def test_only_hashes_find_a_byte_that_changed(version: Path) -> None:
    (version / "lib" / "module.py").write_text("x = 2\n")
    assert is_whole(version, deep=False)
    assert not is_whole(version, deep=True)


def test_sealing_again_takes_what_is_there(version: Path) -> None:
    (version / "lib" / "module.py").write_text("x = 22\n")
    seal(version)
    assert is_whole(version, deep=True)
