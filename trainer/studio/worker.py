"""The worker: a process that is warm before it is needed, and can be ended at any time.

It is spawned, never forked: the numerical libraries do not survive a fork. Ending it is how a
task is cancelled, in whatever phase it is; a new one takes its place at once.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from multiprocessing.connection import Connection
from typing import Any

from firmware.errors import UserError
from trainer.studio.tasks import Task

OnEvent = Callable[[dict[str, Any], bytes | None], None]

_NICE = 10
"""The worker yields to the browser, whose sound must not stutter."""


@dataclass(slots=True)
class Job:
    """A task that waits or runs, by number."""

    number: int
    kind: str
    task: Task


class Worker:
    """Runs tasks one after the other in a child process; reports by `on_event`, in a thread."""

    def __init__(self, on_event: OnEvent) -> None:
        """Spawn the process."""
        self._on_event = on_event
        self._numbers = count(1)
        self._lock = threading.RLock()
        self._waiting: deque[Job] = deque()
        self._current: Job | None = None
        self._closed = False
        self._is_warm = False
        self._spawn()

    def submit(self, kind: str, task: Task) -> int:
        """Queue a task and return its number."""
        with self._lock:
            job = Job(next(self._numbers), kind, task)
            self._waiting.append(job)
            self._report(job, "waiting", {})
            # With a task of its own, its end is reported by `_listen`, which replaces it.
            if self._current is None and not self._process.is_alive():
                self._spawn()
            self._start_next()
            return job.number

    def cancel(self, number: int) -> bool:
        """End a task, or take it from the queue; return whether there was such a task."""
        with self._lock:
            for job in self._waiting:
                if job.number == number:
                    self._waiting.remove(job)
                    self._report(job, "cancelled", {})
                    return True
            job_now = self._current
            if job_now is None or job_now.number != number:
                return False
            self._current = None
            self._process.kill()
            self._spawn()
            self._report(job_now, "cancelled", {})
            self._start_next()
            return True

    @property
    def jobs(self) -> list[dict[str, Any]]:
        """Return the current task and those that wait."""
        with self._lock:
            current = [self._current] if self._current else []
            return [{"job": job.number, "kind": job.kind} for job in (*current, *self._waiting)]

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._closed = True
            self._waiting.clear()
            self._process.kill()
        self._process.join()

    def _spawn(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._is_warm = False
        self._pipe, child_end = context.Pipe()
        self._process = context.Process(
            target=serve_tasks, args=(child_end,), daemon=True, name="studio worker"
        )
        self._process.start()
        child_end.close()
        threading.Thread(
            target=self._listen, args=(self._pipe,), daemon=True, name="studio worker events"
        ).start()

    def _start_next(self) -> None:
        if self._current is None and self._waiting and not self._closed:
            self._current = self._waiting.popleft()
            self._report(self._current, "started", {})
            # Of a process that ends meanwhile, `_listen` reports the end.
            with suppress(OSError):
                self._pipe.send(self._current.task)

    def _listen(self, pipe: Connection) -> None:
        """Pass on what a process sends, until it ends."""
        while True:
            try:
                kind, content, data = pipe.recv()
            except (EOFError, OSError):
                break
            with self._lock:
                if pipe is not self._pipe:
                    continue
                if kind == "warm":
                    self._is_warm = True
                else:
                    self._handle(kind, content, data)
        with self._lock:
            if pipe is self._pipe and not self._closed:
                self._died()

    def _handle(self, kind: str, content: dict[str, Any], data: bytes | None) -> None:
        job = self._current
        if job is None:
            return
        if kind != "progress":
            self._current = None
        self._report(job, kind, content, data)
        if kind != "progress":
            self._start_next()

    def _died(self) -> None:
        """Replace a process that ended by itself, as for want of memory."""
        job, self._current = self._current, None
        self._process.join()
        if job is not None:
            code = self._process.exitcode
            self._report(job, "failed", {"reason": f"the process ended with code {code}"})
        # One that cannot even start is not started again and again, but for the next task.
        if self._is_warm or self._waiting:
            self._spawn()
            self._start_next()

    def _report(
        self, job: Job, state: str, content: dict[str, Any], data: bytes | None = None
    ) -> None:
        head = {"type": "job", "job": job.number, "kind": job.kind, "state": state}
        self._on_event({**content, **head}, data)


def serve_tasks(pipe: Connection) -> None:
    """Run tasks from a pipe until it closes. The main function of the process."""
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "nice"):
        os.nice(_NICE)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    from trainer.studio.work import run  # noqa: PLC0415 - what the server must not import

    def send(content: dict[str, Any], data: bytes | None) -> None:
        pipe.send(("progress", content, data))

    pipe.send(("warm", {}, None))

    while True:
        try:
            task = pipe.recv()
        except EOFError:
            return
        try:
            answer = dict(run(task, send))
        except Exception as error:  # noqa: BLE001 - whatever it is, the page shows it
            pipe.send(("failed", {"reason": _explained(error)}, None))
        else:
            pipe.send(("finished", answer, None))


def _end_with_parent() -> None:
    """End this process when the server has died, also in the middle of a task."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _explained(error: BaseException) -> str:
    """Return what a page shows of an error."""
    if isinstance(error, UserError):
        return " ".join(str(error).split())
    return f"an error of the trainer: {type(error).__name__}: {error}"
