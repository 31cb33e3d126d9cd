"""The receiver against a laptop that lies, stops or is cut off, byte by byte."""

import dataclasses
import errno
import json
import os
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from deploy.protocol import PROTOCOL
from deploy.receiver.receiver import REASON_MAX, reason_of
from firmware.bundle import store
from firmware.bundle.bundle import read_bundle, read_manifest
from firmware.bundle.manifest import Manifest, manifest_bytes
from firmware.errors import UserError
from firmware.ipc.json_lines import encode_line
from firmware.storage.paths import Home, InstalledBundle

RECEIVE = [sys.executable, "-I", "-m", "deploy.receiver.receiver", "--home"]

# Dies at the n-th thing it does to the disk, or to another process: a power cut, made exact.
DIE_AT = """
import os, signal, sys
left = int(sys.argv.pop(1))
WATCHED = ("open", "os.", "subprocess.", "tempfile.", "shutil.", "fcntl.")
def hook(event, args):
    global left
    if event.startswith(WATCHED) and not event.startswith("os.putenv"):
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
from deploy.receiver import receiver
from firmware.bundle.manifest import schema
import fastjsonschema
sys.addaudithook(hook)
sys.exit(receiver.main(sys.argv[1:]))
"""


def stream(folder: Path, **changes: Any) -> bytes:
    """Return all that a laptop sends in a push, whether or not it is asked for the files."""
    manifest = dataclasses.replace(read_manifest(folder), **changes)
    data = manifest_bytes(manifest)
    request = {"protocol": PROTOCOL, "op": "push", "manifest_bytes": len(data), "play": True}
    files = [file.file for file in (*manifest.voices, *manifest.extras)]
    return (
        encode_line(request) + data + b"".join((folder / name).read_bytes() for name in files)
    )


def converse(home: Home, sent: bytes, command: list[str] | None = None) -> list[dict[str, Any]]:
    done = subprocess.run(
        [*(command or RECEIVE), str(home.root)], input=sent, capture_output=True, check=False
    )
    assert b"Traceback" not in done.stderr, done.stderr.decode()
    return [json.loads(text) for text in done.stdout.splitlines()]


def refusal(home: Home, sent: bytes) -> str:
    """Return the reason of the refusal, after which nothing may be left."""
    last = converse(home, sent)[-1]
    assert last["ok"] is False
    assert home.installed() == ()
    assert list(home.staging.iterdir()) == []
    assert not home.current.is_symlink()
    return str(last["reason"])


def document_of(folder: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((folder / "manifest.json").read_bytes())
    return document


def with_manifest(document: object) -> bytes:
    data = document if isinstance(document, bytes) else json.dumps(document).encode()
    request = {"protocol": PROTOCOL, "op": "push", "manifest_bytes": len(data)}
    return encode_line(request) + data + bytes(1 << 16)


@pytest.mark.parametrize(
    "name",
    [
        *("../escape.tflite", "/etc/passwd.tflite", "a/../../b.tflite", "..", "."),
        *("a\nb.tflite", "a\x00.tflite", "a\x1b[2J.tflite", "manifest.json", ".hidden.tflite"),
        *("con\u202e.tflite", "x" * 300 + ".tflite", "evil.py", "a.tflite\n"),
    ],
)
def test_a_manifest_cannot_name_a_file_elsewhere(home: Home, drums: Path, name: str) -> None:
    document = document_of(drums)
    document["voices"][0]["file"] = name
    assert refusal(home, with_manifest(document))
    assert sorted(path.name for path in home.root.iterdir()) == ["bundles", "staging"]


@pytest.mark.parametrize("name", ["..", "../x", "a/b", "", "a\n", "\x07", ".x", "x" * 64])
def test_a_bundle_cannot_be_named_elsewhere(home: Home, drums: Path, name: str) -> None:
    assert refusal(home, with_manifest({**document_of(drums), "name": name}))


@pytest.mark.parametrize("size", [0, -1, 1 << 24 | 1, 1 << 62, 1e9, "9", None, True])
def test_a_file_cannot_have_a_huge_or_no_size(home: Home, drums: Path, size: object) -> None:
    document = document_of(drums)
    document["voices"][0]["size_bytes"] = size
    assert refusal(home, with_manifest(document))


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"[]\n",
        b"{}\n",
        b'{"protocol": 99, "op": "status"}\n',
        b'{"protocol": 1, "op": "rm"}\n',
        b'{"protocol": 1, "op": ["push"]}\n',
        b'{"protocol": 1, "op": "push"}\n',
        b'{"protocol": 1, "op": "push", "manifest_bytes": -1}\n',
        b'{"protocol": 1, "op": "push", "manifest_bytes": 999999999999}\n',
        b'{"protocol": 1, "op": "push", "manifest_bytes": "1"}\n',
        b'{"protocol": 1, "op": "remove"}\n',
        b'{"protocol": 1, "op": "remove", "bundle": "../../etc"}\n',
        b'{"protocol": 1, "op": "logs", "lines": "; reboot"}\n',
        b'{"protocol": 1, "op": "restore", "files": {"../x": ""}}\n',
        b'{"protocol": 1, "op": "restore", "files": {"bundles/x": ""}}\n',
        b'{"protocol": 1, "op": "restore", "files": {"state/a": "%%%"}}\n',
        b'{"protocol": 1, "op": "restore", "files": 3}\n',
        b'{"protocol": 1, "op": "rollback"}\n',
        with_manifest(b"[" * 100_000),
        with_manifest({}),
        os.urandom(4096) + b"\n",
    ],
    ids=range(23),
)
def test_nonsense_is_refused_in_one_line(home: Home, sent: bytes) -> None:
    answers = converse(home, sent)
    assert not any(answer.get("ok") for answer in answers)
    assert home.installed() == ()


