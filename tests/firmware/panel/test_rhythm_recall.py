"""A preset goes by its rhythms where another bundle plays at its places."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from firmware.bundle.store import set_current
from firmware.bundle.verify import VerifiedMarks
from firmware.instrument.instrument import Source
from firmware.instrument.parameters import Key
from firmware.instrument.preset import Rhythm, State
from firmware.instrument.requests import RecallPreset, SavePreset
from firmware.storage.paths import Home, InstalledBundle
from tests.firmware.panels import PanelRig, install

MakeRig = Callable[..., PanelRig]
X, Y = (0.31, 0.77, 0.5), (0.62, 0.12, 0.9)


def rhythms(rig: PanelRig) -> tuple[Rhythm, ...]:
    return rig.panel.bundle_manager.voice_decoders.rhythms(rig.panel.instrument.patch)


def places(rig: PanelRig) -> list[tuple[float, ...]]:
    return [rig.panel.instrument.place(voice)[:2] for voice in range(3)]


def request(rig: PanelRig, asked: RecallPreset | SavePreset) -> None:
    rig.panel.instrument.pending_requests.append(asked)
    rig.run(4)


@pytest.fixture
def saved(rig: MakeRig, verified_home: Home) -> State:
    """A preset of `drums`, saved at places that are no cells of the map."""
    one = rig(verified_home)
    one.run(60)
    for voice in range(3):
        for name, values in (("x", X), ("y", Y)):
            one.panel.instrument.set_value(Key(name, voice), values[voice], Source.OSC)
    request(one, SavePreset(3))
    path = one.panel.state_writer.preset_path(3)
    one.until(lambda: not one.panel.state_writer.is_pending(path))
    loaded = one.panel.state_writer.preset(3).value
    assert loaded is not None
    assert loaded.rhythms == rhythms(one)
    return loaded


def other_kit(rig: MakeRig, home: Home, real_bundles: Path) -> PanelRig:
    """Play `bass` where `drums` is not installed any more, its maps rendered."""
    for sequence in home.bundles.glob("drums/*"):
        sequence.rename(home.root / "gone")
    set_current(home, InstalledBundle(1, "bass"))
    VerifiedMarks(home).add(home.current)
    one = rig(home)
    one.run(60)
    return one


def test_on_its_own_kit_a_preset_goes_to_its_places(
    rig: MakeRig, verified_home: Home, saved: State
) -> None:
    one = rig(verified_home)
    one.until(lambda: one.panel.bundle_manager.version and one.panel.maps.done)
    request(one, RecallPreset(3))
    assert places(one) == list(zip(X, Y, strict=True))
    assert rhythms(one) == saved.rhythms
    assert one.panel.bundle_manager.notice == ""


def test_on_another_kit_it_goes_to_the_nearest_rhythms_and_says_so(
    rig: MakeRig, verified_home: Home, saved: State, real_bundles: Path
) -> None:
    one = other_kit(rig, verified_home, real_bundles)
    request(one, RecallPreset(3))
    assert places(one) == list(zip(X, Y, strict=True))
    before = sum(map(off, rhythms(one), saved.rhythms))
    one.until(lambda: one.panel.maps.done)
    one.run(100)
    played = [off(a, b) for a, b in zip(rhythms(one), saved.rhythms, strict=True)]
    assert sum(played) < before
    assert one.panel.bundle_manager.notice == f"nearest: {' '.join(map(str, played))} off"


def off(rhythm: Rhythm, other: Rhythm) -> int:
    return sum(a != b for a, b in zip(rhythm, other, strict=True))


def test_it_lands_at_once_where_the_maps_are_rendered(
    rig: MakeRig, verified_home: Home, saved: State, real_bundles: Path
) -> None:
    one = other_kit(rig, verified_home, real_bundles)
    one.until(lambda: one.panel.maps.done)
    one.received()
    request(one, RecallPreset(3))
    assert len(one.engine_states()) == 1
    assert places(one) != list(zip(X, Y, strict=True))


def test_a_voice_that_was_moved_meanwhile_stays(
    rig: MakeRig, verified_home: Home, saved: State, real_bundles: Path
) -> None:
    one = other_kit(rig, verified_home, real_bundles)
    request(one, RecallPreset(3))
    one.panel.instrument.set_value(Key("x", 1), 0.11, Source.OSC)
    one.until(lambda: one.panel.maps.done)
    one.run(100)
    assert places(one)[1] == (0.11, Y[1])
    assert [places(one)[voice] for voice in (0, 2)] != [(X[0], Y[0]), (X[2], Y[2])]


def test_a_preset_of_an_earlier_firmware_goes_to_its_places(
    rig: MakeRig, verified_home: Home, saved: State, real_bundles: Path
) -> None:
    one = other_kit(rig, verified_home, real_bundles)
    one.until(lambda: one.panel.maps.done)
    one.panel.state_writer.save_preset(3, replace(saved, rhythms=()))
    path = one.panel.state_writer.preset_path(3)
    one.until(lambda: not one.panel.state_writer.is_pending(path))
    request(one, RecallPreset(3))
    assert places(one) == list(zip(X, Y, strict=True))


def test_the_same_name_with_other_decoders_is_another_kit(
    rig: MakeRig, verified_home: Home, saved: State, real_bundles: Path, tmp_path: Path
) -> None:
    trained_again = tmp_path / "drums"
    shutil.copytree(real_bundles / "bass", trained_again)
    install(verified_home, trained_again, 3)
    set_current(verified_home, InstalledBundle(3, "drums"))
    VerifiedMarks(verified_home).add(verified_home.current)
    one = rig(verified_home)
    one.until(lambda: one.panel.maps.done)
    request(one, RecallPreset(3))
    assert one.panel.bundle_manager.notice.startswith("nearest: ")


def test_a_preset_that_brings_its_kit_goes_to_its_places(
    rig: MakeRig, verified_home: Home, saved: State
) -> None:
    set_current(verified_home, InstalledBundle(1, "bass"))
    VerifiedMarks(verified_home).add(verified_home.current)
    one = rig(verified_home)
    one.until(lambda: one.panel.maps.done)
    request(one, RecallPreset(3))
    one.until(lambda: one.panel.instrument.bundle == "drums")
    one.until(lambda: one.panel.maps.done)
    assert places(one) == list(zip(X, Y, strict=True))
    assert rhythms(one) == saved.rhythms
