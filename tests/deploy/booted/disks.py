"""A disk whose contents at one moment can be had, as a power cut would leave them.

The ext4 is on a loop device whose file is on an XFS in memory: a clone of that file is what the
kernel had written at one moment, and takes no time.
"""

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

STORE_BYTES = 8 << 30
"""Of the XFS, which is sparse: what is written is less than two gigabytes."""

DISK_BYTES = 2 << 30


def root(*command: object) -> None:
    """Run a command that needs to be root."""
    subprocess.run([*map(str, command)], check=True, capture_output=True)


@contextmanager
def mounted(source: object, folder: Path, *options: str) -> Iterator[Path]:
    """Mount something on a new folder."""
    folder.mkdir()
    root("mount", *options, source, folder)
    try:
        yield folder
    finally:
        root("umount", "--lazy", folder)


class Disk:
    """A disk, mounted at `folder`, and the moments of it that are kept."""

    def __init__(self, store: Path, folder: Path) -> None:
        """Use a disk whose file is in a store."""
        self.folder = folder
        self._device = store / "device"
        self._store = store

    def cut(self, name: str) -> Path:
        """Return an image of the disk as it is without power from this moment on."""
        image = self._store / name
        root("cp", "--reflink=always", self._device, image)
        return image


@contextmanager
def disk_in_memory(folder: Path) -> Iterator[Disk]:
    """Make and mount a disk; its file system writes by itself every second."""
    with ExitStack() as stack:
        memory = stack.enter_context(mounted("tmpfs", folder / "memory", "-t", "tmpfs"))
        store_file = memory / "store"
        store_file.touch()
        root("truncate", "--size", STORE_BYTES, store_file)
        root("mkfs.xfs", "-q", "-m", "reflink=1", store_file)
        store = stack.enter_context(mounted(store_file, folder / "store", "-o", "loop"))
        root("truncate", "--size", DISK_BYTES, store / "device")
        root("mkfs.ext4", "-q", "-E", "lazy_itable_init=1", store / "device")
        options = ("-o", "loop,commit=1")
        yield Disk(
            store, stack.enter_context(mounted(store / "device", folder / "disk", *options))
        )
