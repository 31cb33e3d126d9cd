"""The licences of all packages that the project installs.

    python -m tools.licences [EXTRA ...]

Without an extra: what a module or a laptop has by default. Exit code 1 if one of them is under
the GPL; the LGPL is not meant.
"""

import re
import sys
from collections.abc import Iterator, Sequence
from importlib.metadata import PackageNotFoundError, metadata, requires

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

DEFAULT = ("pi", "desk", "trainer", "link")
COPYLEFT = re.compile(r"\bA?GPL|GNU (Affero )?General Public", re.IGNORECASE)
_LICENCE = "License :: "


def packages(extras: Sequence[str], root: str = "exnihilo") -> tuple[str, ...]:
    """Return the names of all packages that are installed here for some extras."""
    found: dict[str, None] = {}
    waiting = [(root, tuple(extras))]
    seen = set()
    while waiting:
        name, wanted = waiting.pop()
        if (name, wanted) in seen:
            continue
        seen.add((name, wanted))
        try:
            needed = requires(name) or []
        except PackageNotFoundError:
            continue
        found[name] = None
        waiting += _needed(needed, wanted)
    return tuple(sorted(found.keys() - {root}))


def licence(name: str) -> str:
    """Return what a package says of its licence, empty if it says nothing."""
    document = metadata(name)
    expression = (document.get_all("License-Expression") or [""])[0]
    classifiers = [
        text.split(" :: ")[-1]
        for text in document.get_all("Classifier") or ()
        if text.startswith(_LICENCE)
    ]
    stated = (document.get_all("License") or [""])[0].strip().splitlines()
    return expression or "; ".join(classifiers) or (stated[0][:60] if stated else "")


def _needed(
    requirements: Sequence[str], extras: Sequence[str]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    for text in requirements:
        requirement = Requirement(text)
        environments = [{"extra": extra} for extra in ("", *extras)]
        marker = requirement.marker
        if marker is None or any(marker.evaluate(one) for one in environments):
            yield canonicalize_name(requirement.name), tuple(sorted(requirement.extras))


def main(arguments: Sequence[str]) -> int:
    """Print the licences; say which may not be there."""
    rows = [(name, licence(name)) for name in packages(arguments or DEFAULT)]
    for name, text in rows:
        sys.stdout.write(f"{name:40} {text or 'none stated'}\n")
    return int(any(map(COPYLEFT.search, (text for _, text in rows))))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
