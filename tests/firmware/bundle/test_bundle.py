"""Only whole bundles are written, and only plain files whose hashes hold are read."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from firmware.bundle.bundle import read_bundle, write_bundle
from firmware.bundle.manifest import (
    MANIFEST,
    BundleError,
    stored_file,
)
from tests.firmware.bundles import MODEL, bundle_at, manifest_of, voice_of


def test_reads_what_was_written(tmp_path: Path) -> None:
    bundle = read_bundle(bundle_at(tmp_path / "bundle"))
    assert bundle.manifest == manifest_of(extras=(stored_file("map.png", b"a map"),))
    assert bundle.models == (MODEL,)


@pytest.mark.parametrize("name", ["model1.tflite", "map.png"])
def test_one_flipped_byte_is_refused(tmp_path: Path, name: str) -> None:
    folder = bundle_at(tmp_path / "bundle")
    data = bytearray((folder / name).read_bytes())
    data[2] ^= 1
    (folder / name).write_bytes(data)
    with pytest.raises(BundleError, match=f"{name}: does not match its hash"):
        read_bundle(folder)


def remove(path: Path) -> None:
    path.unlink()


def link(path: Path) -> None:
    path.rename(path.with_suffix(".real"))
    path.symlink_to(path.with_suffix(".real"))


def pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def folder_there(path: Path) -> None:
    path.unlink()
    path.mkdir()


def longer(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"more")


@pytest.mark.parametrize("spoil", [remove, link, pipe, folder_there, longer])
@pytest.mark.parametrize("name", ["model1.tflite", MANIFEST])
def test_only_plain_files_of_the_right_size_are_read(
    tmp_path: Path, spoil: Callable[[Path], None], name: str
) -> None:
    folder = bundle_at(tmp_path / "bundle")
    spoil(folder / name)
    with pytest.raises(BundleError, match=name):
        read_bundle(folder)


def test_a_missing_bundle_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="trainer train"):
        read_bundle(tmp_path / "nowhere")


def test_writing_replaces_an_older_bundle_whole(tmp_path: Path) -> None:
    folder = bundle_at(tmp_path / "bundle")
    bundle_at(folder, name="newer")
    assert read_bundle(folder).manifest.name == "newer"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bundle"]


def test_an_older_bundle_stays_if_the_new_one_cannot_take_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = bundle_at(tmp_path / "bundle", name="older")
    rename = Path.rename

    def fails(path: Path, target: Path) -> Path:
        if path.name.endswith(".part"):
            raise OSError(28, "No space left on device", str(path))
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", fails)
    with pytest.raises(OSError, match="No space"):
        bundle_at(folder, name="newer")
    assert read_bundle(folder).manifest.name == "older"
    assert [path.name for path in tmp_path.iterdir()] == ["bundle"]


def test_writing_leaves_a_folder_alone_that_is_no_bundle(tmp_path: Path) -> None:
    folder = tmp_path / "music"
    folder.mkdir()
    (folder / "song.wav").write_bytes(b"mine")
    with pytest.raises(BundleError, match="choose another name"):
        bundle_at(folder)
    assert (folder / "song.wav").read_bytes() == b"mine"


def test_a_bundle_that_would_not_be_read_is_not_written(tmp_path: Path) -> None:
    voice = voice_of()
    wrong = manifest_of(replace(voice, sha256="0" * 64))
    with pytest.raises(BundleError):
        write_bundle(tmp_path / "bundle", wrong, {voice.file: MODEL})
    assert list(tmp_path.iterdir()) == []