def test_a_file_changed_on_the_way_is_refused(home: Home, drums: Path) -> None:
    sent = bytearray(stream(drums))
    sent[-100] ^= 1
    assert "changed in transit" in refusal(home, bytes(sent))


def test_a_decoder_that_computes_something_else_is_refused(home: Home, drums: Path) -> None:
    first, *others = read_manifest(drums).voices
    points = tuple(
        dataclasses.replace(point, expected=tuple(1 - value for value in point.expected))
        for point in first.check_points
    )
    wrong = dataclasses.replace(first, check_points=points)
    assert "wrong values" in refusal(home, stream(drums, voices=(wrong, *others)))


def test_a_decoder_that_is_none_is_refused(
    home: Home, drums: Path, variant: Callable[..., Path]
) -> None:
    import hashlib

    first, *others = read_manifest(drums).voices
    data = random.Random(1).randbytes(first.size_bytes)
    fake = dataclasses.replace(first, sha256=hashlib.sha256(data).hexdigest())
    sent = stream(drums, voices=(fake, *others))
    start = len(sent) - sum(voice.size_bytes for voice in (first, *others))
    sent = sent[:start] + data + sent[start + len(data) :]
    assert refusal(home, sent)


def test_what_only_looks_like_a_home_is_not_touched(home: Home, drums: Path) -> None:
    (home.root / "bundles").symlink_to("/nonexistent")
    (answer,) = converse(home, stream(drums))
    assert answer["ok"] is False


@pytest.fixture
def playing(home: Home, bass: Path) -> Home:
    """A home in which a bundle is installed and chosen."""
    assert converse(home, stream(bass))[-1]["ok"]
    return home


def assert_whole(home: Home) -> None:
    """Whatever happened, every installed bundle is whole and `current` names one."""
    chosen = home.current_bundle()
    assert chosen
    for version in home.installed():
        read_bundle(home.folder(version))


def assert_works(home: Home, folder: Path) -> None:
    """The next push works and leaves nothing behind."""
    # An unchanged bundle's files are not asked for, and are then no request that makes sense.
    assert any(answer.get("ok") for answer in converse(home, stream(folder)))
    assert list(home.staging.iterdir()) == []
    assert not list(home.root.glob(".current.*"))
    assert_whole(home)


@pytest.mark.soak
def test_cut_at_any_byte(playing: Home, drums: Path, soak: Callable[[int, int], int]) -> None:
    sent = stream(drums)
    cuts = random.Random(8).sample(range(len(sent)), soak(6, 120))
    for cut in cuts:
        converse(playing, sent[:cut])
        assert_whole(playing)
        assert playing.current_bundle() == InstalledBundle(1, "bass")
        assert list(playing.staging.iterdir()) == []
    assert_works(playing, drums)


@pytest.mark.soak
def test_killed_at_any_change_of_the_disk(
    playing: Home, drums: Path, variant: Callable[..., Path], soak: Callable[[int, int], int]
) -> None:
    # A push does some fifty such things; later moments let it finish.
    moments = [*range(1, 70)]
    chosen = moments if soak(0, 1) else random.Random(8).sample(moments, 8)
    for moment in chosen:
        bundle = variant(f"v{moment}", seed=moment)
        command = [sys.executable, "-c", DIE_AT, str(moment), "--home"]
        converse(playing, stream(bundle), command)
        assert_whole(playing)
    assert_works(playing, drums)


