# SPDX-License-Identifier: CERN-OHL-P-2.0
"""The panel for those who make it: DXF for a mill or laser, gerbers and drill for FR-4."""

import io
import re
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

import ezdxf
import numpy as np
from gerber_writer import DataLayer  # type: ignore[import-untyped]
from gerber_writer import Path as Outline
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextPath

from hardware.panel.geometry import DIAMETERS_MM, HEIGHT_MM, Legend, Panel, Window

Corners = list[tuple[float, float]]

_EMPTY = {
    "GTS": "Soldermask,Top",
    "GTL": "Copper,L1,Top",
    "GBS": "Soldermask,Bot",
    "GBL": "Copper,L2,Bot",
}
"""Layers that a board maker expects, with nothing on them: all mask, no copper."""


def _outline(panel: Panel) -> Corners:
    return [(0, 0), (panel.width, 0), (panel.width, HEIGHT_MM), (0, HEIGHT_MM), (0, 0)]


def _corners(w: Window) -> Corners:
    left, right = w.x - w.width / 2, w.x + w.width / 2
    low, high = w.y - w.height / 2, w.y + w.height / 2
    return [(left, low), (right, low), (right, high), (left, high), (left, low)]


def dxf(panel: Panel) -> str:
    """Write the drilling and the outline in millimetres; layers OUTLINE, DRILL, LEGEND."""
    options = ezdxf.options  # type: ignore[attr-defined]
    before = options.write_fixed_meta_data_for_testing
    options.write_fixed_meta_data_for_testing = True
    try:
        document = ezdxf.new("R2010", units=ezdxf.units.MM)  # type: ignore[attr-defined]
        space = document.modelspace()
        for corners in (_outline(panel), _corners(panel.window)):
            space.add_lwpolyline(corners, dxfattribs={"layer": "OUTLINE"})
        for hole in panel.holes:
            radius = DIAMETERS_MM[hole.kind] / 2
            space.add_circle((hole.x, hole.y), radius, dxfattribs={"layer": "DRILL"})
        for word in panel.legends:
            text = space.add_text(
                word.text, height=word.size_mm, dxfattribs={"layer": "LEGEND"}
            )
            text.set_placement(
                (word.x, word.y), align=ezdxf.enums.TextEntityAlignment.MIDDLE_CENTER
            )
        stream = io.StringIO()
        document.write(stream)
        return stream.getvalue()
    finally:
        options.write_fixed_meta_data_for_testing = before


def drill(panel: Panel) -> str:
    """Write the holes as Excellon, metric, unplated."""
    kinds = sorted({DIAMETERS_MM[hole.kind] for hole in panel.holes})
    rows = ["M48", "; TYPE=NON_PLATED", "METRIC,TZ", "FMAT,2"]
    rows += [f"T{tool}C{diameter:.3f}" for tool, diameter in enumerate(kinds, start=1)]
    rows += ["%", "G90", "G05"]
    for tool, diameter in enumerate(kinds, start=1):
        rows.append(f"T{tool}")
        rows += [
            f"X{hole.x:.3f}Y{hole.y:.3f}"
            for hole in panel.holes
            if DIAMETERS_MM[hole.kind] == diameter
        ]
    return "\n".join((*rows, "M30", ""))


def gerbers(panel: Panel) -> dict[str, str]:
    """Write the profile, the legend and an empty mask and copper by file ending."""
    profile = DataLayer("Profile,NP")
    for corners in (_outline(panel), _corners(panel.window)):
        for start, end in pairwise(corners):
            profile.add_trace_line(start, end, 0.1, "Profile")
    legend = DataLayer("Legend,Top")
    for plate in panel.plates:
        region = Outline()
        first, *others = _corners(plate)
        region.moveto(first)
        for corner in others:
            region.lineto(corner)
        legend.add_region(region, "Other,Legend")
    for word in panel.legends:
        _write(legend, word)
    layers = {"GM1": profile, "GTO": legend}
    layers |= {ending: DataLayer(name) for ending, name in _EMPTY.items()}
    return {ending: _undated(layer.dumps_gerber()) for ending, layer in layers.items()}


def _undated(text: str) -> str:
    return re.sub(r".*CreationDate.*\n", "", text)


def _write(layer: DataLayer, word: Legend) -> None:
    """Fill the letters of a word, then clear their inner islands."""
    font = FontProperties(family="DejaVu Sans")
    path = TextPath((0, 0), word.text, size=word.size_mm * 1.35, prop=font)
    box = path.get_extents()
    shift = (word.x - (box.x0 + box.x1) / 2, word.y - (box.y0 + box.y1) / 2)
    polygons = [
        _moved(np.asarray(polygon).tolist(), shift)
        for polygon in path.to_polygons(closed_only=True)
    ]
    for polygon in sorted(polygons, key=lambda polygon: _area(polygon) > 0):
        region = Outline()
        region.moveto(polygon[0])
        for corner in (*polygon[1:-1], polygon[0]):
            region.lineto(corner)
        island = _area(polygon) > 0
        layer.add_region(region, "Other,Legend", negative=island != word.cleared)


def _moved(polygon: Iterable[Iterable[float]], shift: tuple[float, float]) -> Corners:
    return [(float(x) + float(shift[0]), float(y) + float(shift[1])) for x, y in polygon]


def _area(polygon: Corners) -> float:
    """Twice the signed area: negative for the outside of a letter, positive for an island."""
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(polygon))


def write_panel(panel: Panel, folder: Path, name: str) -> None:
    """Write DXF, drill and gerbers."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.dxf").write_text(dxf(panel))
    (folder / f"{name}.drl").write_text(drill(panel))
    for ending, text in gerbers(panel).items():
        (folder / f"{name}.{ending}").write_text(text)
