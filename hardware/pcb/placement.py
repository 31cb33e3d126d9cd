# SPDX-License-Identifier: CERN-OHL-P-2.0
"""The placement table of a board: where every part lies and where its designator is printed.

`<board>/<board>-placement.csv`, in millimetres from the upper left corner of the panel's
column, y downwards; degrees turn anticlockwise as seen from the front. A label is relative to
its part, in the part's own axes; parts without one have none printed. Parts that no circuit
knows (fiducials, holes for spacers) name their footprint.
"""

import csv
import io
from dataclasses import dataclass, fields
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Place:
    """A row of the table."""

    ref: str
    x_mm: float
    y_mm: float
    degrees: float
    side: str
    """front or back."""
    label_x_mm: float | None = None
    label_y_mm: float | None = None
    label_degrees: float | None = None
    footprint: str = ""
    """Of a part that is not in the circuit."""

    @property
    def back(self) -> bool:
        """Tell whether the part is on the back."""
        return self.side == "back"


class PlacementError(ValueError):
    """The table has a row that cannot be placed."""


_NAMES = tuple(field.name for field in fields(Place))


def read_places(path: Path) -> tuple[Place, ...]:
    """Read a table. Raises `PlacementError` with the row that is wrong."""
    with path.open(newline="") as file:
        return tuple(
            _place(row, f"{path.name}:{number}")
            for number, row in enumerate(csv.DictReader(file), start=2)
        )


def _place(row: dict[str, str], where: str) -> Place:
    try:
        values = {name: _value(name, row[name] or "") for name in _NAMES}
    except (KeyError, ValueError) as error:
        msg = f"{where}: {error}; the columns are {', '.join(_NAMES)}"
        raise PlacementError(msg) from error
    if values["side"] not in {"front", "back"}:
        msg = f"{where}: side is '{values['side']}'; write front or back"
        raise PlacementError(msg)
    return Place(**values)  # type: ignore[arg-type]


def _value(name: str, text: str) -> str | float | None:
    if name in {"ref", "side", "footprint"}:
        return text
    if name.startswith("label") and not text:
        return None
    return float(text)


def table(places: tuple[Place, ...]) -> str:
    """Write a table."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_NAMES)
    for place in places:
        cells = (getattr(place, name) for name in _NAMES)
        writer.writerow(
            "" if cell is None else f"{cell:g}" if isinstance(cell, float) else cell
            for cell in cells
        )
    return text.getvalue()
