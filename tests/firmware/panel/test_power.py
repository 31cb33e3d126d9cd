"""Shutting down from the system page."""

from collections.abc import Callable
from pathlib import Path

import pytest

from firmware.panel.power import AGAIN_NS, FOLDER, REQUEST, PowerSwitch
from firmware.storage.paths import Home
from firmware.ui.menu import Action
from tests.firmware.panels import PanelRig


def test_the_second_press_asks_the_system(tmp_path: Path) -> None:
    switch = PowerSwitch({FOLDER: str(tmp_path)})
    assert switch.press(0) == "again to shut down"
    assert not (tmp_path / REQUEST).exists()
    assert switch.press(AGAIN_NS) == "wait for dark LED"
    assert (tmp_path / REQUEST).exists()


def test_a_press_long_after_the_first_is_another_first(tmp_path: Path) -> None:
    switch = PowerSwitch({FOLDER: str(tmp_path)})
    switch.press(0)
    assert switch.press(AGAIN_NS + 1) == "again to shut down"
    assert not (tmp_path / REQUEST).exists()


def test_off_a_module_nothing_is_asked() -> None:
    switch = PowerSwitch({})
    assert [switch.press(0), switch.press(1)] == ["not on a module"] * 2


def test_a_folder_that_is_gone_is_said(tmp_path: Path) -> None:
    switch = PowerSwitch({FOLDER: str(tmp_path / "gone")})
    switch.press(0)
    assert switch.press(1) == "refused"


def test_the_page_tells_what_came_of_it(
    rig: Callable[..., PanelRig],
    verified_home: Home,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(FOLDER, str(tmp_path))
    actions = rig(verified_home).panel.actions
    for notice in ("again to shut down", "wait for dark LED"):
        actions.run(Action("power_off"), 0)
        assert actions.notice == notice
    assert (tmp_path / REQUEST).exists()
