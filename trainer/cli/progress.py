"""The progress bar of the trainer's commands."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from trainer.data.progress import OnProgress, Progress, ignore_progress


@contextmanager
def progress_bar() -> Iterator[OnProgress]:
    """Show the phase and its share in a bar on a terminal, nothing elsewhere."""
    if not sys.stderr.isatty():
        yield ignore_progress
        return
    from tqdm import tqdm

    form = "{desc} {percentage:3.0f}% |{bar}| {elapsed}<{remaining}"
    with tqdm(total=1, leave=False, bar_format=form) as bar:
        phase = ""

        def on_progress(event: Progress) -> None:
            nonlocal phase
            if event.phase != phase:
                phase = event.phase
                bar.reset(1)
                bar.set_description(phase, refresh=False)
            bar.update(event.share - bar.n)

        yield on_progress
