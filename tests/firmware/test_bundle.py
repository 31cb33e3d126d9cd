"""The bundle's border: what is let in, and why the rest is not."""

import json
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.bundle import (
    MANIFEST,
    BundleError,
    manifest_bytes,
    parse_manifest,
    read_bundle,
    schema,
    stored_file,
    write_bundle,
)
from tests.firmware.bundles import MODEL, bundle_at, manifest_of, voice_of


def test_reads_what_was_written(tmp_path: Path) -> None:
    bundle = read_bundle(bundle_at(tmp_path / "bundle"))
    assert bundle.manifest == manifest_of(extras=(stored_file("map.png", b"a map"),))
    assert bundle.models == (MODEL,)


def test_the_same_manifest_gives_the_same_bytes() -> None:
    data = manifest_bytes(manifest_of())
    assert parse_manifest(data) == manifest_of()
    assert manifest_bytes(parse_manifest(data)) == data


def edited(change: Callable[[dict[str, Any]], object]) -> bytes:
    document = json.loads(manifest_bytes(manifest_of()))
    change(document)
    return json.dumps(document).encode()


def in_voice(**values: object) -> Callable[[dict[str, Any]], object]:
    return lambda document: document["voices"][0].update(values)


POINT = {"position": [0.5, 0.5], "expected": [0.5] * 32}


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"\xff\xfe{}", "not JSON"),
        (b'{"format": NaN}', "NaN is not a number"),
        (b"[]", "not the manifest"),
        (edited(lambda d: d.update(format="other")), "not the manifest"),
        (edited(lambda d: d.update(version=2)), "upgrade it"),
        (edited(lambda d: d.update(version="1")), "version"),
        (edited(lambda d: d.pop("voices")), "voices"),
        (edited(lambda d: d.update(voices=[])), "voices"),
        (edited(lambda d: d.update(code="import os")), "code"),
        (edited(lambda d: d.update(name="bell\x07")), "name"),
        (edited(lambda d: d.update(name="line\n")), "name"),
        (edited(in_voice(file="../model1.tflite")), "file"),
        (edited(in_voice(file="/etc/passwd.tflite")), "file"),
        (edited(in_voice(file="model1.tflite\n")), "file"),
        (edited(in_voice(file="model1.png")), "not a .tflite"),
        (edited(in_voice(sha256="0" * 63)), "sha256"),
        (edited(in_voice(size_bytes=1 << 40)), "size_bytes"),
        (edited(in_voice(tolerance=1.0)), "tolerance"),
        (edited(in_voice(check_points=[POINT] * 15)), "check_points"),
        (edited(in_voice(check_points=[POINT | {"position": [0.5] * 3}] * 16)), "positions"),
        (edited(in_voice(outputs=["onset", "velocity"])), "64 outputs"),
        (edited(in_voice(warp=[[0.0, 0.0], [0.0, 1.0]])), "does not rise"),
        (edited(in_voice(latent_range=[[0.0, 1.0]] * 3)), "disagree"),
        (edited(lambda d: d["voices"].append(d["voices"][0])), "same file"),
    ],
)
def test_refuses_a_manifest_with_the_reason_in_one_line(data: bytes, reason: str) -> None:
    with pytest.raises(BundleError, match=reason) as refusal:
        parse_manifest(data, "somewhere")
    assert str(refusal.value).startswith("somewhere: ")
    assert "\n" not in str(refusal.value)


@given(st.binary(max_size=400))
def test_no_bytes_get_past_the_border_by_a_traceback(data: bytes) -> None:
    with pytest.raises(BundleError):
        parse_manifest(data)


@given(st.data())
def test_a_manifest_with_one_value_replaced_is_read_or_refused(data: st.DataObject) -> None:
    document = json.loads(manifest_bytes(manifest_of()))
    places = [(document, key) for key in document]
    places += [(document["voices"][0], key) for key in document["voices"][0]]
    where, key = data.draw(st.sampled_from(places))
    where[key] = data.draw(
        st.one_of(st.none(), st.booleans(), st.integers(), st.text(), st.lists(st.none()))
    )
    with suppress(BundleError):
        assert parse_manifest(json.dumps(document).encode()).voices


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


def test_the_published_schema_is_a_schema_and_names_every_field() -> None:
    document = schema()
    voice = json.loads(manifest_bytes(manifest_of()))["voices"][0]
    assert set(document["definitions"]["voice"]["properties"]) == set(voice)
    assert document["properties"]["version"] == {"const": 1}
