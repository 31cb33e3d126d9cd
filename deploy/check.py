"""Hold a bundle to its hashes and check points in a process of its own.

A decoder that makes the runtime crash, spin or eat memory ends that process, never the one
that asked. It starts at once and loads the runtime while the bundle is still arriving.

    python -m deploy.check < FOLDER_AS_JSON
"""

import json
import os
import subprocess
import sys
from pathlib import Path

from firmware.bundle import read_bundle
from firmware.manifest import BundleError

CHECK_S = 60.0
MEMORY_BYTES = 2 << 30
SOUND = "sound\n"


class Checker:
    """The checking process, waiting for a folder."""

    def __init__(self) -> None:
        """Start it."""
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-m", "deploy.check"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            # One BLAS thread: its buffers would otherwise fill the memory that is allowed.
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        )

    def check(self, folder: Path) -> None:
        """Wait for the verdict on a bundle, once. Raises `BundleError` with the reason."""
        try:
            said, _ = self._process.communicate(json.dumps(str(folder)), timeout=CHECK_S)
        except subprocess.TimeoutExpired:
            raise BundleError(f"its decoders did not finish in {CHECK_S:g} s here") from None
        if said != SOUND:
            code = self._process.returncode
            crash = f"its decoders crash the runtime that is installed here (exit code {code})"
            raise BundleError(said.strip().replace(f"{folder}{os.sep}", "") or crash)

    def __enter__(self) -> "Checker":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()
        self._process.wait()


def main() -> int:
    """Read a folder's name, say `sound` or why not."""
    _limit()
    try:
        from firmware.decoder import load_decoders, load_runtime  # noqa: PLC0415 - see below

        # Loaded before the folder is known: this is what takes the time.
        runtime = load_runtime()
        name = sys.stdin.read()
        if name:
            load_decoders(read_bundle(Path(json.loads(name))), runtime)
    except (BundleError, ImportError, OSError, MemoryError) as error:
        sys.stdout.write(f"{error or type(error).__name__}\n")
        return 1
    sys.stdout.write(SOUND)
    return 0


def _limit() -> None:
    """Bound the memory and time of this process and let it write no file."""
    if sys.platform != "linux":
        return
    import resource  # noqa: PLC0415 - not on every system

    cpu_s = int(CHECK_S)
    limits = {
        resource.RLIMIT_AS: MEMORY_BYTES,
        resource.RLIMIT_CPU: cpu_s,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: 0,
    }
    for kind, most in limits.items():
        _, hard = resource.getrlimit(kind)
        bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (bound, bound))


if __name__ == "__main__":
    sys.exit(main())
