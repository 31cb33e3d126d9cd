"""A push as a person makes it: to a local home and over ssh, with and without a firmware."""

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from deploy import connection
from deploy.client.push import pack, push
from deploy.connection import RemoteError
from firmware.bundle.bundle import read_bundle, read_manifest, write_bundle
from firmware.bundle.decoder import load_decoders
from firmware.bundle.manifest import stored_file
from firmware.storage.paths import Home, InstalledBundle
from tests.firmware.bundle.tflite_files import add_tile, file_of, model_bytes, model_of


@pytest.fixture(params=["local", "ssh"])
def place(request: pytest.FixtureRequest, home: Home, sshd: Any) -> list[str]:
    """What to write on the command line to reach `home`."""
    if request.param == "local":
        return ["--local", str(home.root)]
    sshd.serve(home)
    return ["root@module"]


def assert_clean(home: Home) -> None:
    """Nothing is left over, and what `current` names is whole and computes what it should."""
    assert list(home.staging.iterdir()) == []
    chosen = home.current_bundle()
    if home.current.is_symlink():
        assert chosen
        load_decoders(read_bundle(home.folder(chosen)))


def test_a_push_to_playing(
    deploy: Any, home: Home, place: list[str], firmware: Any, drums: Path
) -> None:
    playing = firmware(home)
    done = deploy("push", drums, *place, "--json")
    assert done.code == 0, done.err
    (pushed,) = done.modules[0]["bundles"]
    assert pushed["bundle"] == "drums/000001"
    assert pushed["playing"] is True
    assert pushed["sent_bytes"] == sum(file.stat().st_size for file in drums.iterdir())
    assert playing.stdout.readline() == "plays drums/000001\n"
    assert home.current_bundle() == InstalledBundle(1, "drums")
    for file in drums.iterdir():
        assert (home.current / file.name).read_bytes() == file.read_bytes()
    assert_clean(home)


def test_progress_is_a_json_object_a_line(deploy: Any, home: Home, drums: Path) -> None:
    done = deploy("push", drums, "--local", home.root, "--json", "--progress")
    events = [json.loads(line) for line in done.err.splitlines() if line.startswith("{")]
    shares = [event["share"] for event in events]
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert {(event["phase"], event["item"]) for event in events} == {("sending", "drums")}


def test_an_unchanged_bundle_is_not_sent_again(
    deploy: Any, home: Home, place: list[str], drums: Path
) -> None:
    assert deploy("push", drums, *place).code == 0
    done = deploy("push", drums, *place, "--json")
    assert done.modules[0]["bundles"][0]["sent_bytes"] == 0
    assert home.installed() == (InstalledBundle(1, "drums"),)


def test_without_a_firmware_it_waits_for_the_next_start(
    deploy: Any, home: Home, firmware: Any, drums: Path
) -> None:
    done = deploy("push", drums, "--local", home.root)
    assert "next start" in done.out
    assert home.current_bundle() == InstalledBundle(1, "drums")
    starting = firmware(home)
    assert starting.stdin
    assert_clean(home)


def test_several_bundles_and_the_last_plays(
    deploy: Any, home: Home, firmware: Any, drums: Path, bass: Path
) -> None:
    playing = firmware(home)
    assert deploy("push", drums, bass, "--local", home.root).code == 0
    assert playing.stdout.readline() == "plays bass/000002\n"
    assert [version.name for version in home.installed()] == ["drums", "bass"]


def test_no_activate_changes_nothing_that_plays(
    deploy: Any, home: Home, firmware: Any, drums: Path, bass: Path
) -> None:
    deploy("push", drums, "--local", home.root)
    deploy("push", bass, "--local", home.root, "--no-activate")
    assert home.current_bundle() == InstalledBundle(1, "drums")
    assert home.installed()[-1] == InstalledBundle(2, "bass")


def test_a_dry_run_changes_nothing(deploy: Any, home: Home, drums: Path) -> None:
    done = deploy("push", drums, "--local", home.root, "--dry-run")
    assert "would send" in done.out
    assert home.installed() == ()
    deploy("push", drums, "--local", home.root)
    assert "already" in deploy("push", drums, "--local", home.root, "--dry-run").out


def test_another_name(deploy: Any, home: Home, drums: Path, bass: Path) -> None:
    assert deploy("push", drums, "--local", home.root, "--name", "Night 2").code == 0
    assert home.current_bundle() == InstalledBundle(1, "Night 2")
    assert deploy("push", drums, bass, "--local", home.root, "--name", "x").code == 2


