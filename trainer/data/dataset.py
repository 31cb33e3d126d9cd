"""The dataset: 32-step patterns from loops, as an npz file with a JSON summary next to it."""

from __future__ import annotations

import io
import json
import struct
import tokenize
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from firmware.engine.pattern import STEPS
from firmware.errors import UserError
from firmware.storage.files import write_whole

FORMAT = "exnihilo dataset"
VERSION = 1
DAMAGE = (
    *(OSError, ValueError, EOFError, TypeError, LookupError, RuntimeError, SyntaxError),
    *(MemoryError, OverflowError, struct.error, tokenize.TokenError),
    *(zipfile.BadZipFile, zlib.error),
)
"""What numpy, zipfile and zlib raise on damaged bytes."""

RowKey = tuple[str, bytes]

ARRAYS = ("onset", "velocity", "offset", "names", "bpm")


class DatasetError(UserError, ValueError):
    """A dataset, or a dataset file, is inconsistent or damaged."""


@dataclass(frozen=True, slots=True, eq=False)
class Dataset:
    """Patterns of two bars, one row each.

    onset: bool (n, 32).
    velocity: float32 (n, 32), 0..1, 0 where there is no onset.
    offset: float32 (n, 32), micro-timing as a fraction of a step in (-0.5, 0.5],
        0 where there is no onset.
    names: the file each row came from, with `#2`, `#3` for its later two-bar windows.
    bpm: float32 (n,).
    loops: how many files the rows came from.

    Raises DatasetError when shapes, types or ranges do not hold.
    """

    onset: NDArray[np.bool_]
    velocity: NDArray[np.float32]
    offset: NDArray[np.float32]
    names: tuple[str, ...]
    bpm: NDArray[np.float32]
    loops: int

    def __post_init__(self) -> None:
        rows = len(self.names)
        for name, dtype, shape in (
            ("onset", np.bool_, (rows, STEPS)),
            ("velocity", np.float32, (rows, STEPS)),
            ("offset", np.float32, (rows, STEPS)),
            ("bpm", np.float32, (rows,)),
        ):
            array = getattr(self, name)
            _check(array.dtype == dtype, f"{name} is {array.dtype}, not {np.dtype(dtype)}")
            _check(array.shape == shape, f"{name} has shape {array.shape}, not {shape}")
            array.setflags(write=False)
        self._check_ranges()

    def _check_ranges(self) -> None:
        silent = ~self.onset
        _check(_within(self.velocity, 0, 1), "a velocity is outside 0..1")
        _check(_within(self.offset, -0.5, 0.5), "an offset is outside -0.5..0.5 of a step")
        _check(not self.velocity[silent].any(), "a step without an onset has a velocity")
        _check(not self.offset[silent].any(), "a step without an onset has an offset")
        _check(_within(self.bpm, 1, 1000), "a tempo is outside 1..1000 bpm")
        _check(self.loops >= 0, "the number of loops is negative")

    def __len__(self) -> int:
        return len(self.names)


def _check(holds: bool, message: str) -> None:  # noqa: FBT001
    if not holds:
        raise DatasetError(message)


def _within(values: NDArray[np.float32], low: float, high: float) -> bool:
    """Return whether all values are finite and in [low, high]."""
    return bool(np.all((values >= low) & (values <= high)))


def loop_name(row_name: str) -> str:
    """Return the file a row came from: its name without the window's `#2`."""
    stem, mark, window = row_name.rpartition("#")
    return stem if mark and window.isdigit() else row_name


def select(dataset: Dataset, rows: Sequence[int]) -> Dataset:
    """Return the given rows, in that order; `loops` counts the files still in it."""
    index = np.asarray(rows, np.intp)
    names = tuple(dataset.names[row] for row in rows)
    return Dataset(
        onset=dataset.onset[index],
        velocity=dataset.velocity[index],
        offset=dataset.offset[index],
        names=names,
        bpm=dataset.bpm[index],
        loops=len({loop_name(name) for name in names}),
    )


def merge(datasets: Sequence[Dataset]) -> Dataset:
    """Return all rows of all datasets, without those that repeat name, pattern and feel."""
    _check(bool(datasets), "no datasets to merge")
    joined = Dataset(
        onset=np.concatenate([part.onset for part in datasets]),
        velocity=np.concatenate([part.velocity for part in datasets]),
        offset=np.concatenate([part.offset for part in datasets]),
        names=tuple(name for part in datasets for name in part.names),
        bpm=np.concatenate([part.bpm for part in datasets]),
        loops=sum(part.loops for part in datasets),
    )
    first_seen: dict[RowKey, int] = {}
    for row, key in enumerate(row_keys(joined)):
        first_seen.setdefault(key, row)
    return select(joined, list(first_seen.values()))


