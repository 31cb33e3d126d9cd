"""The progress bar of the trainer's commands."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def progress_bar(what: str) -> Iterator[Callable[[float], None]]:
    """Show a bar on a terminal, nothing elsewhere; give what moves it to a share, 0..1."""
    from tqdm import tqdm

    shown = sys.stderr.isatty()
    form = "{desc} {percentage:3.0f}% |{bar}| {elapsed}<{remaining}"
    with tqdm(desc=what, total=1, disable=not shown, leave=False, bar_format=form) as bar:

        def progress(share: float) -> None:
            bar.update(share - bar.n)

        yield progress
