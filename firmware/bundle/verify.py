"""Verify a bundle's hashes and check points in a separate process, and record that it holds.

A decoder that makes the process crash, spin or use too much memory ends that process, never
the one that started it. The process starts at once and loads what it needs while the bundle
is still being received. Before it parses a model it gives up root, and on Linux the network
where the system lets it; it can write no file there.

    python -I -m firmware.bundle.verify [--figures] [--runtime NAME] < FOLDER_AS_JSON
"""

import argparse
import ctypes
import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import NamedTuple

from firmware import __version__
from firmware.bundle.bundle import read_bundle
from firmware.bundle.manifest import MANIFEST, BundleError
from firmware.errors import UserError
from firmware.storage.files import write_whole
from firmware.storage.paths import Home

VERIFY_S = 60.0
MEMORY_BYTES = 512 << 20
DECODE_S = 0.005
"""What a decode may take: a panel that follows a CV decodes at every scan."""

DECODERS_BYTES = 32 << 20
"""What the decoders of a bundle may add to the memory of the process that loads them."""

_TRIALS = 5
_NOBODY = 65534
_CLEAR_REFS = Path("/proc/self/clear_refs")
_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
VALID = "valid\n"


class Figures(NamedTuple):
    """What verification measures: the slowest voice's decode, and what all decoders take."""

    decode_s: float
    memory_bytes: int


class BundleVerifier:
    """The verifying process, waiting for a folder. It verifies one bundle."""

    def __init__(self, runtime: str | None = None) -> None:
        """Start the process, which decodes with a runtime or in exact arithmetic."""
        self._folder = Path()
        options = ["--runtime", runtime] if runtime else []
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-m", "firmware.bundle.verify", "--figures", *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            # One BLAS thread: its buffers would otherwise fill the memory that is allowed.
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        )

    def start(self, folder: Path) -> None:
        """Name the bundle to verify."""
        self._folder = folder
        if self._process.stdin:
            with suppress(BrokenPipeError), self._process.stdin as pipe:
                pipe.write(json.dumps(str(folder)))

    def poll(self) -> str | None:
        """Return why the bundle is refused, empty if it is valid, None while undecided."""
        return None if self._process.poll() is None else self._refusal(self._output())

    def verify(self, folder: Path) -> Figures:
        """Wait until the bundle is verified. Raises `BundleError` with the reason."""
        self.start(folder)
        try:
            self._process.wait(VERIFY_S)
        except subprocess.TimeoutExpired:
            raise BundleError(too_slow()) from None
        output = self._output()
        if reason := self._refusal(output):
            raise BundleError(reason)
        return Figures(*json.loads(output.removeprefix(VALID)))

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                with suppress(BrokenPipeError):
                    pipe.close()
        self._process.wait()

    def __enter__(self) -> "BundleVerifier":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _output(self) -> str:
        # The process writes less than a pipe holds, so it has not waited for a reader.
        return self._process.stdout.read() if self._process.stdout else ""

    def _refusal(self, output: str) -> str:
        if output.startswith(VALID):
            return ""
        crash = f"its verification crashed (exit code {self._process.returncode})"
        return output.strip().replace(f"{self._folder}{os.sep}", "") or crash


def too_slow() -> str:
    """Return the reason for refusing a bundle whose verification does not end."""
    return f"its decoders did not finish in {VERIFY_S:g} s here"


class VerifiedMarks:
    """Which bundles hold with this firmware and runtime, by the hash of their manifest.

    The manifest names the hashes of all other files, which `read_bundle` compares.
    """

    def __init__(self, home: Home) -> None:
        """Use the marks of a home folder."""
        self._folder = home.root / "verified"

    def path(self, folder: Path) -> Path:
        """Return the file of a bundle's mark. Raises `OSError` without a manifest."""
        return self._folder / hashlib.sha256((folder / MANIFEST).read_bytes()).hexdigest()

    def has(self, folder: Path) -> bool:
        """Return whether a bundle was verified by this very firmware and runtime."""
        try:
            return self.path(folder).read_text("utf-8") == mark()
        except (OSError, UnicodeDecodeError):
            return False

    def add(self, folder: Path) -> None:
        """Record a bundle as verified; what cannot be recorded is verified again."""
        with suppress(OSError, UserError):
            write_whole(self.path(folder), mark().encode(), synced=False)

    def remove(self, folder: Path) -> None:
        """Have a bundle verified again before it is next loaded."""
        with suppress(OSError):
            self.path(folder).unlink()


def mark() -> str:
    """Return the content of a mark: the firmware's version."""
    return __version__


