"""Compare a bundle with its check points: `python -m trainer.export.check_runtime`.

A process of its own for each runtime, since two cannot live in one beside TensorFlow.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from firmware.bundle.bundle import read_bundle
from firmware.bundle.decoder import installed_runtimes, load_decoders, load_runtime
from firmware.bundle.manifest import BundleError


def check_under_all_runtimes(folder: Path) -> tuple[str, ...]:
    """Check a bundle under every installed runtime at once; give their names.

    Raises `BundleError` with what the first that refuses it said.
    """
    names = installed_runtimes()
    children = [
        subprocess.Popen(
            # -P: what lies in the folder where somebody works is none of our modules.
            [sys.executable, "-P", "-m", "trainer.export.check_runtime", str(folder), name],
            stderr=subprocess.PIPE,
            text=True,
        )
        for name in names
    ]
    complaints = [child.communicate()[1] for child in children]
    for name, child, complaint in zip(names, children, complaints, strict=True):
        if child.returncode:
            reason = (complaint.strip().splitlines() or ["it crashed"])[-1]
            raise BundleError(f"not written: under {name}, {reason}")
    return names


def main(arguments: list[str]) -> int:
    """Load the bundle in `arguments[0]` under the runtime named by `arguments[1]`."""
    folder, runtime = arguments
    try:
        load_decoders(read_bundle(Path(folder)), load_runtime(runtime))
    except BundleError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
