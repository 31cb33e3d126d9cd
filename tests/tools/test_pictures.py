"""The pictures show the programs as they are."""

import json
from pathlib import Path

import pytest

from tests.docs.markdown import PAGES
from tools import pictures
from tools.pictures import FOLDER, MADE, PICTURES, Picture, digest


@pytest.mark.parametrize("name", sorted(PICTURES))
def test_a_picture_is_current(name: str) -> None:
    made = json.loads(MADE.read_text("utf-8"))
    assert made[name] == digest(PICTURES[name]), "stale: make pictures"
    assert (FOLDER / name).read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("name", sorted(PICTURES))
def test_a_picture_depends_on_files_that_exist(name: str) -> None:
    for pattern in PICTURES[name].inputs:
        assert list(pictures.ROOT.glob(pattern)), pattern


def test_a_changed_input_makes_a_picture_stale(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "ROOT", tmp_path)
    one = Picture(bytes, ("*.txt",))
    (tmp_path / "a.txt").write_text("1")
    before = digest(one)
    (tmp_path / "a.txt").write_text("2")
    assert digest(one) != before
    (tmp_path / "a.txt").rename(tmp_path / "b.txt")
    assert digest(one) != before


@pytest.mark.parametrize("picture", sorted(FOLDER.glob("*.[ps][nv]g")), ids=lambda p: p.name)
def test_every_picture_is_shown_somewhere(picture: Path) -> None:
    assert any(f"pictures/{picture.name}" in page.read_text("utf-8") for page in PAGES)
