"""`firmware sim` and `firmware verify`, as a person calls them."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import mido
import pytest

from firmware.__main__ import main
from firmware.bundle.manifest import MANIFEST
from firmware.cli.sim import parse_settings
from firmware.instrument.parameters import Key
from firmware.storage.paths import Home

FILES = {
    *("performance.mid", "sound.wav", "cv.wav", "patterns.png", "traces.png", "oled.png"),
    "performance.json",
}


def test_sim_leaves_whole_files_and_says_which(
    bundle_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert main(["sim", str(bundle_folder), "--bars", "2", "--out", str(out), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert {Path(path).name for path in answer["files"].values()} == FILES
    assert {path.name for path in out.iterdir()} == FILES
    assert answer["bars"] == 2


def test_the_same_seed_leaves_the_same_files(bundle_folder: Path, tmp_path: Path) -> None:
    for name in ("once", "again"):
        main(["sim", str(bundle_folder), "--bars", "1", "--out", str(tmp_path / name)])
    for name in FILES:
        assert (tmp_path / "once" / name).read_bytes() == (
            tmp_path / "again" / name
        ).read_bytes()


def test_what_is_set_stays_and_the_file_has_its_tempo(
    bundle_folder: Path, tmp_path: Path
) -> None:
    fixed = [
        "--set",
        "tempo=96",
        "--set",
        "2/threshold=1",
        "--set",
        "x=0.25",
        "--set",
        "y=0.75",
    ]
    main(["sim", str(bundle_folder), "--bars", "4", "--out", str(tmp_path), *fixed])
    voices = json.loads((tmp_path / "performance.json").read_text())["voices"]
    for played in voices[0]:
        assert played["position"][:2] == pytest.approx([0.25, 0.75], abs=1 / 4096)
    assert all(sum(played["steps"]) == 0 for played in voices[1])
    song = mido.MidiFile(tmp_path / "performance.mid")
    assert [m.tempo for m in song.tracks[0] if m.type == "set_tempo"] == [625_000]
    assert len(song.tracks) == 4
    assert not any(message.type == "note_on" for message in song.tracks[2])


def test_a_home_gives_its_settings_and_calibration_and_is_left_alone(
    bundle_folder: Path, tmp_path: Path
) -> None:
    home = Home(tmp_path / "home")
    home.prepare()
    home.settings.write_text("[outputs]\nmidi_ms = 20.0\n")
    home.calibration.write_bytes(b"not a calibration")
    before = {path: path.stat().st_mtime_ns for path in home.root.rglob("*")}
    starts = []
    for name, options in (("without", []), ("with", ["--home", str(home.root)])):
        out = tmp_path / name
        main(["sim", str(bundle_folder), "--bars", "1", "--out", str(out), *options])
        song = mido.MidiFile(out / "performance.mid")
        notes = [message for message in song.tracks[1] if not message.is_meta]
        starts.append(notes[0].time)
    assert starts[1] - starts[0] == pytest.approx(0.02 * 2 * 960, abs=1)
    assert {path: path.stat().st_mtime_ns for path in home.root.rglob("*")} == before


@pytest.mark.parametrize(
    ("options", "code", "line"),
    [
        (["--bars", "0"], 2, "firmware: --bars 0: choose 1 to 512"),
        (["--home", __file__], 2, f"firmware: --home {__file__}: no such folder"),
        (["--out", __file__], 2, f"firmware: --out {__file__}: is a file; name a folder"),
        (["--live", "--set", "x=0"], 2, "firmware: --set and --bars need virtual time"),
        (["--live", "--bars", "2"], 2, "firmware: --set and --bars need virtual time"),
        (["--set", "tempo"], 2, "firmware: --set tempo: write [VOICE/]NAME=VALUE"),
        (["--set", "warmth=1"], 2, "firmware: --set warmth=1: unknown parameter; names: x, y"),
        (
            ["--set", "Tresh=1"],
            2,
            "firmware: --set Tresh=1: unknown parameter; did you mean thresh",
        ),
        (["--set", "4/x=0.5"], 2, "firmware: --set 4/x=0.5: voice is a number from 1 to 3"),
        (
            ["--set", "2/tempo=90"],
            2,
            "firmware: --set 2/tempo=90: tempo is common to all voices",
        ),
        (["--set", "pitch/9=60"], 2, "firmware: --set pitch/9=60: the position in pitch is a"),
        (["--thresh", "1"], 2, "firmware: no such option: --thresh"),
        (["--set", "tempo=fast"], 2, "firmware: --set tempo=fast: 'fast' is not a number"),
        (["--set", "tempo=nan"], 2, "firmware: --set tempo=nan: tempo is nan"),
        (["--set", "length=1.5"], 2, "firmware: --set length=1.5: length is 1.5"),
        (
            ["--set", "mute=maybe"],
            2,
            "firmware: --set mute=maybe: 'maybe' is not one of off, on",
        ),
    ],
)
def test_wrong_use_is_reported_in_one_line(
    bundle_folder: Path,
    tmp_path: Path,
    options: list[str],
    code: int,
    line: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = tmp_path / "out"
    assert main(["sim", str(bundle_folder), "--out", str(out), *options]) == code
    reported = capsys.readouterr().err.splitlines()
    assert len(reported) == 1
    assert reported[0].startswith(line)
    assert not out.exists()


def gone(folder: Path) -> None:
    shutil.rmtree(folder)


def emptied(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()


def flipped(folder: Path) -> None:
    path = next(folder.glob("*.tflite"))
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0x10
    path.write_bytes(data)


def from_the_future(folder: Path) -> None:
    manifest = json.loads((folder / MANIFEST).read_text())
    (folder / MANIFEST).write_text(json.dumps(manifest | {"version": 2}))


def untrue(folder: Path) -> None:
    """Let a check point claim what the decoder does not compute."""
    manifest = json.loads((folder / MANIFEST).read_text())
    expected = manifest["voices"][0]["check_points"][3]["expected"]
    expected[0] = 0.0 if expected[0] > 0.5 else 1.0
    (folder / MANIFEST).write_text(json.dumps(manifest))


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (gone, "no kit here"),
        (emptied, "so no kit"),
        (flipped, "does not match its hash"),
        (from_the_future, "upgrade it"),
        (untrue, "computes wrong values"),
    ],
)
@pytest.mark.parametrize("command", ["sim", "verify"])
def test_a_bad_bundle_is_refused_with_one_line_and_nothing_is_written(
    bundle_folder: Path,
    tmp_path: Path,
    spoil: Callable[[Path], None],
    reason: str,
    command: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    bundle = tmp_path / "bundle"
    shutil.copytree(bundle_folder, bundle)
    spoil(bundle)
    out = tmp_path / "out"
    options = ["--out", str(out)] if command == "sim" else []
    assert main([command, str(bundle), *options]) == 1
    reported = capsys.readouterr().err.splitlines()
    assert len(reported) == 1
    assert reason in reported[0]
    assert not out.exists()


@pytest.mark.parametrize("runtime", ["tflite_runtime", "ai_edge_litert"])
def test_verify_holds_the_bundle_to_its_check_points(
    bundle_folder: Path, runtime: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", str(bundle_folder), "--runtime", runtime, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["runtime"] == runtime
    assert 0 < answer["decode_ms"] < 5
    assert 0 <= answer["memory_mb"] < 34


def test_verify_prints_what_decoding_takes_and_may_take(
    bundle_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", str(bundle_folder)]) == 0
    printed = capsys.readouterr().err
    assert re.search(r"a decode takes 0\.\d+ ms here, at most 5 ms", printed)
    assert re.search(r"the decoders take [\d.]+ MB, at most 34 MB", printed)


def test_verify_takes_a_folder_from_where_it_is_called(
    bundle_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(bundle_folder)
    assert main(["verify", "."]) == 0


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("tempo=90", [Key("tempo")]),
        ("2/length=12", [Key("length", 1)]),
        ("length=12", [Key("length", voice) for voice in range(3)]),
        ("3/pitch/8=48", [Key("pitch", 2, 7)]),
        ("1/pitch=48", [Key("pitch", 0, k) for k in range(8)]),
    ],
)
def test_a_name_means_one_voices_or_all(text: str, keys: list[Key]) -> None:
    assert list(parse_settings([text])) == keys
