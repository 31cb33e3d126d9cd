"""The home folder: the data that a module, or a desktop simulator, keeps between runs.

bundles/NAME/SEQUENCE/   whole, verified bundles; the sequence rises with every installation
current                  a link to the one that plays, replaced by renaming
staging/                 bundles that are being received; nothing here is ever played
verified/                marks of bundles that were verified, by the hash of their manifest
state/                   presets, calibration: never changed by `deploy push`
settings.toml            the user's settings
control.sock             the socket of the running firmware (`ipc/control_protocol.py`)
"""

import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from firmware.errors import UserError

_REFERENCE = re.compile(r"([A-Za-z0-9][A-Za-z0-9 ._-]{0,62})/([0-9]{6,12})")


@dataclass(frozen=True, slots=True, order=True)
class InstalledBundle:
    """One installation of a bundle. They sort in the order of installation."""

    sequence: int
    name: str

    @property
    def reference(self) -> str:
        """Its folder below `bundles`, `NAME/SEQUENCE`, as messages name it."""
        return f"{self.name}/{self.sequence:06d}"


def parse_reference(text: str) -> InstalledBundle:
    """Read `NAME/SEQUENCE`. Raises `UserError`."""
    match = _REFERENCE.fullmatch(text)
    if not match:
        raise UserError(f"{text[:80]!r}: not a kit's NAME/SEQUENCE")
    return InstalledBundle(int(match[2]), match[1])


@dataclass(frozen=True, slots=True)
class Home:
    """The paths below one home folder."""

    root: Path

    @property
    def bundles(self) -> Path:
        """Folder of the installed bundles."""
        return self.root / "bundles"

    @property
    def current(self) -> Path:
        """Link to the bundle that plays."""
        return self.root / "current"

    @property
    def staging(self) -> Path:
        """Folder of bundles that are being received."""
        return self.root / "staging"

    @property
    def state(self) -> Path:
        """Folder of presets and calibration."""
        return self.root / "state"

    @property
    def settings(self) -> Path:
        """File of the user's settings."""
        return self.root / "settings.toml"

    @property
    def calibration(self) -> Path:
        """File of the module's calibration."""
        return self.state / "calibration.json"

    @property
    def control(self) -> Path:
        """Socket of the running firmware."""
        return self.root / "control.sock"

    def prepare(self) -> None:
        """Make the folders that the processes write into. Raises `UserError`."""
        try:
            for folder in (self.bundles, self.state):
                folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UserError(
                f"{self.root}: {error.strerror}; choose another with --home"
            ) from None

    def folder(self, version: InstalledBundle) -> Path:
        """Folder of an installed bundle."""
        return self.bundles / version.reference

    def installed(self) -> tuple[InstalledBundle, ...]:
        """List the installed bundles in the order of installation."""
        found = []
        for folder in self.bundles.glob("*/*"):
            with suppress(UserError):
                found.append(parse_reference(f"{folder.parent.name}/{folder.name}"))
        return tuple(sorted(found))

    def current_bundle(self) -> InstalledBundle | None:
        """Return the bundle that `current` names, if it is installed."""
        try:
            target = self.current.readlink()
            version = parse_reference("/".join(target.parts[-2:]))
        except (OSError, UserError):
            return None
        return version if self.folder(version).is_dir() else None
