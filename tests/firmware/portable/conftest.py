"""The portable core, built once."""

import ctypes

import pytest

from tests.firmware.portable.core import build, load


@pytest.fixture(scope="session")
def core(pytestconfig: pytest.Config) -> ctypes.CDLL:
    """Return the core as a shared library."""
    return load(build(pytestconfig.cache.mkdir("portable")))
