"""Bundles with real decoders, and a home for them."""

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from firmware.bundle.store import set_current
from firmware.bundle.verify import VerifiedMarks
from firmware.storage.paths import Home, InstalledBundle
from tests.firmware.panels import PanelRig, install

MAKE_BUNDLES = Path(__file__).parents[1] / "deploy" / "make_bundles.py"


@pytest.fixture(scope="session")
def real_bundles(pytestconfig: pytest.Config) -> Path:
    """Two bundles, `drums` and `bass`, made once and kept in pytest's cache."""
    folder = pytestconfig.cache.mkdir("deploy-bundles") / "5"
    if not folder.is_dir():
        part = Path(tempfile.mkdtemp(dir=folder.parent))
        subprocess.run([sys.executable, MAKE_BUNDLES, part], check=True, capture_output=True)
        if not folder.exists():
            part.rename(folder)
    return folder


@pytest.fixture
def stocked_home(real_bundles: Path, tmp_path: Path) -> Home:
    """A home in which `bass` and `drums` are installed and `drums` was chosen."""
    home = Home(tmp_path / "home")
    install(home, real_bundles / "bass", 1)
    install(home, real_bundles / "drums", 2)
    set_current(home, InstalledBundle(2, "drums"))
    return home


@pytest.fixture
def verified_home(stocked_home: Home) -> Home:
    """The same, but `drums` has played here before, so that it is loaded at once."""
    VerifiedMarks(stocked_home).add(stocked_home.current)
    return stocked_home


@pytest.fixture
def rig() -> Iterator[Callable[..., PanelRig]]:
    """Make panels that are switched off after the test."""
    rigs: list[PanelRig] = []

    def make(home: Home, **more: object) -> PanelRig:
        rigs.append(PanelRig(home, **more))  # type: ignore[arg-type]
        return rigs[-1]

    yield make
    for one in rigs:
        one.close()
