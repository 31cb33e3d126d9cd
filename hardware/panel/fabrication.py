# SPDX-License-Identifier: CERN-OHL-P-2.0
"""The panel for those who make it: DXF for a mill or laser, gerbers and drill for FR-4."""

import io
import re
from itertools import pairwise

import ezdxf
from gerber_writer import Circle, DataLayer  # type: ignore[import-untyped]
from gerber_writer import Path as Outline

from hardware.panel.geometry import DIAMETERS_MM, HEIGHT_MM, Panel
from hardware.panel.lettering import Corners, Legend, is_island, letters, polygons
from hardware.panel.printing import Window

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
        for line in panel.lines:
            space.add_line(line.start, line.end, dxfattribs={"layer": "LEGEND"})
        for dot in panel.dots:
            space.add_circle((dot.x, dot.y), dot.radius, dxfattribs={"layer": "LEGEND"})
        for word in panel.legends:
            text = space.add_text(
                word.text, height=word.size_mm, dxfattribs={"layer": "LEGEND"}
            )
            text.set_placement(
                (word.x, word.y), align=ezdxf.enums.TextEntityAlignment.MIDDLE_CENTER
            )
        # ezdxf would add them in the order of a set, which changes from run to run.
        for kind in sorted(document.entitydb.dxf_types_in_use()):
            document.classes.add_class(kind)
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
    for line in panel.lines:
        legend.add_trace_line(line.start, line.end, line.width, "Other,Legend")
    for dot in panel.dots:
        disc = Circle(2 * dot.radius, "Other,Legend", negative=dot.cleared)
        legend.add_pad(disc, (dot.x, dot.y))
    for word in panel.legends:
        _write(legend, word)
    layers = {"GM1": profile, "GTO": legend}
    layers |= {ending: DataLayer(name) for ending, name in _EMPTY.items()}
    return {ending: _undated(layer.dumps_gerber()) for ending, layer in layers.items()}


def _undated(text: str) -> str:
    return re.sub(r".*CreationDate.*\n", "", text)


def _write(layer: DataLayer, word: Legend) -> None:
    """Fill the letters of a word, then clear their inner islands."""
    for polygon in (path for letter in letters(word) for path in polygons(letter)):
        region = Outline()
        region.moveto(polygon[0])
        for corner in (*polygon[1:-1], polygon[0]):
            region.lineto(corner)
        negative = is_island(polygon) != word.cleared
        layer.add_region(region, "Other,Legend", negative=negative)


def panel_files(panel: Panel) -> dict[str, str]:
    """Write DXF, drill and gerbers, by file ending."""
    return {"dxf": dxf(panel), "drl": drill(panel), **gerbers(panel)}
