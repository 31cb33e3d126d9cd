from pathlib import Path

import pytest

from firmware.panel.system_info import celsius, memory_mb, read_system


def test_the_machine_tells_what_it_can(tmp_path: Path) -> None:
    system = read_system(tmp_path / "nothing")
    assert system.celsius is None
    assert system.lines[0].startswith("firmware ")
    assert memory_mb() > 1


@pytest.mark.parametrize(("text", "degrees"), [("51234\n", 51.234), ("hot", None), ("", None)])
def test_the_sensor(tmp_path: Path, text: str, degrees: float | None) -> None:
    (tmp_path / "temp").write_text(text)
    assert celsius(tmp_path / "temp") == degrees
