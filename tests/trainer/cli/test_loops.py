import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from trainer.__main__ import main
from trainer.data.dataset import read_dataset, steps_text
from trainer.data.demo_loops import write_demo_loops


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    write_demo_loops(folder, 6, 2)
    return folder


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def dataset(demo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    path = tmp_path / "d.npz"
    assert main(["encode", str(demo), "-o", str(path)]) == 0
    capsys.readouterr()
    return path


def test_encode_writes_a_dataset_and_a_summary_on_standard_error(
    demo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["encode", str(demo), "-o", str(tmp_path / "d.npz")]) == 0
    output = capsys.readouterr()
    assert output.out == ""
    assert "6 loops analysed\n6 patterns in" in output.err
    assert len(read_dataset(tmp_path / "d.npz")) == 6
    assert json.loads((tmp_path / "d.json").read_text())["loops"] == 6


def test_encode_prints_json_on_standard_output(
    demo: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["encode", str(demo), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    truth = json.loads((demo / "INDEX.json").read_text())["rendered"]
    assert set(answer) == {entry["file"] for entry in truth}


def test_encode_draws_a_page(demo: Path, tmp_path: Path) -> None:
    page = tmp_path / "loops.html"
    assert main(["encode", str(demo), "--report", str(page)]) == 0
    assert page.read_text().count("<article") == 6


def test_a_table_of_tempi_is_used(
    demo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = sorted(path.relative_to(demo).as_posix() for path in demo.rglob("*.wav"))[0]
    (tmp_path / "t.csv").write_text(f"file,bpm,bars\n{name},60,1\n")
    assert main(["encode", str(demo), "--tempi", str(tmp_path / "t.csv"), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert {entry["source"] for entry in answer.values()} == {"name", "table"}
    assert (answer[name]["bpm"], answer[name]["bars"]) == (60, 1)


def test_lines_of_the_table_without_a_file_are_reported(
    demo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "t.csv").write_text("file,bpm,bars\nnobody.wav,60,1\n")
    assert main(["encode", str(demo), "--tempi", str(tmp_path / "t.csv"), "--json"]) == 0
    assert "unused    nobody.wav" in capsys.readouterr().err


def test_uncertain_tempi_are_written_completed_and_read_back(
    demo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without names the tempo of a sustained tone is anybody's guess."""
    table, loops = tmp_path / "t.csv", tmp_path / "loops"
    loops.mkdir()
    tone = np.sin(np.arange(4 * 44100) / 30) * np.minimum(1, np.arange(4 * 44100) / 50000)
    soundfile.write(loops / "tone.wav", tone, 44100)
    shutil.copy(next(demo.rglob("kick*.wav")), loops)
    options = ["--include-all", "--json"]
    assert main(["encode", str(loops), "--write-tempi", str(table), *options]) == 0
    assert "--write-tempi" in capsys.readouterr().err
    assert [line.split(",")[:3] for line in table.read_text().splitlines()] == [
        ["file", "bpm", "bars"],
        ["tone.wav", "", ""],
    ]
    table.write_text(table.read_text().replace("tone.wav,,", "tone.wav,90,"))
    assert main(["encode", str(loops), "--tempi", str(table), *options]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["tone.wav"]["bpm"], answer["tone.wav"]["source"]) == (90, "table")


def test_a_long_file_is_limited_to_its_share(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rng = np.random.default_rng(0)
    click = np.zeros((16 * 32, round(0.125 * 44100)))
    click[rng.random(16 * 32) < 0.5, :400] = np.linspace(1, 0, 400)
    soundfile.write(tmp_path / "long_120bpm.wav", click.ravel(), 44100)
    path = tmp_path / "d.npz"
    assert main(["encode", str(tmp_path), "-o", str(path)]) == 0
    assert "limited   long_120bpm.wav: 8 of 16 patterns" in capsys.readouterr().err
    assert len(read_dataset(path)) == 8
    assert main(["encode", str(tmp_path), "-o", str(path), "--share", "1"]) == 0
    assert len(read_dataset(path)) == 16


@pytest.mark.parametrize(
    ("arguments", "code", "output"),
    [
        (["encode", "{demo}"], 2, "-o dataset.npz"),
        (["encode", "{demo}", "--bpm", "-3", "-o", "{tmp}/d.npz"], 2, "-3.0 bpm"),
        (["encode", "{demo}", "--bpm", "nan", "-o", "{tmp}/d.npz"], 2, "nan bpm"),
        (["encode", "{demo}", "--bars", "0", "-o", "{tmp}/d.npz"], 2, "0.0 bars"),
        (["encode", "{tmp}/gone", "-o", "{tmp}/d.npz"], 1, "no such file or folder"),
        (["encode", "{tmp}/empty", "-o", "{tmp}/d.npz"], 1, "no loops here"),
        (["encode", "{tmp}/words.wav", "-o", "{tmp}/d.npz"], 1, "not an audio file"),
        (["encode", "{tmp}/words.wav", "-o", "{tmp}/d.txt"], 2, "ends in .npz"),
        (["encode", "{demo}", "-o", "{tmp}/words.wav/d.npz"], 1, "cannot be written"),
        (["encode", "{demo}", "--tempi", "{tmp}/gone.csv", "-o", "{tmp}/d.npz"], 1, "gone.csv"),
        (["encode", "{demo}", "--share", "0", "-o", "{tmp}/d.npz"], 2, "--share 0"),
        (["dataset", "show", "{tmp}/gone.npz"], 1, "no such file"),
        (["dataset", "show", "{tmp}/words.wav"], 1, "not a dataset"),
        (["demo-loops", "{tmp}/x", "--count", "0"], 2, "--count"),
        (["demo-loops", "{tmp}/words.wav"], 1, "cannot be written"),
    ],
)
def test_a_mistake_gives_one_line_and_leaves_nothing(
    arguments: list[str],
    code: int,
    output: str,
    demo: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "words.wav").write_text("not a sound")
    before = sorted(tmp_path.iterdir())
    assert main([part.format(demo=demo, tmp=tmp_path) for part in arguments]) == code
    said = capsys.readouterr().err
    assert output in said
    assert "Traceback" not in said
    left = sorted(path for path in tmp_path.iterdir() if path.name != "cache")
    assert left == before


def test_show_lists_the_patterns(dataset: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dataset", "show", str(dataset)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line[:32] for line in lines] == [
        steps_text(row) for row in read_dataset(dataset).onset
    ]
    assert main(["dataset", "show", str(dataset), "kick/*", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["patterns"] == 1


def test_drop_leaves_out_names_and_counts(dataset: Path, tmp_path: Path) -> None:
    out = tmp_path / "less.npz"
    assert main(["dataset", "drop", str(dataset), "kick/*", "-o", str(out)]) == 0
    assert len(read_dataset(out)) == 5
    counts = read_dataset(dataset).onset.sum(axis=1)
    assert main(["dataset", "drop", str(dataset), "--fewer", "12", "-o", str(out)]) == 0
    assert len(read_dataset(out)) == (counts >= 12).sum()
    assert main(["dataset", "drop", str(dataset), "nobody*"]) == 1
    assert main(["dataset", "drop", str(dataset), "*"]) == 1
    assert len(read_dataset(dataset)) == 6


def test_merge_and_drop_duplicates(dataset: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.npz"
    shutil.copy(dataset, other)
    name = read_dataset(other).names[0]
    assert main(["dataset", "edit", str(other), name, "--steps", "x---" * 8]) == 0
    both = tmp_path / "both.npz"
    assert main(["dataset", "merge", str(dataset), str(other), "-o", str(both)]) == 0
    assert len(read_dataset(both)) == 7
    assert main(["dataset", "drop", str(both), "--duplicates"]) == 0
    assert len(read_dataset(both)) == 7


def test_edit_changes_the_steps_that_are_named(dataset: Path) -> None:
    before = read_dataset(dataset)
    on = int((~before.onset[0]).argmax())
    off = int(before.onset[0].argmax())
    name = before.names[0]
    change = ["--on", str(on + 1), "--off", str(off + 1)]
    assert main(["dataset", "edit", str(dataset), name, *change]) == 0
    after = read_dataset(dataset)
    assert sorted((after.onset[0] != before.onset[0]).nonzero()[0]) == sorted([on, off])
    for wrong in (["--on", "33"], ["--on", "one"], ["--steps", "x"], []):
        assert main(["dataset", "edit", str(dataset), name, *wrong]) == 2
    assert main(["dataset", "edit", str(dataset), "nobody", "--on", "1"]) == 1


def test_demo_loops_lists_its_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo-loops", str(tmp_path / "loops"), "--count", "2", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert all((tmp_path / "loops" / name).is_file() for name in answer["files"])


def test_encoding_loads_neither_tensorflow_nor_librosa(demo: Path, tmp_path: Path) -> None:
    script = (
        "import sys; from trainer.__main__ import main; "
        f"main(['encode', {str(demo)!r}, '-o', {str(tmp_path / 'd.npz')!r}]); "
        "heavy = {'tensorflow', 'librosa', 'scipy.signal', 'matplotlib'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
