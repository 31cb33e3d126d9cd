"""One command makes every file, and says what is wrong in one line."""

import pytest

from hardware import artefacts, build
from hardware.board import CircuitError
from hardware.spice.deck import Figure


def test_everything_is_made(monkeypatch, tmp_path):
    # The figures themselves have their own tests, stage by stage.
    figures = [Figure("stage", "figure", 1.0, "V", high=2.0)]
    monkeypatch.setattr(build, "figures", lambda: figures)
    assert build.build(tmp_path) == figures
    made = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    expected = {
        "main.net",
        "main-unrouted.kicad_pcb",
        "voice.net",
        "manual.pdf",
        "power.md",
        "sheets/sheets.pdf",
    }
    expected |= {"spice/figures.md", "spice/output_gate.cir", "sheets/sheet-8.svg"}
    expected |= set(artefacts.artefacts())
    assert expected <= made


def test_a_broken_limit_fails_the_build(monkeypatch, tmp_path, capsys):
    broken = [Figure("stage", "figure", 3.0, "V", high=2.0)]
    monkeypatch.setattr(build, "build", lambda _: broken)
    assert build.main(["--out", str(tmp_path)]) == 1
    assert "1 outside their limits" in capsys.readouterr().out


@pytest.mark.parametrize("error", [CircuitError("net X has one pin"), OSError("disc full")])
def test_a_failure_is_one_line(monkeypatch, tmp_path, capsys, error):
    def fail(_):
        raise error

    monkeypatch.setattr(build, "build", fail)
    assert build.main(["--out", str(tmp_path)]) == 1
    assert capsys.readouterr().err == f"hardware: {error}\n"