def test_two_pushes_at_once_both_arrive(home: Home, drums: Path, bass: Path) -> None:
    receivers = [
        subprocess.Popen(
            [*RECEIVE, str(home.root)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        for _ in range(2)
    ]
    for receiver, folder in zip(receivers, (drums, bass), strict=True):
        assert receiver.stdin
        receiver.stdin.write(stream(folder))
        receiver.stdin.flush()
    for receiver in receivers:
        said, _ = receiver.communicate()
        assert json.loads(said.splitlines()[-1]).get("ok"), said
    assert sorted(version.name for version in home.installed()) == ["bass", "drums"]
    assert [version.sequence for version in home.installed()] == [1, 2]
    assert_works(home, drums)


def test_a_stalled_push_does_not_keep_others_out(home: Home, drums: Path, bass: Path) -> None:
    with subprocess.Popen(
        [*RECEIVE, str(home.root)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as stalled:
        assert stalled.stdin
        assert stalled.stdout
        stalled.stdin.write(stream(drums)[:-100])
        stalled.stdin.flush()
        assert json.loads(stalled.stdout.readline()) == {"event": "send"}
        assert converse(home, stream(bass))[-1]["ok"]
        stalled.stdin.write(stream(drums)[-100:])
        stalled.stdin.flush()
        stalled.stdin.close()
        assert json.loads(stalled.stdout.readlines()[-1])["ok"]
    assert home.current_bundle() == InstalledBundle(2, "drums")


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "the module's disk is full; free"),
        (
            OSError(errno.EDQUOT, "Quota exceeded", "/home/x"),
            "/home/x: the module",
        ),
        (OSError(errno.EROFS, "Read-only"), "the module's disk is read-only"),
        (OSError(errno.EACCES, "Denied"), "the receiver may not write there"),
        (OSError(errno.EIO, "Input/output error"), "the module's disk is failing"),
        (OSError(errno.EMLINK, "Too many links"), "Too many links"),
        (OSError("without a number"), "OSError"),
        (UserError("two\n lines " + "x" * 600), "two lines x"),
    ],
)
def test_what_stopped_the_receiver_is_one_line(error: UserError | OSError, reason: str) -> None:
    line = reason_of(error)
    assert line.startswith(reason)
    assert "\n" not in line
    assert len(line) <= REASON_MAX


def test_what_is_received_may_be_read_whatever_the_laptops_umask(
    home: Home, bass: Path
) -> None:
    command = [*RECEIVE, str(home.root)]
    subprocess.run(command, input=stream(bass), capture_output=True, check=True, umask=0o077)
    for path in home.folder(InstalledBundle(1, "bass")).iterdir():
        assert path.stat().st_mode & 0o777 == 0o644


def test_file_times_and_the_clock_order_nothing(playing: Home, drums: Path) -> None:
    os.utime(playing.folder(InstalledBundle(1, "bass")), (4e9, 4e9))
    sent = stream(drums, created="2001-01-01T00:00:00Z")
    assert converse(playing, sent)[-1]["bundle"] == "drums/000002"
    assert store.before(playing, playing.current_bundle()) == InstalledBundle(1, "bass")


def test_rotten_files_are_sent_anew(playing: Home, bass: Path) -> None:
    (playing.folder(InstalledBundle(1, "bass")) / "model1.tflite").write_bytes(b"rotten")
    (*_, last) = converse(playing, stream(bass))
    assert last["sent"] is True
    assert playing.current_bundle() == InstalledBundle(2, "bass")


def test_presets_and_calibration_are_never_touched(playing: Home, drums: Path) -> None:
    playing.state.mkdir()
    (playing.state / "presets.json").write_text("{}")
    before = (playing.state / "presets.json").stat()
    converse(playing, stream(drums))
    converse(playing, encode_line({"protocol": PROTOCOL, "op": "rollback"}))
    assert (playing.state / "presets.json").stat() == before


def test_the_manifest_that_is_kept_is_the_one_that_was_read(home: Home, drums: Path) -> None:
    manifest: Manifest = read_manifest(drums)
    padded = manifest_bytes(manifest) + b" " * 1000
    request = {"protocol": PROTOCOL, "op": "push", "manifest_bytes": len(padded)}
    files = b"".join((drums / voice.file).read_bytes() for voice in manifest.voices)
    assert converse(home, encode_line(request) + padded + files)[-1]["ok"]
    kept = home.folder(InstalledBundle(1, "drums")) / "manifest.json"
    assert kept.read_bytes() == manifest_bytes(manifest)


ON_A_DISK = """
set -e
mount -t tmpfs -o "$1" tmpfs "$2"
{python} -I -m deploy.receiver.receiver --home "$2" <"$3" >/dev/null
eval "$4"
{python} -I -m deploy.receiver.receiver --home "$2" <"$5" || true
test "$(readlink "$2/current")" = bundles/bass/000001
test -z "$(ls -A "$2/staging")"
{python} -c "import sys
from pathlib import Path
from firmware.bundle.bundle import read_bundle
read_bundle(Path(sys.argv[1]))" "$2/current"
"""


@pytest.mark.parametrize(
    "disk",
    [
        ("size=5m", "true", "no room"),
        ("size=30m,nr_inodes=16", "true", "disk is full"),
        ("size=30m", 'mount -o remount,ro "$2"', "read-only"),
    ],
    ids=lambda disk: disk[2],
)
def test_a_disk_that_is_full_or_read_only(
    home: Home,
    bass: Path,
    variant: Callable[..., Path],
    tmp_path: Path,
    disk: tuple[str, str, str],
) -> None:
    options, trouble, reason = disk
    (tmp_path / "first").write_bytes(stream(bass))
    (tmp_path / "second").write_bytes(stream(variant(ballast_bytes=2_000_000)))
    script = ON_A_DISK.format(python=sys.executable)
    done = subprocess.run(
        [
            "unshare",
            "--mount",
            "--map-root-user",
            "sh",
            "-c",
            script,
            "sh",
            options,
            home.root,
            tmp_path / "first",
            trouble,
            tmp_path / "second",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    last = json.loads(done.stdout.splitlines()[-1])
    assert last["ok"] is False
    assert reason in last["reason"]