def main(arguments: Sequence[str] | None = None) -> int:
    """Read a folder's name, write that it is valid, with figures if wanted, or why not."""
    parser = argparse.ArgumentParser(prog="python -m firmware.bundle.verify")
    parser.add_argument("--figures", action="store_true")
    parser.add_argument("--runtime")
    options = parser.parse_args(arguments)
    limit_resources()
    try:
        figures = _verify(options.runtime)
    except (ImportError, ValueError, RuntimeError, OSError, MemoryError) as error:
        sys.stdout.write(f"{str(error)[:2000] or type(error).__name__}\n")
        return 1
    sys.stdout.write(VALID + (f"{json.dumps(figures)}\n" if options.figures else ""))
    return 0


def _verify(runtime_name: str | None) -> Figures:
    """Verify the bundle whose folder standard input names; an empty one names none."""
    # Loaded before the folder is known: this is what takes the time.
    from firmware.bundle.decoder import load_decoders, load_runtime  # noqa: PLC0415

    runtime = load_runtime(runtime_name) if runtime_name else None
    name = sys.stdin.read()
    if not name:
        return Figures(0.0, 0)
    bundle = read_bundle(Path(json.loads(name)))
    restart_peak()
    isolate()
    before_bytes = peak_memory_bytes()
    decode_s = 0.0
    for decoder in load_decoders(bundle, runtime):
        middle = (0.5,) * decoder.voice.latents
        decode = partial(decoder.decode, middle)
        taken_s = check_decode_time(decoder.voice.file, decode, time.perf_counter)
        decode_s = max(decode_s, taken_s)
    memory_bytes = peak_memory_bytes() - before_bytes
    check_memory(memory_bytes)
    return Figures(decode_s, memory_bytes)


def check_decode_time(
    file: str, decode: Callable[[], object], clock: Callable[[], float]
) -> float:
    """Return the fastest of some decodes. Raises `BundleError` if it is above `DECODE_S`."""
    taken_s = []
    for _ in range(_TRIALS):
        start_s = clock()
        decode()
        taken_s.append(clock() - start_s)
    if min(taken_s) > DECODE_S:
        raise BundleError(
            f"{file}: a decode takes {min(taken_s) * 1e3:.1f} ms here; "
            f"at most {DECODE_S * 1e3:g} ms"
        )
    return min(taken_s)


def check_memory(added_bytes: int) -> None:
    """Raise `BundleError` if loading and decoding took more than `DECODERS_BYTES`."""
    if added_bytes > DECODERS_BYTES:
        raise BundleError(
            f"its decoders take {added_bytes / 1e6:.0f} MB here; "
            f"at most {DECODERS_BYTES / 1e6:.0f} MB"
        )


def restart_peak() -> None:
    """Count `peak_memory_bytes` from now on, where the system can: on Linux."""
    with suppress(OSError):
        _CLEAR_REFS.write_text("5")


def peak_memory_bytes() -> int:
    """Return the most memory that this process has had; 0 where the system cannot say."""
    if sys.platform == "linux":
        # What `getrusage` reports includes the process that started this one.
        lines = Path("/proc/self/status").read_text("utf-8").splitlines()
        return next(int(line.split()[1]) << 10 for line in lines if line.startswith("VmHWM:"))
    try:
        import resource  # noqa: PLC0415 - not on every system
    except ImportError:
        return 0
    unit_bytes = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit_bytes


def isolate() -> None:
    """Give up the network and root, as far as the system offers it.

    Linux: an empty network namespace, unless the service manager forbids namespaces. Root
    becomes nobody on every system; macOS has nothing to offer against the network.
    """
    root = os.geteuid() == 0
    if sys.platform == "linux":
        flags = _CLONE_NEWNET if root else _CLONE_NEWNET | _CLONE_NEWUSER
        ctypes.CDLL(None).unshare(flags)
    if root:
        # Root of a user namespace, as in a container, may have no other user to become.
        with suppress(OSError):
            os.setgroups([])
            os.setgid(_NOBODY)
            os.setuid(_NOBODY)


def limit_resources() -> None:
    """Bound the memory and time of this process and let it write no file."""
    if sys.platform != "linux":
        return
    import resource  # noqa: PLC0415 - not on every system

    limits = {
        resource.RLIMIT_AS: MEMORY_BYTES,
        resource.RLIMIT_CPU: int(VERIFY_S),
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: 0,
    }
    for kind, most in limits.items():
        _, hard = resource.getrlimit(kind)
        bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (bound, bound))


if __name__ == "__main__":
    sys.exit(main())
