"""Loops held back are measured in a second process, while the first one trains the voices.

Both are plain computation, so two processors finish it in little more than half the time. The
second process reads a pickled plan and seed from its standard input, and writes pickled
`Progress` events, then the figures, to its standard output.
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import IO

from firmware.errors import UserError
from trainer.data.progress import OnProgress, Progress
from trainer.model.measures import Figures
from trainer.pipeline.held_back import held_back_figures, measured_maps
from trainer.pipeline.plan import Plan

Wait = Callable[[OnProgress], tuple[Figures, ...]]
"""Waits for the figures of each voice; the phase of its events is "measuring"."""


@contextmanager
def measuring(plan: Plan, seed: int) -> Iterator[Wait]:
    """Measure loops held back in a process of its own, which ends with the block at the latest.

    Waiting for it raises `UserError` if it ended early, as for want of memory. Where nothing is
    measured there is no process.
    """
    if not measured_maps(plan):
        yield lambda _on_progress: tuple({} for _ in plan.configs)
        return
    # A plain subprocess: the studio's worker, a daemon, may not use `multiprocessing`.
    command = [sys.executable, "-P", "-m", __name__]
    with tempfile.TemporaryFile() as task:
        # What an earlier bundle holds is not needed, and may be large.
        pickle.dump((replace(plan, earlier=None), seed), task)
        task.seek(0)
        process = subprocess.Popen(command, stdin=task, stdout=subprocess.PIPE)
    try:
        yield lambda on_progress: _figures(process, on_progress)
    finally:
        process.kill()
        process.communicate()


def _figures(process: subprocess.Popen[bytes], on_progress: OnProgress) -> tuple[Figures, ...]:
    if process.stdout is None:
        raise RuntimeError("a process without a pipe")
    try:
        while isinstance(received := pickle.load(process.stdout), Progress):  # noqa: S301
            on_progress(received)
    except (EOFError, pickle.UnpicklingError):
        raise UserError(
            f"measuring the loops held back ended with code {process.wait()}; close other "
            "programs and train again, or train with --hold-back 0"
        ) from None
    figures: tuple[Figures, ...] = received
    return figures


def serve(source: IO[bytes], sink: IO[bytes]) -> None:
    """Measure what `source` asks for. The main function of the process."""
    plan, seed = pickle.load(source)  # noqa: S301 - written by the process that started this one

    def send(content: Progress | tuple[Figures, ...]) -> None:
        pickle.dump(content, sink)
        sink.flush()

    send(held_back_figures(plan, seed, send))


if __name__ == "__main__":
    # Control-C reaches both processes; the first one ends this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        serve(sys.stdin.buffer, sys.stdout.buffer)
    except BrokenPipeError:
        # The first process was killed, as by the studio. Python would write to the pipe again.
        os._exit(1)
