"""Which version runs, whatever the new one does and whenever the power goes."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.boot import commands, health
from deploy.boot import versions as versions_module
from deploy.boot.seal import SEAL, is_whole
from deploy.boot.versions import TRIES, VersionError, Versions
from tests.deploy.boot.conftest import Lay, Unit


@pytest.fixture
def old(versions: Versions, lay: Lay, unit: Unit) -> str:
    """A confirmed version that runs."""
    name = lay("1-old")
    versions.confirm(name)
    unit.boot()
    unit.starts.clear()
    return name


def names(versions: Versions) -> list[str]:
    return sorted(path.name for path in (versions.root / "versions").iterdir())


def cut_power(versions: Versions) -> None:
    """Empty what is in memory alone."""
    versions.running.unlink()


def test_a_healthy_version_becomes_current(
    versions: Versions, lay: Lay, unit: Unit, old: str
) -> None:
    commands.run(versions, "try", lay("2-new"))
    assert versions.current() == "2-new"
    assert versions.trial() is None
    assert unit.starts == [("2-new", "well")]
    assert names(versions) == [old, "2-new"]


@pytest.mark.parametrize(
    ("behaviour", "starts"),
    [
        ("crashes", 1),
        ("freezes", 1),
        ("hangs", 1),
        ("ill", 1),
        ("deaf", 1),
        ("slow", 1),
    ],
)
def test_any_other_makes_way_by_itself(
    versions: Versions, lay: Lay, unit: Unit, old: str, behaviour: str, starts: int
) -> None:
    lay("2-new", behaviour)
    with pytest.raises(VersionError, match="1-old is used again"):
        commands.run(versions, "try", "2-new")
    assert versions.current() == old
    assert [name for name, _ in unit.starts] == ["2-new"] * starts + [old]
    unit.boot()
    assert unit.starts[-1] == (old, "well")


def test_a_version_that_crashes_for_ever_is_held_to_its_health_too(
    versions: Versions, lay: Lay, unit: Unit, old: str
) -> None:
    unit.active = "activating"
    with pytest.raises(VersionError, match="used again"):
        commands.run(versions, "try", lay("2-new", "crashes"))
    assert versions.current() == old


def test_a_stopped_service_tries_it_at_its_next_start(
    versions: Versions, lay: Lay, unit: Unit, old: str
) -> None:
    unit.active = "inactive"
    commands.run(versions, "try", lay("2-new", "ill"))
    assert (versions.current(), unit.starts) == (old, [])
    unit.boot()
    assert [name for name, _ in unit.starts] == ["2-new", old]


def test_a_power_cut_during_the_trial_leaves_one_more_start(
    versions: Versions, lay: Lay, unit: Unit, old: str
) -> None:
    versions.begin_trial(lay("2-new"), 2.0)
    versions.start()
    cut_power(versions)
    unit.boot()
    assert unit.starts == [("2-new", "well")]
    assert versions.current() == "2-new"


def test_cuts_during_every_start_lead_back(versions: Versions, lay: Lay, old: str) -> None:
    versions.begin_trial(lay("2-new"), 2.0)
    for expected in ["2-new"] * TRIES + [old]:
        assert versions.start() == expected
        cut_power(versions)
    assert not (versions.root / "next").exists()


def test_one_that_ended_is_not_started_again(versions: Versions, lay: Lay, old: str) -> None:
    versions.begin_trial(lay("2-new"), 2.0)
    assert [versions.start(), versions.start()] == ["2-new", old]
    assert versions.trial() is None


def test_one_that_is_tried_anew_is_started(versions: Versions, lay: Lay, old: str) -> None:
    name = lay("2-new")
    for _ in range(2):
        versions.begin_trial(name, 2.0)
        assert versions.start() == "2-new"


def test_a_cut_between_confirming_and_forgetting_the_trial(
    versions: Versions, lay: Lay, old: str
) -> None:
    versions.begin_trial(lay("2-new"), 2.0)
    trial = (versions.root / "next").read_bytes()
    versions.confirm("2-new")
    (versions.root / "next").write_bytes(trial)
    assert versions.start() == "2-new"
    assert versions.trial() is None
    assert names(versions) == [old, "2-new"]


@pytest.mark.parametrize(
    "text",
    [
        *("", "{", "[]", '{"version": "2-new"}', '{"tries": 1}'),
        *(
            f'{{"version": "2-new", "tries": {tries}, "limit_s": {limit_s}}}'
            for tries, limit_s in (
                *(("3", "9"), ("-1", "9"), ("1e999", "9")),
                *(("2", "NaN"), ("2", "0"), ("2", "61"), ("2", "1e999")),
            )
        ),
    ],
)
def test_a_trial_that_cannot_be_read_is_none(
    versions: Versions, lay: Lay, old: str, text: str
) -> None:
    lay("2-new")
    (versions.root / "next").write_text(text)
    assert versions.start() == old


@pytest.mark.parametrize("name", ["", "..", "a/b", ".hidden"])
def test_a_trial_names_a_version(versions: Versions, old: str, name: str) -> None:
    (versions.root / "next").write_text(json.dumps({"version": name, "tries": 2, "limit_s": 9}))
    with pytest.raises(VersionError, match="not a version"):
        versions.begin_trial(name, 2.0)
    assert versions.start() == old


def test_what_is_not_whole_is_not_tried(versions: Versions, lay: Lay, old: str) -> None:
    lay("2-new", sealed=False)
    with pytest.raises(VersionError, match="not wholly installed"):
        versions.begin_trial("2-new", 2.0)
    assert versions.start() == old


def test_what_is_damaged_during_its_trial_is_not_started(
    versions: Versions, lay: Lay, old: str
) -> None:
    versions.begin_trial(lay("2-new"), 2.0)
    (versions.folder("2-new") / "behaviour").write_text("WELL")
    assert versions.start() == old


def test_a_trial_that_ends_while_its_next_start_is_prepared_stays_ended(
    versions: Versions, lay: Lay, old: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    versions.begin_trial(lay("2-new"), 2.0)

    def slowly(folder: Path, *, deep: bool) -> bool:
        if folder.name == "2-new":
            versions.withdraw()
        return is_whole(folder, deep=deep)

    monkeypatch.setattr(versions_module, "is_whole", slowly)
    assert versions.start() == old
    assert versions.trial() is None


def test_the_first_version_is_current_at_once(versions: Versions, lay: Lay, unit: Unit) -> None:
    unit.active = ""
    commands.run(versions, "try", lay("1-first"))
    assert versions.current() == "1-first"


def test_a_first_version_that_is_not_healthy_is_a_failure(
    versions: Versions, lay: Lay, unit: Unit
) -> None:
    with pytest.raises(VersionError, match="not healthy"):
        commands.run(versions, "try", lay("1-first", "ill"))
    assert unit.starts == [("1-first", "ill")]


def test_only_the_last_two_are_kept(versions: Versions, lay: Lay, unit: Unit, old: str) -> None:
    for name in ("2", "3", "4"):
        commands.run(versions, "try", lay(name))
    assert names(versions) == ["3", "4"]
    assert old not in [name for name, _ in unit.starts]


def test_a_file_among_the_versions_is_removed(
    versions: Versions, lay: Lay, unit: Unit, old: str
) -> None:
    (versions.root / "versions" / "0").touch()
    (versions.root / ".next.part").mkdir()
    commands.run(versions, "try", lay("2"))
    assert names(versions) == [old, "2"]


def test_trying_the_current_version_again_keeps_the_one_before(
    versions: Versions, lay: Lay, unit: Unit, old: str
) -> None:
    commands.run(versions, "try", lay("2"))
    commands.run(versions, "try", "2")
    assert names(versions) == [old, "2"]
    assert unit.starts == [("2", "well"), ("2", "well")]


DAMAGES: dict[str, Callable[[Versions], object]] = {
    "nothing": lambda _: None,
    "empty files": lambda v: (v.folder(v.current()) / "bin" / "python").write_bytes(b""),
    "no current": lambda v: (v.root / "current").unlink(),
    "no seal": lambda v: (v.folder(v.current()) / SEAL).unlink(),
    "a current that leads upwards": lambda v: (
        (v.root / "current").unlink(),
        (v.root / "current").symlink_to(".."),
    ),
    "a folder as current": lambda v: (
        (v.root / "current").unlink(),
        (v.root / "current" / "x").mkdir(parents=True),
    ),
    "folders as the trial and as what runs": lambda v: (
        v.running.unlink(),
        v.running.mkdir(),
        (v.root / "next" / "x").mkdir(parents=True),
        (v.root / ".current.part").mkdir(),
        (v.root / ".next.part").mkdir(),
    ),
    "files among the versions": lambda v: (v.root / "versions" / "0").touch(),
    "a folder that is no version": lambda v: (
        v.folder(v.current()).rename(v.root / "versions" / "no version"),
    ),
    "a current that names nothing": lambda v: (
        (v.root / "current").unlink(),
        (v.root / "current").symlink_to("versions/9-gone"),
    ),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_a_whole_version_starts_and_receives_whatever_happened(
    versions: Versions, lay: Lay, unit: Unit, old: str, damage: Callable[[Versions], object]
) -> None:
    commands.run(versions, "try", lay("2-new"))
    damage(versions)
    started = versions.start()
    assert started in {old, "2-new"}
    assert versions.receiver()[0] == str(versions.folder(started) / "bin" / "python")
    assert commands.run(versions, "repair") == 0
    assert versions.current() == started
    assert unit.starts[-1] == (started, "well")


def test_without_any_whole_version_it_says_what_to_do(
    versions: Versions, lay: Lay, old: str
) -> None:
    (versions.folder(old) / SEAL).unlink()
    for command in ("start", "any", "repair", "receive"):
        with pytest.raises(VersionError, match="deploy repair"):
            commands.run(versions, command)


def test_a_repair_starts_a_stopped_service_and_ends_a_trial(
    versions: Versions, lay: Lay, unit: Unit, old: str
) -> None:
    versions.begin_trial(lay("2-new", "crashes"), 2.0)
    unit.active = "inactive"
    commands.run(versions, "repair")
    assert unit.starts == [(old, "well")]
    assert versions.trial() is None


def test_a_version_that_computes_the_bundle_wrongly_is_not_tried(
    versions: Versions, lay: Lay, unit: Unit, old: str
) -> None:
    bundle = versions.home / "bundles" / "drums" / "000001"
    bundle.mkdir(parents=True)
    (versions.home / "current").symlink_to("bundles/drums/000001")
    python = versions.folder(lay("2-new", sealed=False)) / "bin" / "python"
    python.write_text("#!/bin/sh\ncat\necho ' differs'\n")
    with pytest.raises(VersionError, match=f'refuses the current kit: "{bundle}" differs'):
        commands.run(versions, "try", "2-new")
    assert unit.starts == []
    assert versions.current() == old


@pytest.mark.parametrize(
    ("started_us", "limit_s"),
    [
        ((1_000_000, 1_100_000), 8.0),
        ((1_000_000, 9_000_000), 20.0),
        ((1_000_000, 999_000_000), 60.0),
        ((0, 9_000_000), 8.0),
        ((9_000_000, 0), 8.0),
    ],
    ids=["a fast start", "a slow start", "a very slow one", "none yet", "none any more"],
)
def test_a_trial_lasts_longer_where_starts_are_slow(
    unit: Unit, monkeypatch: pytest.MonkeyPatch, started_us: tuple[int, int], limit_s: float
) -> None:
    monkeypatch.undo()
    unit.started_us = started_us
    assert health.trial_limit_s(unit.systemctl) == limit_s


def test_a_trial_that_has_ended_is_not_watched(
    versions: Versions, lay: Lay, unit: Unit, old: str
) -> None:
    lay("2-new")
    commands.run(versions, "watch")
    versions.begin_trial("2-new", 2.0)
    commands.run(versions, "watch")
    assert (versions.current(), unit.starts) == (old, [])


def test_one_that_is_no_longer_healthy_is_withdrawn(
    versions: Versions, lay: Lay, unit: Unit, old: str
) -> None:
    lay("2-new", "fades")
    with pytest.raises(VersionError, match="1-old is used again"):
        commands.run(versions, "try", "2-new")
