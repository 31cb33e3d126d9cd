"""Files that are dropped on the page, and kits as ZIP files."""

import asyncio
import io
import zipfile
from collections.abc import AsyncIterator, Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from firmware.bundle.bundle import read_bundle
from firmware.errors import UserError
from trainer.studio import intake, kits
from trainer.studio.intake import UploadError, plain_name, save


async def blocks(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


def saved(project: Path, name: str, *parts: bytes) -> str:
    return run(save(project, name, blocks(*parts)))


def run(saving: Coroutine[Any, Any, str]) -> str:
    """Run in a thread of its own: a browser of other tests may hold this one's loop."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, saving).result()


def listed(project: Path) -> list[str]:
    return sorted(path.name for path in (project / "loops").iterdir())


@pytest.mark.parametrize(
    ("given", "plain"),
    [
        ("a.wav", "a.wav"),
        ("folder/a.WAV", "a.WAV"),
        ("../../../etc/a.wav", "a.wav"),
        ("..\\..\\a.wav", "a.wav"),
        ("/etc/passwd.wav", "passwd.wav"),
        ("C:\\x\\a.mid", "a.mid"),
        ('<img src=x onerror="a">.wav', "-img src=x onerror=-a--.wav"),
        ("a\x00\n\x7f.wav", "a---.wav"),
        ("con.wav", "-con.wav"),
        (f"{'ü' * 300}.wav", f"{'ü' * 90}.wav"),
        ("a\ud800.wav", "a-.wav"),
    ],
)
def test_a_name_stays_in_its_folder(given: str, plain: str) -> None:
    assert plain_name(given) == plain


@pytest.mark.parametrize("name", ["", ".", "..", "a", ".wav", "a.exe", "a.m4a", "/"])
def test_what_is_no_loop_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(UploadError):
        saved(tmp_path, name, b"x")
    assert not (tmp_path / "loops").exists()


def test_the_same_content_is_kept_once_and_another_beside_it(tmp_path: Path) -> None:
    assert saved(tmp_path, "a.wav", b"one") == "a.wav"
    assert saved(tmp_path, "a.wav", b"o", b"ne") == "a.wav"
    assert saved(tmp_path, "a.wav", b"two") == "a-2.wav"
    assert listed(tmp_path) == ["a-2.wav", "a.wav"]


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "loops").mkdir()
    outside = tmp_path / "outside.wav"
    outside.write_bytes(b"mine")
    (tmp_path / "loops" / "a.wav").symlink_to(outside)
    (tmp_path / "loops" / "b.wav").symlink_to(tmp_path / "nothing.wav")
    assert saved(tmp_path, "a.wav", b"other") == "a-2.wav"
    assert saved(tmp_path, "b.wav", b"other") == "b-2.wav"
    assert (outside.read_bytes(), (tmp_path / "nothing.wav").exists()) == (b"mine", False)


@pytest.mark.parametrize(
    ("limit", "value"), [("FILE_BYTES_MAX", 4), ("TOTAL_BYTES_MAX", 4), ("FILES_MAX", 0)]
)
def test_too_much_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, value: int
) -> None:
    monkeypatch.setattr(intake, limit, value)
    with pytest.raises(UploadError):
        saved(tmp_path, "a.wav", b"123", b"45")
    assert listed(tmp_path) == []


def test_a_broken_connection_leaves_nothing(tmp_path: Path) -> None:
    async def cut() -> AsyncIterator[bytes]:
        yield b"123"
        raise ConnectionError

    with pytest.raises(UploadError):
        run(save(tmp_path, "a.wav", cut()))
    assert listed(tmp_path) == []


def zipped(files: dict[str, bytes]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return data.getvalue()


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_kit_comes_out_as_it_went_in(bundle_folder: Path, tmp_path: Path) -> None:
    data = kits.packed(bundle_folder)
    assert kits.unpack(data, tmp_path / "kit") == read_bundle(bundle_folder).manifest.name
    assert files_of(tmp_path / "kit") == files_of(bundle_folder)
    inside = zipped({f"folder/{name}": one for name, one in files_of(bundle_folder).items()})
    kits.unpack(inside, tmp_path / "again")
    assert files_of(tmp_path / "again") == files_of(bundle_folder)


@pytest.mark.parametrize(
    "more",
    [
        {"../escape.txt": b"x"},
        {"/etc/escape": b"x"},
        {"a/../../escape": b"x"},
        {"..\\escape": b"x"},
        {"a/b/c": b"x"},
        {f"f{n}": b"" for n in range(40)},
        {"bomb": bytes(40 << 20)},
        {"voice1.tflite": b"another"},
        {"manifest.json": b"{}"},
    ],
)
def test_a_harmful_kit_leaves_nothing(
    bundle_folder: Path, tmp_path: Path, more: dict[str, bytes]
) -> None:
    with pytest.raises(UserError) as refused:
        kits.unpack(zipped({**files_of(bundle_folder), **more}), tmp_path / "kit")
    assert len(str(refused.value)) < 300
    assert list(tmp_path.iterdir()) == []
    assert not (tmp_path.parent / "escape.txt").exists()


def damaged() -> bytes:
    """Return an archive whose compressed data is nonsense."""
    data = bytearray(zipped({"manifest.json": bytes(range(256)) * 8}))
    data[45:60] = b"\xff" * 15
    return bytes(data)


@pytest.mark.parametrize("data", [damaged(), zipped({"n" * 300: b"", "manifest.json": b""})])
def test_a_damaged_archive_is_no_kit(data: bytes, tmp_path: Path) -> None:
    with pytest.raises(UserError):
        kits.unpack(data, tmp_path / "kit")


@pytest.mark.parametrize("data", [b"", b"PK", b"x" * 99, zipped({}), zipped({"a": b""})])
def test_what_is_no_kit_is_refused(data: bytes, tmp_path: Path) -> None:
    with pytest.raises(UserError):
        kits.unpack(data, tmp_path / "kit")
    assert list(tmp_path.iterdir()) == []
