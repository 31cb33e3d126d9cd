"""The summary of an encoding, the same for every command that reads loops."""

from __future__ import annotations

from firmware.cli.base import say
from trainer.data.encode import Encoding
from trainer.data.windows import FAIR_SHARE, choose_windows


def print_summary(encoding: Encoding, share: float = FAIR_SHARE) -> None:
    """Print what was taken, what was left out and why, what to look at, and what to do."""
    for name, reason in encoding.skipped:
        say(f"skipped   {name}: {reason}")
    for name, original in encoding.copies:
        say(f"copy      {name}: the same content as {original}")
    for one in encoding.left_out:
        say(f"left out  {one.name}: {one.transcription.not_a_loop or 'by the project'}")
    for loop in encoding.loops:
        for warning in loop.transcription.warnings:
            say(f"look at   {loop.name}: {warning}")
    for name in encoding.unmatched:
        say(f"unused    {name}: in the table of tempi, but not among the files")
    _print_windows(encoding, share)
    say(_totals(encoding))
    for line in _remedies(encoding):
        say(line)


def _print_windows(encoding: Encoding, share: float) -> None:
    grids = [loop.transcription.grid for loop in encoding.loops]
    for loop, chosen in zip(encoding.loops, choose_windows(grids, share), strict=True):
        if chosen.excess:
            say(
                f"limited   {loop.name}: {len(chosen.windows)} of "
                f"{len(chosen.windows) + chosen.excess} patterns taken, at most {share:.0%} "
                "of the dataset from one file (--share)"
            )


def _totals(encoding: Encoding) -> str:
    parts = [f"{counted(len(encoding.loops), 'loop')} analysed"]
    for count, what in (
        (len(encoding.left_out), "left out"),
        (len(encoding.skipped), "skipped"),
    ):
        if count:
            parts.append(f"{count} {what}")
    if encoding.copies:
        parts.append(counted(len(encoding.copies), "copy", "copies"))
    return ", ".join(parts)


def _remedies(encoding: Encoding) -> list[str]:
    """Return the command-line options that settle what is open."""
    found = []
    if encoding.left_out:
        found.append(
            "to take what was left out: --include-all, or its tempo in trainer encode --tempi"
        )
    if any(loop.uncertain for loop in encoding.loops):
        found.append(
            "to settle uncertain tempi: trainer encode --write-tempi tempi.csv, complete it, "
            "trainer encode --tempi tempi.csv"
        )
    return found


def counted(count: int, noun: str, plural: str = "") -> str:
    """Return a number with its noun."""
    return f"{count} {noun if count == 1 else plural or noun + 's'}"
