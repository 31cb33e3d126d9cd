"""The default maps are worth exploring: what the page on training says of them, held."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.bench.experiments import FLIPS, WHOLE, chosen, demo_dataset, paper_runs
from tests.trainer.rhythms import dataset_of, rhythms
from trainer.data.dataset import write_dataset
from trainer.model.maps import FLIPS_MAX
from trainer.model.models import ENSEMBLE
from trainer.model.train_step import tensorflow
from trainer.pipeline.plan import Wishes

MEMORY_BYTES = 2 * 10**9
MEASURE = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stderr=subprocess.DEVNULL)
print(1024 * resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


@pytest.mark.soak
def test_default_maps_are_alive_faithful_and_richer_than_the_papers(
    soak: Callable[[int, int], int],
) -> None:
    tensorflow()
    dataset = demo_dataset(WHOLE)
    papers = paper_runs(dataset, "model1")["plausible"]
    for name in ENSEMBLE[: soak(1, 3)]:
        figures = chosen(dataset, Wishes(voices=(name,)), soak(1, 5))
        assert figures["dead_latents"] == 0
        assert figures["f1"] >= 0.82
        assert figures["plausible"] >= 3 * papers
        assert max(figures[flips] for flips in FLIPS) <= FLIPS_MAX


@pytest.mark.soak
def test_five_thousand_patterns_train_in_two_gigabytes(
    tmp_path: Path, soak: Callable[[int, int], int]
) -> None:
    write_dataset(tmp_path / "many.npz", dataset_of(rhythms(5000)))
    command = [sys.executable, "-m", "trainer", "train", str(tmp_path / "many.npz")]
    command += ["-o", str(tmp_path / "kit"), "--epochs", str(soak(1, 40))]
    command += ["--candidates", str(soak(2, 16)), "--voices", ",".join(ENSEMBLE[: soak(1, 3)])]
    measured = subprocess.run(
        [sys.executable, "-c", MEASURE, *command], check=True, capture_output=True, text=True
    )
    assert int(measured.stdout) < MEMORY_BYTES
