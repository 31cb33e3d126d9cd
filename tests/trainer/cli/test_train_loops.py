"""`trainer train` with loops for single voices, projects and the intake summary."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from firmware.bundle.bundle import read_manifest
from firmware.bundle.manifest import TrainingSet, manifest_bytes, parse_manifest
from tests.trainer.rhythms import dataset_of, rhythms
from trainer.__main__ import main
from trainer.cli.train_loops import source_names
from trainer.data.dataset import write_dataset
from trainer.data.demo_loops import write_demo_loops
from trainer.data.project_file import load
from trainer.model.checkpoint import read_checkpoint

SHORT = ["--steps", "30", "--hold-back", "0"]


@pytest.fixture(scope="module")
def sets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with three small datasets."""
    folder = tmp_path_factory.mktemp("sets")
    for seed, (name, count) in enumerate([("kicks", 12), ("hats", 15), ("rest", 9)]):
        made = dataset_of(rhythms(count, seed))
        names = tuple(f"{name}{row}.wav" for row in range(count))
        write_dataset(folder / f"{name}.npz", replace(made, names=names))
    return folder


@pytest.fixture(scope="module")
def mixed(sets: Path) -> Path:
    """Return a bundle whose first voice has its own loops; only to be read."""
    kit = sets / "mixed"
    command = ["train", str(sets / "rest.npz"), "-o", str(kit), "--loops"]
    assert main([*command, f"1={sets / 'kicks.npz'}", *SHORT]) == 0
    return kit


def test_the_manifest_says_which_loops_fed_which_voice(mixed: Path) -> None:
    manifest = read_manifest(mixed)
    kicks = TrainingSet(("kicks.npz",), 12, 12, {})
    rest = TrainingSet(("rest.npz",), 9, 9, {})
    assert [voice.training_set for voice in manifest.voices] == [kicks, rest, rest]
    assert (manifest.loops, manifest.patterns) == (21, 21)
    assert [len(voice.training_points) for voice in manifest.voices] == [12, 9, 9]


def test_the_report_lists_the_loops_of_each_voice(mixed: Path) -> None:
    page = (mixed / "report.html").read_text("utf-8")
    first, second = page.split(">voice 1: map</h2>")[1].split(">voice 2: map</h2>")
    assert "Trained on kicks.npz: 12 loops, 12 patterns" in first
    assert "kicks11.wav<br>" in first
    assert "rest" not in first
    assert "Trained on rest.npz: 9 loops" in second
    assert "blend (voice 2, voice 3)" in page


