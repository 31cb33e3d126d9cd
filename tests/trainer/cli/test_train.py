"""`trainer train`: from a dataset to a bundle that every runtime plays."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from firmware.bundle.bundle import read_bundle, read_manifest, write_bundle
from firmware.bundle.decoder import installed_runtimes, load_decoders
from firmware.bundle.manifest import BundleError, stored_file
from firmware.engine.pattern import STEPS
from tests.trainer.rhythms import dataset_of, rhythms
from trainer.__main__ import main
from trainer.data.dataset import read_dataset, write_dataset
from trainer.export.check_runtime import check_under_all_runtimes
from trainer.export.voices import flips, run
from trainer.model.checkpoint import FILE, read_checkpoint
from trainer.model.measures import f1_score

SMALL = ["--voices", "map", "--steps", "60"]
PAPER = ["--paper", "--voices", "model2", "--epochs", "2"]


def test_the_bundle_holds_what_was_asked_for(kit: Path) -> None:
    manifest = read_bundle(kit).manifest
    assert [voice.name for voice in manifest.voices] == ["map", "map"]
    assert manifest.voices[1].layers == (32, 64, 64, 2, 64, 72, 96)
    assert (manifest.seed, manifest.patterns, manifest.loops) == (3, 60, 60)
    for voice in manifest.voices:
        assert voice.outputs == ("onset", "velocity", "offset")
        assert len(voice.training_points) == 60
        assert len(voice.check_points) >= 16
        assert {"f1", "plausible", "flips_0.5", "velocity_rmse", "jump"} <= set(voice.metrics)
        assert [(axis.name, axis.low, axis.high) for axis in voice.axes] == [
            ("density", "sparse", "dense"),
            ("syncopation", "straight", "syncopated"),
        ]
        assert (voice.mapping, voice.warp) == ("linear", ((-2, 2), (-2, 2)))


def test_figures_are_those_of_the_files(kit: Path) -> None:
    kept = read_checkpoint(kit)
    for decoder, voice in zip(load_decoders(read_bundle(kit)), kept.voices, strict=True):
        metrics = decoder.voice.metrics
        heard = run(decoder, voice.candidate.points)[:, :STEPS] > 0.5
        assert metrics["f1"] == pytest.approx(f1_score(heard, kept.dataset.onset), abs=1e-5)
        # The kept weights are rounded, which moves a few steps over the threshold.
        assert flips(decoder, voice.candidate.model) == pytest.approx(
            {name: metrics[name] for name in metrics if name.startswith("flips")}, abs=0.001
        )
        assert np.allclose(voice.candidate.points, decoder.voice.training_points, atol=1e-3)


def test_the_decoder_learned_rhythm_and_feel(kit: Path) -> None:
    first, second = read_manifest(kit).voices
    for metrics in (first.metrics, second.metrics):
        assert metrics["f1"] > 0.8
        assert metrics["x_density"] > 0.7
        assert metrics["y_syncopation"] > 0.4
        assert metrics["dead_latents"] == 0
        assert metrics["velocity_rmse"] < 1.1 * metrics["velocity_rmse_mean"]
        assert metrics["offset_rmse"] < 0.05
        assert metrics["overlap"] < 0.7
        assert max(value for name, value in metrics.items() if "flips" in name) < 1


def test_a_kept_candidate_is_picked_without_training(
    kit: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    goal = tmp_path / "kit"
    shutil.copytree(kit, goal)
    assert main(["train", "-o", str(goal), "--pick", "1,2"]) == 0
    before, after = (read_bundle(folder) for folder in (kit, goal))
    assert after.models[0] == before.models[0]
    assert after.models[1] != before.models[1]
    assert [voice.chosen for voice in read_checkpoint(goal).voices] == [0, 1]
    assert main(["train", "-o", str(goal), "--pick", "1"]) == 0
    assert read_bundle(goal).models == before.models
    assert main(["train", "-o", str(goal), "--pick", "3"]) == 2
    assert "from 1 to 2" in capsys.readouterr().err
    assert main(["train", "-o", str(goal)]) == 2


def test_the_same_command_gives_the_same_bytes(
    dataset_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    folders = [tmp_path / name / "kit" for name in ("one", "two")]
    for folder in folders:
        assert main(["train", str(dataset_file), "-o", str(folder), *SMALL]) == 0
    names = sorted(path.name for path in folders[0].iterdir())
    assert names == sorted(["manifest.json", "map.png", "report.html", FILE, "voice1.tflite"])
    for name in names:
        assert (folders[0] / name).read_bytes() == (folders[1] / name).read_bytes(), name
    assert read_manifest(folders[0]).created == "1970-01-02T00:00:00Z"


def test_a_bundle_does_not_show_how_many_cores_made_it(tmp_path: Path) -> None:
    dataset = tmp_path / "many.npz"
    write_dataset(dataset, dataset_of(rhythms(600)))
    command = [sys.executable, "-m", "trainer", "train", str(dataset)]
    command += [*SMALL, "-o"]
    made = []
    cores = sorted(os.sched_getaffinity(0))
    for count in (1, len(cores)):
        kit = tmp_path / str(count) / "kit"
        subprocess.run(
            [*command, str(kit)],
            check=True,
            capture_output=True,
            env={**os.environ, "SOURCE_DATE_EPOCH": "0"},
            preexec_fn=partial(os.sched_setaffinity, 0, cores[:count]),
        )
        made.append({path.name: path.read_bytes() for path in kit.iterdir()})
    assert made[0] == made[1]


def test_a_runtime_that_computes_other_values_stops_the_bundle(
    kit: Path, tmp_path: Path
) -> None:
    bundle = read_bundle(kit)
    voice = bundle.manifest.voices[0]
    point = voice.check_points[5]
    wrong = replace(point, expected=(1 - point.expected[0], *point.expected[1:]))
    voices = (replace(voice, check_points=(wrong,) * 16), bundle.manifest.voices[1])
    manifest = replace(bundle.manifest, voices=voices, extras=())
    contents = {v.file: data for v, data in zip(voices, bundle.models, strict=True)}
    write_bundle(tmp_path / "wrong", manifest, contents)
    with pytest.raises(BundleError, match=f"under {installed_runtimes()[0]}.*wrong values"):
        check_under_all_runtimes(tmp_path / "wrong")


def test_training_goes_on_from_a_bundle(kit: Path, tmp_path: Path) -> None:
    more = tmp_path / "more.npz"
    dataset = dataset_of(rhythms(10, seed=8))
    write_dataset(more, replace(dataset, names=tuple(f"more{n}.wav" for n in range(10))))
    goal = tmp_path / "on"
    command = ["train", str(more), "-o", str(goal), "--from", str(kit), "--steps", "600"]
    assert main(command) == 0
    assert read_manifest(goal).patterns == 70
    before, after = (read_checkpoint(folder) for folder in (kit, goal))
    for old, new in zip(before.voices, after.voices, strict=True):
        moved = np.linalg.norm(new.candidate.points[:60] - old.candidate.points, axis=1)
        assert np.median(moved) <= 0.12
        assert np.quantile(moved, 0.9) <= 0.22


@pytest.mark.parametrize("count", [1, 2, 5])
def test_few_loops_train_and_say_what_to_expect(
    count: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_dataset(tmp_path / "few.npz", dataset_of(rhythms(20)[:count]))
    goal = tmp_path / "kit"
    assert main(["train", str(tmp_path / "few.npz"), "-o", str(goal), *SMALL]) == 0
    assert len(load_decoders(read_bundle(goal))) == 1
    assert ("add loops" in capsys.readouterr().err) == (count < 5)


@pytest.mark.paper
def test_the_paper_is_followed_and_its_collapse_is_named(
    dataset_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    goal = tmp_path / "paper"
    command = ["train", str(dataset_file), "-o", str(goal), "--paper", "--json"]
    assert main([*command, "--voices", "model2", "--epochs", "300", "--l2", "0.1"]) == 0
    said = capsys.readouterr()
    voice = read_manifest(goal).voices[0]
    assert (voice.latent_kind, voice.mapping, voice.outputs) == ("relu", "classic", ("onset",))
    assert voice.warp == ((-10, 10), (-10, 10))
    assert voice.axes == ()
    assert voice.metrics["distinct"] == 1
    assert "model2 has collapsed" in said.err
    assert "--l2 1e-5" in said.err
    assert json.loads(said.out)["voices"][0]["metrics"]["distinct"] == 1


@pytest.mark.paper
def test_more_latents_reach_the_bundle(dataset_file: Path, tmp_path: Path) -> None:
    goal = tmp_path / "kit"
    options = ["--voices", "model3", "--epochs", "2"]
    options += ["--latent-dims", "3", "--quantise", "weight-only"]
    assert main(["train", str(dataset_file), "-o", str(goal), *options]) == 0
    (decoder,) = load_decoders(read_bundle(goal))
    assert decoder.voice.latents == 3
    assert decoder.voice.outputs == ("onset",)
    assert len(decoder.decode((0.2, 0.4, 0.9)).onset) == STEPS


def test_pictures_and_report_are_named_by_the_manifest(kit: Path) -> None:
    extras = {extra.file: extra for extra in read_manifest(kit).extras}
    assert set(extras) == {"map.png", "report.html"}
    for name, extra in extras.items():
        assert stored_file(name, (kit / name).read_bytes()) == extra


@pytest.mark.parametrize(
    ("arguments", "code", "reason"),
    [
        (["--voices", "model9"], 2, "--voices takes one to three"),
        (["--voices", "model1,model1,model1,model1"], 2, "--voices takes one to three"),
        (["--pick", "9"], 2, "--pick takes numbers from 1 to 1"),
        (["--seed", "-1"], 2, "--seed is at least 0"),
        (["--from", "nowhere"], 1, "nowhere"),
        (["--from", "nowhere", "--latent", "relu"], 2, "--from keeps what --latent"),
        (["--from", "nowhere", "--no-groove"], 2, "--from keeps what --groove"),
        (["--voices", ""], 2, "--voices takes one to three"),
        (["more.npz"], 2, "more.npz: unexpected argument"),
    ],
)
def test_wrong_use_is_told_in_one_line_before_any_work(
    dataset_file: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    code: int,
    reason: str,
) -> None:
    goal = tmp_path / "kit"
    assert main(["train", str(dataset_file), "-o", str(goal), *arguments]) == code
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert reason in line
    assert not goal.exists()


def test_a_folder_that_is_no_bundle_is_left_alone(
    dataset_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "diary.txt").write_text("mine")
    assert main(["train", str(dataset_file), "-o", str(tmp_path), *SMALL]) == 1
    assert "choose another name" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["diary.txt"]


@pytest.mark.parametrize(
    ("option", "text"),
    [
        ("--epochs", "1e3"),
        ("--epochs", "1000000000000"),
        ("--candidates", "0"),
        ("--l2", "abc"),
        ("--dropout", "1"),
        ("--hold-back", "nan"),
    ],
)
def test_a_wrong_number_is_told_in_one_line(
    option: str, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["train", "loops", "-o", "kit", option, text])
    assert ended.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert f"argument {option}: '{text}' is no" in line


def test_a_place_where_nothing_can_be_written_is_told_before_any_work(
    dataset_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    for place in (tmp_path / "file" / "kit", Path("/proc/kit")):
        assert main(["train", str(dataset_file), "-o", str(place), *SMALL]) == 1
        (line,) = capsys.readouterr().err.splitlines()
        assert f"{place.parent}: nothing can be written there" in line
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_what_a_person_put_beside_a_bundle_is_not_lost(
    kit: Path, dataset_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    goal = tmp_path / "kit"
    shutil.copytree(kit, goal)
    (goal / "notes.txt").write_text("mine")
    assert main(["train", str(dataset_file), "-o", str(goal), *SMALL]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "holds notes.txt, which is no part of a kit" in line
    assert (goal / "notes.txt").read_text() == "mine"


@pytest.mark.parametrize("epoch", ["soon", "99999999999999"])
def test_a_date_that_is_none_is_told_before_any_work(
    epoch: str,
    dataset_file: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", epoch)
    assert main(["train", str(dataset_file), "-o", str(tmp_path / "kit"), *SMALL]) == 2
    assert f"SOURCE_DATE_EPOCH is '{epoch}'" in capsys.readouterr().err


def test_a_missing_keras_is_named_before_any_training(
    dataset_file: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("trainer.cli.train.find_spec", lambda name: None)
    assert main(["train", str(dataset_file), "-o", str(tmp_path / "kit"), *PAPER]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "exnihilo[paper]" in line


def test_training_a_map_loads_no_tensorflow(dataset_file: Path, tmp_path: Path) -> None:
    script = (
        "import sys; from trainer.__main__ import main; main(sys.argv[1:]); "
        "sys.exit(bool({'tensorflow', 'keras'} & set(sys.modules)))"
    )
    command = [sys.executable, "-c", script, "train", str(dataset_file)]
    subprocess.run([*command, "-o", str(tmp_path / "kit"), *SMALL], check=True)


def test_files_where_a_person_works_are_not_run(
    kit: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "json.py").write_text("raise RuntimeError('a file of the person')\n")
    monkeypatch.chdir(tmp_path)
    assert check_under_all_runtimes(kit) == installed_runtimes()


def test_what_is_no_loop_is_not_passed_over(
    kit: Path, dataset_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    goal = ["-o", str(tmp_path / "kit")]
    assert main(["train", str(kit), *goal]) == 2
    assert f"--from {kit}" in capsys.readouterr().err
    assert main(["train", str(tmp_path), str(dataset_file), *goal]) == 2
    assert "a dataset is trained alone" in capsys.readouterr().err


def test_a_dataset_without_a_pattern_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], dataset_file: Path
) -> None:
    whole = read_dataset(dataset_file)
    empty = dataset_of(np.zeros((0, STEPS), bool))
    write_dataset(tmp_path / "empty.npz", empty)
    assert len(whole) == 60
    assert main(["train", str(tmp_path / "empty.npz"), "-o", str(tmp_path / "kit")]) == 1
    assert "no pattern in it" in capsys.readouterr().err