def row_keys(dataset: Dataset) -> list[RowKey]:
    """Return what tells rows apart: name, pattern and feel."""
    content = zip(dataset.onset, dataset.velocity, dataset.offset, strict=True)
    return [
        (name, b"".join(array.tobytes() for array in arrays))
        for name, arrays in zip(dataset.names, content, strict=True)
    ]


def with_steps(dataset: Dataset, row: int, onset: NDArray[np.bool_]) -> Dataset:
    """Return the dataset with one row's onsets replaced.

    Steps that stay keep velocity and offset; new ones sit on the grid at the row's mean
    velocity (1.0 in an empty row).
    """
    _check(onset.shape == (STEPS,), f"a pattern has {STEPS} steps, not {onset.size}")
    unchanged = onset & dataset.onset[row]
    played = dataset.velocity[row][dataset.onset[row]]
    mean = played.mean() if played.size else 1.0
    arrays = {name: getattr(dataset, name).copy() for name in ("onset", "velocity", "offset")}
    arrays["onset"][row] = onset
    arrays["velocity"][row] = np.where(
        unchanged, dataset.velocity[row], np.where(onset, mean, 0)
    )
    arrays["offset"][row] = np.where(unchanged, dataset.offset[row], 0)
    return Dataset(**arrays, names=dataset.names, bpm=dataset.bpm, loops=dataset.loops)


def distinct(dataset: Dataset) -> int:
    """Return how many different patterns there are."""
    return len({row.tobytes() for row in dataset.onset})


def steps_text(onset: NDArray[np.bool_]) -> str:
    """Return a pattern as text, `x` for an onset and `-` for none."""
    return np.where(onset, b"x", b"-").tobytes().decode()


def summary(dataset: Dataset) -> dict[str, Any]:
    """Return the content of the JSON summary: counts, and every row as text."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "loops": dataset.loops,
        "patterns": len(dataset),
        "distinct": distinct(dataset),
        "onsets_per_pattern": round(float(dataset.onset.sum() / max(1, len(dataset))), 2),
        "rows": [
            {"name": name, "bpm": round(float(bpm), 3), "steps": steps_text(onset)}
            for name, bpm, onset in zip(dataset.names, dataset.bpm, dataset.onset, strict=True)
        ],
    }


def summary_path(path: Path) -> Path:
    """Return the path of a dataset file's JSON summary."""
    return path.with_suffix(".json")


def check_summary_path(path: Path) -> None:
    """Raise DatasetError where the summary would overwrite a JSON file of another kind."""
    summary_file = summary_path(path)
    try:
        own = json.loads(summary_file.read_text("utf-8"))["format"] == FORMAT
    except OSError:
        return  # nothing there, or writing will report it
    except (ValueError, KeyError, TypeError):
        own = False
    _check(
        own,
        f"{summary_file}: not a dataset's summary, and would be overwritten; choose another -o",
    )


def write_dataset(path: str | Path, dataset: Dataset) -> None:
    """Write the npz (nothing pickled) and its summary; each appears whole or not at all."""
    path = Path(path)
    _check(path.suffix == ".npz", f"{path}: a dataset file ends in .npz")
    check_summary_path(path)
    arrays = {name: np.asarray(getattr(dataset, name)) for name in ARRAYS}
    # An empty tuple would become a float array.
    arrays["names"] = arrays["names"].astype(np.str_)
    packed = io.BytesIO()
    np.savez_compressed(packed, version=VERSION, loops=dataset.loops, **arrays)
    write_whole(path, packed.getvalue())
    text = json.dumps(summary(dataset), indent=1) + "\n"
    write_whole(summary_path(path), text.encode())


def read_dataset(path: str | Path) -> Dataset:
    """Read a dataset file.

    Raises DatasetError, with one line that names the file, if it is missing, is not a
    dataset, comes from a later version, or is inconsistent.
    """
    try:
        with np.load(path, allow_pickle=False) as stored:
            return from_arrays(dict(stored))
    except DatasetError as error:
        raise DatasetError(f"{path}: {error}") from error
    except FileNotFoundError as error:
        raise DatasetError(f"{path}: no such file") from error
    except DAMAGE as error:
        raise DatasetError(f"{path}: not a dataset (trainer encode makes one)") from error


def from_arrays(stored: dict[str, NDArray[Any]]) -> Dataset:
    """Make a dataset of a file's arrays. Raises DatasetError."""
    missing = [name for name in ("version", "loops", *ARRAYS) if name not in stored]
    _check(not missing, f"not a dataset: missing {', '.join(missing)}")
    version = int(stored["version"])
    _check(version <= VERSION, f"version {version} is newer than this trainer, upgrade it")
    names = stored["names"]
    _check(names.ndim == 1 and names.dtype.kind == "U", "the names are not a list of strings")
    return Dataset(
        onset=stored["onset"],
        velocity=stored["velocity"],
        offset=stored["offset"],
        names=tuple(str(name) for name in names),
        bpm=stored["bpm"],
        loops=int(stored["loops"]),
    )