def test_candidates_are_picked_and_trained_on_with_the_voices_own_loops(
    sets: Path, mixed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    goal = tmp_path / "more"
    command = ["train", "--from", str(mixed), "-o", str(goal)]
    assert main([*command, "--loops", f"2={sets / 'hats.npz'}", *SHORT]) == 0
    first, second, third = (voice.training_set for voice in read_manifest(goal).voices)
    assert first == TrainingSet(("mixed",), 12, 12, {})
    assert second == TrainingSet(("mixed", "hats.npz"), 24, 24, {})
    assert third == TrainingSet(("mixed",), 9, 9, {})
    capsys.readouterr()
    assert main(["train", "-o", str(goal), "--pick", "1", "--json"]) == 0
    output = capsys.readouterr()
    assert "voice 2 (map): trained on mixed, hats.npz: 24 loops, 24 patterns" in output.err
    listed = json.loads(output.out)["voices"][1]["training_set"]
    assert (listed["sources"], listed["loops"]) == (["mixed", "hats.npz"], 24)
    assert read_manifest(goal).voices[1].training_set == second
    assert [len(read_checkpoint(goal).sets.of(voice)) for voice in range(3)] == [12, 24, 9]


def test_a_manifest_without_training_sets_is_read(mixed: Path) -> None:
    manifest = read_manifest(mixed)
    document = asdict(manifest)
    for voice in document["voices"]:
        del voice["training_set"]
    old = parse_manifest(json.dumps(document).encode())
    assert [voice.training_set for voice in old.voices] == [None] * 3
    assert parse_manifest(manifest_bytes(old)) == old


@pytest.mark.parametrize(
    ("arguments", "code", "reason"),
    [
        (["--loops", "4={kicks}"], 2, "the voice is from 1 to 3"),
        (["--loops", "0={kicks}"], 2, "the voice is from 1 to 3"),
        (["--voices", "map", "--loops", "2={kicks}"], 2, "the voice is 1, the only one"),
        (["--loops", "{kicks}"], 2, "write VOICE=FOLDER"),
        (["--loops", "1="], 2, "write VOICE=FOLDER"),
        (["--loops", "1=nowhere"], 1, "--loops 1=nowhere: no such file or folder"),
        (["--loops", "1={kicks}", "--loops", "1={hats}"], 2, "voice 1 already has"),
        (["--loops", "1={kicks}", "--loops", "2={hats}"], 2, "voice 3 has no loops"),
        (["{kicks}", "--share", "0.5"], 2, "encoded already, without --share"),
        (["{kicks}", "--meter", "3/4"], 2, "encoded already, without --meter"),
        (["{tmp}", "--meter", "13/8"], 2, "13/8"),
        (["{tmp}", "--share", "2"], 2, "--share 2"),
    ],
)
def test_wrong_loops_are_refused_in_one_line_before_any_work(
    sets: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    code: int,
    reason: str,
) -> None:
    names = {"kicks": sets / "kicks.npz", "hats": sets / "hats.npz", "tmp": tmp_path}
    goal = tmp_path / "kit"
    command = ["train", "-o", str(goal), *(part.format(**names) for part in arguments)]
    assert main(command) == code
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert reason in line
    assert not goal.exists()


@pytest.mark.parametrize(
    ("names", "listed"),
    [
        (["a/kicks/", "b/x.wav"], ("kicks", "x.wav")),
        ([f"{n}.wav" for n in range(20)], (*(f"{n}.wav" for n in range(16)), "4 more")),
        (["\udcff.wav"], ("?.wav",)),
    ],
)
def test_sources_have_names_that_a_manifest_can_hold(
    names: list[str], listed: tuple[str, ...]
) -> None:
    assert source_names(names) == listed


@pytest.fixture(scope="module")
def loops(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo") / "loops"
    write_demo_loops(folder, 7, 2)
    (folder / "song.m4a").write_bytes(b"")
    return folder


def test_the_intake_of_a_folder_is_summarised_as_by_encode(
    loops: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["encode", str(loops), "-o", str(tmp_path / "d.npz"), "--share", "0.5"]) == 0
    summary = capsys.readouterr().err.splitlines()[:-1]
    assert any(line.startswith("skipped   song.m4a") for line in summary)
    command = ["train", str(loops), "-o", str(tmp_path / "kit"), "--share", "0.5"]
    assert main([*command, "--voices", "map", *SHORT]) == 0
    assert capsys.readouterr().err.splitlines()[: len(summary)] == summary


def test_the_manifest_names_the_revision_of_a_project(loops: Path, tmp_path: Path) -> None:
    project, kit = tmp_path / "mine", tmp_path / "kit"
    assert main(["encode", str(loops), "--project", str(project)]) == 0
    name = next(iter(load(project).loops.values())).name
    assert main(["dataset", "edit", str(project), name, "--voice", "2"]) == 0
    assert load(project).revision == 2
    command = ["train", str(project), "-o", str(kit), "--voices", "map,map"]
    assert main([*command, *SHORT]) == 0
    sets = [voice.training_set for voice in read_manifest(kit).voices]
    count = len(load(project).loops)
    assert sets == [
        TrainingSet(("mine",), count - 1, count - 1, {"mine": 2}),
        TrainingSet(("mine",), count, count, {"mine": 2}),
    ]
