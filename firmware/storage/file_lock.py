"""Locks on files that the system releases when a process ends, on every system."""

import os
from pathlib import Path
from types import TracebackType

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]


class FileLock:
    """A lock on a file or folder; another process waits until it is released.

    Folders can be locked only where the system has flock(2).
    """

    def __init__(self, path: Path, *, wait: bool = True) -> None:
        """Take the lock. Raises `BlockingIOError` where it is taken and is not waited for."""
        is_folder = path.is_dir()
        self._descriptor = os.open(path, os.O_RDONLY if is_folder else os.O_RDWR | os.O_CREAT)
        try:
            _lock(self._descriptor, wait=wait)
        except BaseException:
            os.close(self._descriptor)
            raise

    def release(self) -> None:
        """Release the lock."""
        os.close(self._descriptor)

    def __enter__(self) -> "FileLock":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _: object, trace: TracebackType | None
    ) -> None:
        self.release()


def _lock(descriptor: int, *, wait: bool) -> None:
    if fcntl is not None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        return
    import msvcrt  # noqa: PLC0415 - Windows alone has it

    mode = msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK
    while True:
        try:
            msvcrt.locking(descriptor, mode, 1)
        except OSError as error:
            # LK_LOCK gives up after ten seconds.
            if wait:
                continue
            raise BlockingIOError(*error.args) from error
        return
