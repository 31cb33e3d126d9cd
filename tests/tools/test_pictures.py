"""The pictures show the programs as they are."""

import json
from pathlib import Path

import pytest

from firmware.instrument.parameters import Key
from pd.vcv.plugin_parameters import keys
from tests.docs.markdown import PAGES
from tools import pictures
from tools.board_pictures import finished
from tools.pictures import FOLDER, MADE, PICTURES, Picture, digest
from tools.window_pictures import rack_patch


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


@pytest.mark.parametrize("name", ["main", "voice"])
def test_boards_are_shown_black_and_else_as_they_are(name: str) -> None:
    routed = (pictures.ROOT / "hardware/pcb" / name / f"{name}.kicad_pcb").read_text("utf-8")
    shown = finished(routed)
    start, end = shown.index("\t\t(stackup\n"), shown.index("\t\t)\n") + len("\t\t)\n")
    assert '(color "Black")' in shown[start:end]
    assert shown[:start] + shown[end:] == routed


def test_the_module_in_rack_runs_with_the_kit() -> None:
    (module,) = rack_patch(Path("kit"))["modules"]
    assert module["data"] == {"kit": "kit"}
    (run,) = module["params"]
    assert list(keys())[run["id"]] == Key("run")
    assert run["value"] == 1
