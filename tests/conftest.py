"""What all tests share."""

import os

# As the commands do; several threads in each process of the tests wait for each other.
os.environ["OPENBLAS_NUM_THREADS"] = "1"

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

from firmware.bundle.decoder import load_runtime
from tests.programs import leave_out

# Before any test imports TensorFlow, or every interpreter made after it fails.
load_runtime()

settings.register_profile("dose", deadline=None, max_examples=50, derandomize=True)
settings.register_profile("soak", deadline=None, max_examples=2000)

SOAKING = os.environ.get("EXNIHILO_SOAK") == "1"
settings.load_profile("soak" if SOAKING else "dose")


@pytest.fixture(scope="session")
def soak() -> Callable[[int, int], int]:
    """Choose how much: a small dose in `make test`, all of it in `make soak`."""
    return lambda dose, full: full if SOAKING else dose


@pytest.fixture(scope="session")
def bundle_folder() -> Path:
    """Give a bundle of three trained voices; only to be read."""
    return Path(__file__).parent / "data" / "bundle"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out what this machine has no programs for; nothing in CI."""
    leave_out(items)
