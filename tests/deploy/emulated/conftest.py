"""One emulated machine, which all tests of this folder share in their order."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.provision import provision
from tests.deploy.booted.userland import fetched_wheels
from tests.deploy.emulated.emulator import Emulator
from tests.deploy.emulated.image import made_image

ADMIN = "me@module"
CACHE = Path(__file__).parents[3] / "out" / "emulated"


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The checkout's firmware."""
    return provision.build_wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="session")
def wheelhouse() -> Path:
    """The packages for the machine's Python."""
    return fetched_wheels(CACHE, provision.requirements(), python="3.13", machine="aarch64")


@pytest.fixture(scope="session")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """A booted machine that nothing was installed on."""
    machine = Emulator(made_image(CACHE), tmp_path_factory.mktemp("machine") / "laptop")
    machine.start()
    yield machine
    machine.cut_power()
