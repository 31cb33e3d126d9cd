"""Verify a bundle in a process that may crash: `python -m firmware.check_bundle FOLDER`.

Exits with 0, or prints the reason and exits with 1.
"""

import sys
from pathlib import Path

from firmware.bundle import read_bundle
from firmware.decoder import load_decoders
from firmware.manifest import BundleError


def main() -> int:
    """Verify the bundle that the command line names."""
    try:
        load_decoders(read_bundle(Path(sys.argv[1])))
    except (BundleError, ImportError, ValueError, RuntimeError, OSError) as error:
        sys.stdout.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
