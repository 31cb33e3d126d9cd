"""CONTRIBUTING's tables name what is there."""

import re
from pathlib import Path

import pytest

from tests.test_boundaries import ORDER, ROOT

TEXT = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
PACKAGES = ("firmware", "trainer", "deploy", "hardware", "pd", "tools", "tests", "docs", ".ci")
PATHS = [path for path in re.findall(r"`([\w./]+)`", TEXT) if path.split("/")[0] in PACKAGES]


@pytest.mark.parametrize("path", sorted({path for path in PATHS if "/" in path}))
def test_every_path_exists(path: str) -> None:
    assert (ROOT / path).exists()


def folders() -> list[Path]:
    packages = ((ROOT / package) for package in ("firmware", "trainer", "deploy"))
    return [path.parent for package in packages for path in package.glob("*/__init__.py")]


@pytest.mark.parametrize("folder", folders(), ids=str)
def test_every_folder_is_described(folder: Path) -> None:
    assert f"| `{folder.relative_to(ROOT)}/` |" in TEXT


@pytest.mark.parametrize("package", sorted(ORDER))
def test_the_folders_stand_in_the_order_of_imports(package: str) -> None:
    described = re.findall(rf"^\| `{package}/(\w+)/` \|", TEXT, re.MULTILINE)
    ordered = [name for name in ORDER[package] if (ROOT / package / name).is_dir()]
    assert [name for name in described if name in ordered] == ordered
