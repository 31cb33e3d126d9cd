"""Asking the firmware first, then pointing `current`."""

from typing import Any

import pytest

from deploy.receiver import activate
from deploy.receiver.activate import Activation, RefusedError
from firmware.bundle import store
from firmware.storage.paths import Home, InstalledBundle

OLD, NEW = InstalledBundle(1, "drums"), InstalledBundle(2, "bass")


@pytest.fixture
def chosen(home: Home, drums: Any, bass: Any) -> Home:
    """A home with two bundles of which the older one is chosen."""
    store.make_home(home)
    for version, source in ((OLD, drums), (NEW, bass)):
        folder = home.folder(version)
        folder.mkdir(parents=True)
        for file in source.iterdir():
            (folder / file.name).write_bytes(file.read_bytes())
    store.set_current(home, OLD)
    return home


def test_without_a_firmware_only_the_link_moves(chosen: Home) -> None:
    assert activate.activate(chosen, NEW) == Activation(NEW, playing=False)
    assert chosen.current_bundle() == NEW


def test_a_firmware_that_plays_it(chosen: Home, firmware: Any) -> None:
    playing = firmware(chosen)
    assert activate.activate(chosen, NEW) == Activation(NEW, playing=True)
    assert playing.stdout.readline() == f"plays {NEW.reference}\n"
    assert chosen.current_bundle() == NEW


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [("refuses", "not this one"), ("silent", "did not reply"), ("dies", "stopped before")],
)
def test_otherwise_what_was_chosen_stays(
    chosen: Home, firmware: Any, monkeypatch: pytest.MonkeyPatch, behaviour: str, reason: str
) -> None:
    monkeypatch.setattr(activate, "LOAD_S", 0.2)
    monkeypatch.setattr(activate, "RETURN_S", 0.2)
    firmware(chosen, behaviour)
    with pytest.raises(RefusedError, match=reason):
        activate.activate(chosen, NEW)
    assert chosen.current_bundle() == OLD


def test_a_bundle_that_crashes_the_firmware_is_tried_so_often_and_no_more(
    chosen: Home, firmware: Any
) -> None:
    running = firmware(chosen, "crashes")
    with pytest.raises(RefusedError, match="stopped before"):
        activate.activate(chosen, NEW)
    running.stdin.close()
    lines = running.stdout.read().splitlines()
    assert lines.count(f"crashes over {NEW.reference}") == activate.LOADS_MAX
    assert lines[-2:] == [f"plays {OLD.reference}", "ready"]
    assert chosen.current_bundle() == OLD


def test_a_bundle_removed_meanwhile_is_not_chosen(chosen: Home) -> None:
    store.discard(chosen, NEW)
    with pytest.raises(store.StoreError, match="removed"):
        activate.activate(chosen, NEW)
    assert chosen.current_bundle() == OLD


def test_the_one_that_plays_is_not_discarded(chosen: Home) -> None:
    with pytest.raises(store.StoreError, match="plays"):
        store.discard(chosen, OLD)
