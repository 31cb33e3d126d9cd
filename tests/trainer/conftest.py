"""One small training for all tests of the trainer's models, and one browser."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

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


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Give a browser. It ends with the module, since it occupies the thread's event loop."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--autoplay-policy=no-user-gesture-required"],
        )
        yield browser
        browser.close()
