"""Wheels of the firmware: the checkout's, and ones that behave badly in one place."""

import zipfile
from dataclasses import dataclass
from pathlib import Path

SUPERVISOR = "firmware/supervisor/supervisor.py"
READY = 'self._notifier.notify("READY=1")\n'


@dataclass(frozen=True)
class Edit:
    """What is replaced in a file of the wheel; without `old`, all of it."""

    file: str
    old: str
    new: str

    def applied(self, text: str) -> str:
        """Return the file's new text."""
        if not self.old:
            return self.new
        assert self.old in text, f"{self.file} has no {self.old!r} any more"
        return text.replace(self.old, self.new)


GOOD = Edit("firmware/__init__.py", "__version__ =", "# A later build.\n__version__ =")

BAD = {
    "crashes at import": Edit(SUPERVISOR, "", 'raise ImportError("a bad build")\n'),
    "hangs before it is ready": Edit(SUPERVISOR, "", "import time\ntime.sleep(1e6)\n"),
    "hangs once it is ready": Edit(SUPERVISOR, READY, f"{READY}            time.sleep(1e6)\n"),
    "never reports healthy": Edit(
        "firmware/panel/controller.py", "healthy=alive and", "healthy=not alive and"
    ),
    "breaks the receiver": Edit(
        "deploy/receiver/receiver.py", "", 'raise ImportError("a bad build")\n'
    ),
}


def altered(wheel: Path, edit: Edit, folder: Path) -> Path:
    """Write a wheel of the same name with one file changed."""
    folder.mkdir()
    with (
        zipfile.ZipFile(wheel) as source,
        zipfile.ZipFile(folder / wheel.name, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        assert edit.file in source.namelist()
        for entry in source.infolist():
            data = source.read(entry)
            if entry.filename == edit.file:
                data = edit.applied(data.decode()).encode()
            target.writestr(entry, data)
    return folder / wheel.name
