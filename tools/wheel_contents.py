"""Check what a wheel holds: every file of the three packages in the checkout, and no other.

    python tools/wheel_contents.py WHEEL CHECKOUT

It needs nothing but Python, as it runs beside a wheel that is not installed yet.
"""

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from zipfile import ZipFile

PACKAGES = ("deploy/", "firmware/", "trainer/")
COMMANDS = ("deploy", "firmware", "trainer")


def differences(held: Iterable[str], tracked: Iterable[str]) -> list[str]:
    """Return what is wrong with the names that a wheel holds, a line each."""
    wanted = {name for name in tracked if name.startswith(PACKAGES)}
    own = {name for name in held if ".dist-info/" not in name}
    missing = [f"missing: {name}" for name in sorted(wanted - own)]
    return missing + [f"not in the checkout: {name}" for name in sorted(own - wanted)]


def main() -> int:
    """Print the differences and return the exit code."""
    wheel, checkout = map(Path, sys.argv[1:])
    listed = subprocess.run(
        ["git", "-C", checkout, "ls-files"], capture_output=True, text=True, check=True
    )
    with ZipFile(wheel) as archive:
        names = archive.namelist()
        (entries,) = (name for name in names if name.endswith("entry_points.txt"))
        text = archive.read(entries).decode()
    wrong = differences(names, listed.stdout.splitlines())
    wrong += [f"no command {name}" for name in COMMANDS if f"{name} =" not in text]
    print("\n".join(wrong) or f"{wheel.name}: {len(names)} files, as in the checkout")  # noqa: T201
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