@pytest.mark.parametrize("name", ["..", "a/b", "", ".hidden", "a\nb", "a" * 64])
def test_a_name_that_could_leave_the_folder(
    deploy: Any, home: Home, drums: Path, name: str
) -> None:
    done = deploy("push", drums, "--local", home.root, f"--name={name}")
    assert done.code == 1
    assert done.err.count("\n") == 1
    assert home.installed() == ()


def test_a_bundle_that_computes_something_else_is_refused_on_the_laptop(
    deploy: Any, home: Home, variant: Callable[..., Path], drums: Path
) -> None:
    first, *others = read_manifest(drums).voices
    wrong = dataclasses.replace(
        first,
        check_points=tuple(
            dataclasses.replace(point, expected=tuple(1 - e for e in point.expected))
            for point in first.check_points
        ),
    )
    for place in (["root@nowhere"], ["--local", home.root]):
        done = deploy("push", variant(voices=(wrong, *others)), *place)
        assert done.code == 1
        assert "wrong values" in done.err
        assert done.err.count("\n") == 1
    assert_clean(home)


def test_retention_keeps_the_last_five_and_the_one_that_plays(
    deploy: Any, home: Home, variant: Callable[..., Path]
) -> None:
    for seed in range(1, 9):
        bundle = variant(f"v{seed}", seed=seed)
        deploy("push", bundle, "--local", home.root, *(["--no-activate"] if seed > 1 else []))
    assert [version.sequence for version in home.installed()] == [1, 4, 5, 6, 7, 8]
    assert home.current_bundle() == InstalledBundle(1, "drums")
    assert_clean(home)


def test_an_old_one_pushed_again_becomes_the_newest(
    deploy: Any, home: Home, variant: Callable[..., Path]
) -> None:
    old, new = variant("old", seed=1), variant("new", seed=2)
    for bundle in (old, new, old):
        deploy("push", bundle, "--local", home.root)
    assert home.current_bundle() == InstalledBundle(3, "drums")
    assert deploy("rollback", "--local", home.root).code == 0
    assert home.current_bundle() == InstalledBundle(2, "drums")


def test_a_firmware_that_refuses_keeps_what_it_had(
    deploy: Any, home: Home, firmware: Any, drums: Path, bass: Path
) -> None:
    deploy("push", drums, "--local", home.root)
    firmware(home, "refuses")
    done = deploy("push", bass, "--local", home.root)
    assert done.code == 1
    assert "not this one" in done.err
    assert home.current_bundle() == InstalledBundle(1, "drums")
    assert home.installed() == (InstalledBundle(1, "drums"),)
    assert_clean(home)


def test_a_module_that_restarts_in_the_middle_plays_it_afterwards(
    deploy: Any, home: Home, firmware: Any, drums: Path
) -> None:
    firmware(home, "dies-once")
    done = deploy("push", drums, "--local", home.root, "--json")
    assert done.modules[0]["bundles"][0]["playing"] is True
    assert home.current_bundle() == InstalledBundle(1, "drums")


def memory_bomb() -> bytes:
    model = model_of("float32")
    add_tile(model, model.subgraphs[0])
    return model_bytes(model)


@pytest.mark.parametrize(
    ("decoder", "reason"),
    [
        (memory_bomb(), "operator 69 of TFLite, which no decoder has"),
        (file_of("float32", (2, 256, 256, 32)), "more than 65536 weights"),
    ],
    ids=["memory bomb", "slow decoder"],
)
def test_a_costly_decoder_is_refused_with_its_reason_on_both_sides(
    deploy: Any, home: Home, bass: Path, tmp_path: Path, decoder: bytes, reason: str
) -> None:
    manifest = read_manifest(bass)
    (voice,) = manifest.voices
    stored = stored_file(voice.file, decoder)
    voice = dataclasses.replace(voice, sha256=stored.sha256, size_bytes=stored.size_bytes)
    manifest = dataclasses.replace(manifest, voices=(voice,), extras=())
    write_bundle(tmp_path / "costly", manifest, {voice.file: decoder})
    (prepared,) = pack((tmp_path / "costly",))
    with connection.local(home.root) as link, pytest.raises(RemoteError, match=reason):
        push(link, prepared, lambda *_: None, play=True)
    done = deploy("push", tmp_path / "costly", "--local", home.root)
    assert done.code == 1
    assert reason in done.err
    assert not home.current.is_symlink()
    assert_clean(home)
