"""What KiCad says of a board is passed on, and what it writes carries no date."""

import json
import os

import pytest

from hardware.pcb import export

_FAKE = """#!/bin/sh
out=
while [ $# -gt 0 ]; do
    case "$1" in -o) out=$2 ;; drc | gerbers | drill | pos) kind=$1 ;; esac
    shift
done
case $kind in
    drc) cp "$REPORT" "$out" ;;
    gerbers)
        printf 'TF.CreationDate,now\\nG01*\\n' > "$out/board-F_Cu.gbr"
        touch "$out/job.gbrjob" ;;
    drill) printf '; DRILL file {KiCad} date now\\nM48\\n' > "$out/board.drl" ;;
    pos) echo Ref > "$out" ;;
esac
"""


@pytest.fixture
def kicad(monkeypatch, tmp_path):
    program, report = tmp_path / "bin" / "kicad-cli", tmp_path / "report.json"
    program.parent.mkdir()
    program.write_text(_FAKE)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    monkeypatch.setenv("REPORT", str(report))
    return report


def _found(violations=(), unconnected=()):
    named = [[{"description": text} for text in texts] for texts in (violations, unconnected)]
    return json.dumps(dict(zip(("violations", "unconnected_items"), named, strict=True)))


def test_boards_that_hold_are_only_checked(kicad, monkeypatch, capsys):
    kicad.write_text(_found())
    monkeypatch.setattr(export, "export", lambda *_: pytest.fail("it wrote"))
    assert export.main(["--check"]) == 0
    assert "voice: design rules hold" in capsys.readouterr().out


@pytest.mark.parametrize("found", [_found(["too near"]), _found(unconnected=["too near"])])
def test_a_broken_rule_is_one_line(kicad, capsys, found):
    kicad.write_text(found)
    assert export.main([]) == 1
    said = "boards: main.kicad_pcb: 1 broken rules, first: too near\n"
    assert capsys.readouterr().err == said


def test_without_kicad_it_says_what_to_install(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert export.main([]) == 1
    assert "install KiCad 9" in capsys.readouterr().err


def test_files_carry_no_date(kicad, tmp_path):
    gerbers, positions = tmp_path / "gerbers", tmp_path / "positions.csv"
    export.export(tmp_path / "board.kicad_pcb", gerbers, positions)
    assert {path.name: path.read_text() for path in gerbers.iterdir()} == {
        "board-F_Cu.gbr": "G01*\n",
        "board.drl": "M48\n",
    }
    assert positions.exists()
