import pytest

from tools.licences import COPYLEFT, main, packages


def test_nothing_is_under_the_gpl_by_default(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    listed = capsys.readouterr().out
    assert all(f"\n{name} " in f"\n{listed}" for name in ("numpy", "pillow", "gpiod", "mido"))


def test_what_an_extra_needs_comes_with_what_that_needs() -> None:
    assert "packaging" in packages(())
    assert "textual" in packages(("desk",))
    assert "textual" not in packages(())
    assert "exnihilo" not in packages(("dev",))


@pytest.mark.parametrize(
    ("text", "is_gpl"),
    [
        ("GPL-3.0-only", True),
        ("GNU General Public License v3 (GPLv3)", True),
        ("AGPL-3.0-or-later", True),
        ("LGPL-2.1-or-later", False),
        ("GNU Lesser General Public License v3 (LGPLv3)", False),
        ("MIT", False),
    ],
)
def test_the_gpl_is_distinguished_from_its_neighbours(text: str, is_gpl: bool) -> None:
    assert bool(COPYLEFT.search(text)) is is_gpl
