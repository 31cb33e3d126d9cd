"""A process of the module, started by a test in its supervisor's place."""

import subprocess
import sys
from collections.abc import Sequence


def start_process(
    module: str, launch: object, shared: Sequence[int]
) -> "subprocess.Popen[bytes]":
    """Start the `main` of a module with its configuration, which is a dataclass."""
    kind = type(launch)
    script = (
        f"from {module} import main; from {kind.__module__} import {kind.__name__}; "
        f"main({launch!r})"
    )
    return subprocess.Popen([sys.executable, "-c", script], pass_fds=shared)
