"""The recipes for clients, run by the programs that they are for."""

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.firmware.waiting import wait_until
from tests.pd.live import Module, wait_for_value

CLIENTS = Path(__file__).parents[2] / "docs" / "clients.md"
QT = {"QT_QPA_PLATFORM": "offscreen", "QTWEBENGINE_DISABLE_SANDBOX": "1"}
"""SuperCollider's language brings windows and a browser, which a test has no screen for."""


def recipe(language: str, port: int) -> str:
    """Return the block of a language, for a module on another port."""
    (block,) = re.findall(rf"```{language}\n(.*?)```", CLIENTS.read_text("utf-8"), re.DOTALL)
    assert block.count("9000") == 1
    return str(block.replace("9000", str(port)))


@pytest.fixture
def module(tmp_path: Path, bundle_folder: Path) -> Iterator[Module]:
    one = Module(tmp_path / "home", bundle_folder)
    yield one
    one.close()


def test_supercollider_moves_the_module_and_follows_its_steps(
    module: Module, tmp_path: Path
) -> None:
    script, log = tmp_path / "recipe.scd", tmp_path / "posted.txt"
    script.write_text(recipe("supercollider", module.port), "utf-8")
    environment = {**os.environ, **QT, "HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path)}
    with log.open("w") as posted:
        sclang = subprocess.Popen(
            ("sclang", str(script)),
            env=environment,
            stdin=subprocess.PIPE,
            stdout=posted,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_for_value(module, "/voice/1/x", 0.3)
        module.say("/threshold", 0)
        wait_until(lambda: log.read_text().count("sounds") > 20, 60)
        module.say("/threshold", 1.0)
        wait_until(lambda: "rests" in log.read_text().splitlines()[-1], 60)
    finally:
        sclang.kill()
        sclang.wait()
    text = log.read_text()
    assert "ERROR" not in text.replace("ERROR:zygote", "")
    assert {int(n) for n in re.findall(r"step (\d+)", text)} <= set(range(1, 33))
