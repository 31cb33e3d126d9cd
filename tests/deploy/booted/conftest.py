"""One machine, provisioned once, that all tests of this folder share in their order."""

import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from deploy.provision import provision
from tests.deploy.booted.container import Container
from tests.deploy.booted.machine import Machine
from tests.deploy.booted.steps import deploy_to, status_of
from tests.deploy.booted.userland import fetched_wheels, made_root
from tests.deploy.conftest import Done

ROOT = Path(__file__).parents[3]
CACHE = ROOT / "out" / "booted"


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The checkout's firmware."""
    return provision.build_wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="session")
def wheelhouse() -> Path:
    return fetched_wheels(CACHE, provision.requirements())


@contextmanager
def switched_off(folder: Path, *packages: str) -> Iterator[Container]:
    """A machine that nothing was installed on but these packages of Debian."""
    CACHE.mkdir(parents=True, exist_ok=True)
    # In memory, where the many syncs of apt, pip and seals take no time.
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3g", "tmpfs", folder], check=True)
    try:
        root = folder / "root"
        subprocess.run(["cp", "-a", made_root(CACHE, *packages), root], check=True)
        yield Container(root, folder / "laptop")
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.fixture(scope="session")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """A booted machine that nothing was installed on."""
    with switched_off(tmp_path_factory.mktemp("machine")) as machine:
        machine.start()
        yield machine
        machine.cut_power()


Deploy = Callable[..., Done]


@pytest.fixture
def deploy(machine: Machine) -> Deploy:
    """Run `deploy` for the machine that the tests share."""
    return partial(deploy_to, machine)


Status = Callable[[], dict[str, Any]]


@pytest.fixture
def status(machine: Machine) -> Status:
    """Ask for the status of the machine that the tests share."""
    return partial(status_of, machine)
