"""One small training for all tests of the trainer's models."""

from pathlib import Path

import pytest

from tests.trainer.rhythms import dataset_of, rhythms
from trainer.__main__ import main
from trainer.data.dataset import write_dataset


@pytest.fixture(scope="session")
def dataset_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("dataset") / "dataset.npz"
    write_dataset(path, dataset_of(rhythms(60)))
    return path


@pytest.fixture(scope="session")
def kit(dataset_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a bundle that `trainer train` wrote; only to be read."""
    folder = tmp_path_factory.mktemp("trained") / "kit"
    options = ["--voices", "map,map", "--candidates", "2", "--steps", "600"]
    assert main(["train", str(dataset_file), "-o", str(folder), "--seed", "3", *options]) == 0
    return folder
