"""What the tests of the patch share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pd.live import Module, Teller


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory, bundle_folder: Path) -> Iterator[Module]:
    """Run a module for all tests of a file."""
    one = Module(tmp_path_factory.mktemp("module"), bundle_folder)
    yield one
    one.close()


@pytest.fixture
def teller() -> Iterator[Teller]:
    one = Teller()
    yield one
    one.close()
