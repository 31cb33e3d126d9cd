"""Programs that a test runs for real, and what to do where one is missing."""

import os
import shutil
from pathlib import Path

import pytest

PLACES = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"))


def needs(*names: str) -> pytest.MarkDecorator:
    """Leave a test out where a program, or a file by its path, is not installed.

    Never in CI, which installs them all (`.ci/run`): there the test runs, and fails.
    """
    missing = [name for name in names if not _is_here(name)]
    absent = bool(missing) and os.environ.get("CI") != "true"
    return pytest.mark.skipif(absent, reason=f"not installed: {', '.join(missing)}")


def _is_here(name: str) -> bool:
    if name.startswith("/"):
        return Path(name).exists()
    return shutil.which(name, path=PLACES) is not None
