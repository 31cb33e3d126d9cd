"""What the repository keeps is what the source makes."""

import pytest

from hardware import artefacts

MADE = artefacts.artefacts()
AGAIN = "`python -m hardware.artefacts` writes it again"


def _without_screen(text):
    """Leave the display's page out: the picture may show an older one."""
    return "".join(line for line in text.splitlines(True) if 'class="screen"' not in line)


@pytest.mark.parametrize("name", sorted(MADE))
def test_the_kept_file_is_what_is_made(name):
    kept = (artefacts.FOLDER / name).read_text()
    assert _without_screen(kept) == _without_screen(MADE[name]), AGAIN


def test_nothing_else_is_kept_among_the_panel_s_files():
    folder = artefacts.FOLDER / "panel" / "files"
    kept = {path.relative_to(artefacts.FOLDER).as_posix() for path in folder.rglob("*.*")}
    assert kept == {name for name in MADE if name.startswith("panel/files/")}


def test_all_is_written(monkeypatch, tmp_path):
    monkeypatch.setattr(artefacts, "artefacts", lambda: {"a/b.csv": "b", "c.svg": "c"})
    artefacts.write(tmp_path)
    assert (tmp_path / "a" / "b.csv").read_text() == "b"
    assert (tmp_path / "c.svg").read_text() == "c"
