"""Which installed firmware runs: tried, confirmed or withdrawn, wherever power is cut.

    /opt/exnihilo/versions/NAME   a firmware; its `.seal`, written last, lists all its files
    /opt/exnihilo/current         link to the version that was last confirmed
    /opt/exnihilo/next            JSON: the version on trial, its starts left and its time limit
    /run/exnihilo-version         link to the version that the service starts

`current` moves only when a version on trial has reported healthy, so a cut, a crash or a hang
at any point leads back to the version before. Standard library only.
"""

import json
import re
import sys
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from deploy.boot.seal import SEAL, is_whole, remove, replace_link, replace_text, sync

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,99}")

TRIES = 2
"""Starts of a version on trial: the second is for one that a power cut ended, not for one that
crashed or hung."""

LIMIT_MAX_S = 60.0
"""The longest limit of a trial, however slow the machine."""


class VersionError(Exception):
    """Why a version cannot be used."""


@dataclass(frozen=True, slots=True)
class Trial:
    """A version on trial, the starts it has left, and its time until it must be healthy."""

    name: str
    tries: int
    limit_s: float


class Versions:
    """The versions below a root folder, and which of them runs.

    `running` is the link that the service starts from; `home` is where its receiver works.
    """

    def __init__(self, root: Path, running: Path, home: Path) -> None:
        """Use these paths; nothing is read yet."""
        self.root = root
        self.running = running
        self.home = home

    def folder(self, name: str) -> Path:
        """Return the folder of a version. Raises `VersionError` for what is not a name."""
        if not _NAME.fullmatch(name):
            raise VersionError(f"{name[:80]!r}: not a version")
        return self.root / "versions" / name

    def current(self) -> str:
        """Return the version that was last confirmed, empty without one."""
        try:
            name = (self.root / "current").readlink().name
        except OSError:
            return ""
        return name if _NAME.fullmatch(name) else ""

    def trial(self) -> Trial | None:
        """Return the version on trial; one that cannot be read is none."""
        try:
            document = json.loads((self.root / "next").read_text("utf-8"))
            trial = Trial(
                str(document["version"]), int(document["tries"]), float(document["limit_s"])
            )
        except (OSError, ValueError, TypeError, KeyError, OverflowError):
            return None
        sane = 0 <= trial.tries <= TRIES and 0 < trial.limit_s <= LIMIT_MAX_S
        return trial if sane and _NAME.fullmatch(trial.name) else None

    def start(self) -> str:
        """Choose the version to start and point `running` at it. Raises `VersionError`."""
        name = self._tried() or self.usable(deep=False)
        remove(self.running)
        self.running.symlink_to(self.folder(name))
        return name

    def begin_trial(self, name: str, limit_s: float) -> None:
        """Have a version tried at the next start. Raises `VersionError` if it is not whole.

        It must be healthy within `limit_s` of its start.

        Without a whole version to go back to, it becomes the current one.
        """
        folder = self.folder(name)
        if not is_whole(folder, deep=True):
            raise VersionError(f"{folder}: not wholly installed; install it again")
        current = self.current()
        if current and current != name and is_whole(self.folder(current), deep=True):
            self._write_trial(Trial(name, TRIES, limit_s))
        else:
            self.confirm(name)

    def confirm(self, name: str) -> None:
        """Make a version the current one, and remove all but it and the one before."""
        before = self.current()
        if before == name:
            self.withdraw()
            return
        replace_link(self.root / "current", Path("versions") / name)
        self.withdraw()
        for folder in (self.root / "versions").iterdir():
            if folder.name not in {name, before}:
                with suppress(NotADirectoryError):
                    (folder / SEAL).unlink(missing_ok=True)
                remove(folder)

    def withdraw(self) -> None:
        """End a trial; `current` is started from now on."""
        remove(self.root / "next")
        sync(self.root)

    def on_trial(self) -> str:
        """Return the version that runs on trial, empty if a confirmed one runs."""
        trial = self.trial()
        try:
            running = self.running.readlink().name
        except OSError:
            return ""
        return running if trial and trial.name == running else ""

    def repair(self) -> str:
        """End a trial and point `current` at a whole version. Raises `VersionError`."""
        name = self.usable(deep=True)
        self.withdraw()
        if self.current() != name:
            replace_link(self.root / "current", Path("versions") / name)
        return name

    def receiver(self) -> list[str]:
        """Return the command of a receiver in a whole version. Raises `VersionError`."""
        python = self.folder(self.usable(deep=False)) / "bin" / "python"
        receiver = ["-B", "-I", "-m", "deploy.receiver.receiver"]
        return [str(python), *receiver, "--home", str(self.home)]

    def _tried(self) -> str:
        """Take one of the trial's starts; return its version, empty to start another."""
        trial = self.trial()
        if not trial:
            return ""
        if trial.name == self.current() or trial.tries <= 0 or self._has_ended(trial):
            return self._no_longer(trial)
        left = replace(trial, tries=trial.tries - 1)
        self._write_trial(left)
        if not is_whole(self.folder(trial.name), deep=True):
            return self._no_longer(trial)
        # While it was read, its time may have run out and the trial have been ended.
        return trial.name if self.trial() == left else ""

    def _has_ended(self, trial: Trial) -> bool:
        """Return whether it was started since power came on; `running` outlives no cut."""
        return trial.tries < TRIES and self.on_trial() == trial.name

    def _no_longer(self, trial: Trial) -> str:
        _log(f"{trial.name} is no longer tried")
        self.withdraw()
        return ""

    def usable(self, *, deep: bool) -> str:
        """Return the current version if it is whole, else another that is."""
        current = self.current()
        if current and is_whole(self.folder(current), deep=deep):
            return current
        folders = self.root / "versions"
        for folder in sorted(folders.iterdir()) if folders.is_dir() else ():
            if _NAME.fullmatch(folder.name) and is_whole(folder, deep=True):
                return folder.name
        raise VersionError(f"{folders}: holds no whole firmware; run `deploy repair`")

    def _write_trial(self, trial: Trial) -> None:
        document = {"version": trial.name, "tries": trial.tries, "limit_s": trial.limit_s}
        replace_text(self.root / "next", json.dumps(document) + "\n")


def _log(text: str) -> None:
    sys.stderr.write(f"{text}\n")
