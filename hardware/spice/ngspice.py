# SPDX-License-Identifier: CERN-OHL-P-2.0
"""Runs one deck through `ngspice -b` and reads back what it saved."""

import os
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import numpy.typing as npt

Waves = dict[str, npt.NDArray[Any]]
"""Saved vectors by lower-case name (`time`, `v(jack)`...); complex after `.ac`, else real."""


class SpiceError(RuntimeError):
    """A deck did not run."""


def simulate(deck: str) -> Waves:
    """Run a deck that holds one analysis. Raises `SpiceError` with ngspice's own words."""
    with TemporaryDirectory() as folder:
        raw = Path(folder, "out.raw")
        try:
            done = subprocess.run(
                ["ngspice", "-b", "-r", str(raw)],
                input=deck,
                text=True,
                capture_output=True,
                check=False,
                env=os.environ | {"SPICE_ASCIIRAWFILE": "1"},
            )
        except FileNotFoundError as error:
            msg = "ngspice is not installed; install the Debian package `ngspice`"
            raise SpiceError(msg) from error
        if done.returncode or "aborted" in done.stderr or not raw.exists():
            title = deck.partition("\n")[0]
            msg = f"ngspice failed on '{title}': {done.stderr.strip()[-400:]}"
            raise SpiceError(msg)
        return _read(raw.read_text())


def _read(text: str) -> Waves:
    """Parse an ASCII raw file of one plot."""
    header, _, body = text.partition("Values:\n")
    names = [line.split()[1] for line in header.partition("\nVariables:\n")[2].splitlines()]
    is_complex = "Flags: complex" in header
    tokens = body.split()
    width = len(names) + 1
    columns: Waves = {}
    for place, name in enumerate(names, start=1):
        column = tokens[place::width]
        columns[name.lower()] = _complex(column) if is_complex else np.array(column, float)
    return columns


def _complex(column: list[str]) -> npt.NDArray[np.complex128]:
    pairs = (token.split(",") for token in column)
    return np.array([complex(float(real), float(imaginary)) for real, imaginary in pairs])
