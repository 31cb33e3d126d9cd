"""Saves state and presets in a thread, as writing to a card may take long.

Writes are queued per file, so that of many changes only the last is written. While one value
keeps changing, it is saved now and then; as soon as another value changes, the pending state
is saved. A power cut loses at most the changes of the value that was changed last.
"""

import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue

from firmware.bundle.store import StoreError, set_current
from firmware.instrument.parameters import Key
from firmware.instrument.preset import PRESETS, State, parse_state, state_bytes
from firmware.storage.files import replace_file
from firmware.storage.paths import Home, InstalledBundle
from firmware.storage.state_store import Loaded, load, read, save

QUIET_NS = 300_000_000
"""A change is written when nothing has changed for this long,"""
LATEST_NS = 2_000_000_000
"""or at the latest this long after it, or when another value changes,"""
APART_NS = 200_000_000
"""but never sooner than this long after the last write, as a card wears."""
RETRY_NS = 1_000_000_000

_Job = Callable[[], None]


class StateWriter:
    """The state folder. `presets` says which presets exist."""

    def __init__(self, home: Home) -> None:
        """Read which presets exist."""
        self._home = home
        self._errors: dict[str, str] = {}
        self._saved: State | None = None
        self._next: State | None = None
        self._moved: frozenset[Key | str] = frozenset()
        self._several = False
        self._first_ns = self._last_ns = 0
        self._queued_ns = -APART_NS
        self._pending: dict[str, _Job] = {}
        self._retry_ns = 0
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._results: SimpleQueue[str] = SimpleQueue()
        self._presets_saved: dict[int, State] = {}
        self.presets = tuple(self.preset_path(number).is_file() for number in range(PRESETS))
        self._running: tuple[str, _Job] | None = None
        self._thread = threading.Thread(target=self._work, daemon=True, name="state-writer")

    @property
    def last_error(self) -> str:
        """The reason why a file could not be written and is still pending, or empty."""
        return next(iter(self._errors.values()), "")

    @property
    def state_path(self) -> Path:
        """File of the state."""
        return self._home.state / "state.json"

    def preset_path(self, number: int) -> Path:
        """File of a preset, from 0."""
        return self._home.state / "presets" / f"{number + 1:02d}.json"

    def load_state(self) -> Loaded[State]:
        """Read the state as it was left; corrupt files are set aside."""
        loaded = load(self.state_path, parse_state)
        self._saved = loaded.value
        return loaded

    def preset(self, number: int) -> Loaded[State]:
        """Return a preset: the one saved last, even before it is written, or the file's."""
        if number in self._presets_saved:
            return Loaded(self._presets_saved[number])
        return read(self.preset_path(number), parse_state)

    def schedule_save(self, state: State, now_ns: int) -> None:
        """Take the current state; it is written once changes have stopped."""
        before = self._next or self._saved or State()
        if state == before and (self._next or self._saved):
            return
        moved = _unlike(before, state)
        if self._next is None:
            self._first_ns, self._moved, self._several = now_ns, moved, False
        self._several |= not moved <= self._moved
        self._next = state
        self._last_ns = now_ns

    def save_preset(self, number: int, state: State) -> None:
        """Write a preset soon."""
        self.save(self.preset_path(number), state_bytes(state))
        self._presets_saved[number] = state
        self.presets = (*self.presets[:number], True, *self.presets[number + 1 :])

    def set_current(self, version: InstalledBundle) -> None:
        """Set the bundle with which the module starts next time."""

        def job() -> None:
            with suppress(StoreError):  # removed meanwhile: it plays from memory
                set_current(self._home, version)

        self._pending[str(self._home.current)] = job

    def cancel(self, path: Path) -> None:
        """Write a file no more that could not be written."""
        self._pending.pop(str(path), None)
        self._errors.pop(str(path), None)

    def save(self, path: Path, data: bytes) -> None:
        """Write another file of the state folder soon."""

        def job() -> None:
            path.parent.mkdir(parents=True, exist_ok=True)
            save(path, data)

        self._pending[str(path)] = job

    def is_pending(self, path: Path) -> bool:
        """Return whether a file that was saved is not written yet."""
        return str(path) in self._pending

    def error_of(self, path: Path) -> str:
        """Return why a file could not be written when it was last tried, or empty."""
        return self._errors.get(str(path), "")

    def write_unsynced(self, path: Path, text: str) -> None:
        """Write a text soon, without a copy and without syncing: it may be lost."""
        self._pending[str(path)] = lambda: _write_text(path, text)

    def step(self, now_ns: int) -> None:
        """Start writing what is due in the thread, and collect the last result."""
        self._take_result(now_ns)
        rests = now_ns - self._last_ns >= QUIET_NS
        due = rests or self._several or now_ns - self._first_ns >= LATEST_NS
        if self._next is not None and due and now_ns - self._queued_ns >= APART_NS:
            self._queued_ns = now_ns
            self._queue_state()
        if self._pending and self._running is None and now_ns >= self._retry_ns:
            if not self._thread.is_alive():
                self._thread.start()
            self._running = next(iter(self._pending.items()))
            self._jobs.put(self._running[1])

    def wait_idle(self, timeout_s: float = 30.0) -> None:
        """Wait until the thread has done its job, if it has one; `step` takes the result.

        To be called by the thread that calls `step`. Raises `TimeoutError`.
        """
        if self._running is None:
            return
        try:
            # Put back: the caller is the only reader.
            self._results.put(self._results.get(timeout=timeout_s))
        except Empty:
            raise TimeoutError(f"still writing after {timeout_s:g} s") from None

    def flush(self) -> None:
        """Write everything now, the thread's work included. Raises `OSError`."""
        if self._thread.is_alive():
            self._jobs.put(None)
            self._thread.join()
        if self._next is not None:
            self._queue_state()
        while self._pending:
            name = next(iter(self._pending))
            self._pending[name]()
            del self._pending[name]

    def _queue_state(self) -> None:
        state, self._next = self._next, None
        if state is None:
            return
        self._saved = state
        self.save(self.state_path, state_bytes(state))

    def _take_result(self, now_ns: int) -> None:
        try:
            error = self._results.get_nowait()
        except Empty:
            return
        if self._running is None:
            return
        (name, job), self._running = self._running, None
        if error:
            self._retry_ns = now_ns + RETRY_NS
            if name in self._pending:
                # A failed write goes behind the others, which may succeed.
                self._errors[name] = error
                self._pending[name] = self._pending.pop(name)
            return
        self._errors.pop(name, None)
        if self._pending.get(name) is job:
            del self._pending[name]

    def _work(self) -> None:
        while job := self._jobs.get():
            self._results.put(_run(job))


def _unlike(before: State, after: State) -> frozenset[Key | str]:
    """Return what differs: keys of the patch, and the other parts of a state."""
    parts = ("memories", "bundle", "voice", "page")
    names = [part for part in parts if getattr(before, part) != getattr(after, part)]
    return frozenset((*after.patch.keys_unlike(before.patch), *names))


def _write_text(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, text.encode(), synced=False)


def _run(job: _Job) -> str:
    try:
        job()
    except OSError as error:
        return _describe(error)
    return ""


def _describe(error: OSError) -> str:
    return f"{error.filename or 'state'}: {error.strerror or error}"
