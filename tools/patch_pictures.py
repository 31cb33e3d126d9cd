"""The wiring of the ten patches as SVG, and the manual's page about them, from one table."""

from collections.abc import Iterator
from graphlib import TopologicalSorter
from xml.sax.saxutils import escape

from tools.patch_table import MODULE, PATCHES, Cable, Patch

PAGE = "manual/patches.md"
_BOX, _ROW, _GAP, _MARGIN, _HEAD = 132, 22, 92, 12, 30
_COLOURS = ("#e4572e", "#2e86ab", "#f0a202", "#5b8c5a", "#8e5572", "#17b890")
_HEADING = """# Ten patches to try

Each patch starts from a kit that plays, as in the [quick start](index.md). Plug the cables in
from the top of the drawing to the bottom. Names of the other modules are examples: any module
of that kind will do.

"""


def generated() -> Iterator[tuple[str, bytes]]:
    """Yield the path below `docs/` and the content of the page and each drawing."""
    yield PAGE, page().encode()
    for patch in PATCHES:
        yield f"pictures/patch-{patch.name}.svg", svg(patch).encode()


def page() -> str:
    """Return the page in Markdown."""
    return _HEADING + "\n".join(
        _section(number, patch) for number, patch in enumerate(PATCHES, 1)
    )


def _section(number: int, patch: Patch) -> str:
    cables = "\n".join(
        f"| {one.source} | {one.output} | {one.target} | {one.input} |" for one in patch.cables
    )
    return (
        f"## {number}. {patch.title}\n\n{patch.hear}\n\n"
        f"![Wiring: {patch.title}](../pictures/patch-{patch.name}.svg)\n\n"
        f"| from | output | to | input |\n|---|---|---|---|\n{cables}\n\n"
        f"**Set:** {patch.settings}\n\n**Play:** {patch.play}\n"
    )


def svg(patch: Patch) -> str:
    """Return the drawing: signals run from left to right, a cable leaves at its output."""
    boxes = _boxes(patch.cables)
    corners = _corners(boxes, _columns(patch.cables))
    width = max(x for x, _ in corners.values()) + _BOX + _MARGIN
    height = max(y + _height(boxes[name]) for name, (_, y) in corners.items()) + _MARGIN
    rows = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
            f'viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="11">'
        ),
        f"<title>{escape(patch.title)}</title>",
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        *(_box(name, jacks, corners[name]) for name, jacks in boxes.items()),
        *(_cable(number, one, boxes, corners) for number, one in enumerate(patch.cables)),
    ]
    return "\n".join((*rows, "</svg>", ""))


Boxes = dict[str, list[tuple[str, str]]]
"""By box: its jacks from the top, each with its kind: `input` or `output`."""


def _boxes(cables: tuple[Cable, ...]) -> Boxes:
    boxes: Boxes = {}
    for cable in cables:
        for name, jack in (
            (cable.source, (cable.output, "output")),
            (cable.target, (cable.input, "input")),
        ):
            jacks = boxes.setdefault(name, [])
            if jack not in jacks:
                jacks.append(jack)
    for jacks in boxes.values():
        jacks.sort(key=lambda jack: jack[1])
    return boxes


def _columns(cables: tuple[Cable, ...]) -> dict[str, int]:
    """Put each box right of all that feed it; what the module clocks stands at its left."""
    before: dict[str, set[str]] = {}
    for cable in cables:
        back = any(c.source == cable.target and c.target == MODULE for c in cables)
        if not (back and cable.source == MODULE):
            before.setdefault(cable.target, set()).add(cable.source)
            before.setdefault(cable.source, set())
    columns: dict[str, int] = {}
    for name in TopologicalSorter(before).static_order():
        columns[name] = max((columns[one] + 1 for one in before[name]), default=0)
    return columns


def _corners(boxes: Boxes, columns: dict[str, int]) -> dict[str, tuple[int, int]]:
    filled: dict[int, int] = {}
    corners = {}
    for name, jacks in boxes.items():
        column = columns[name]
        top = filled.get(column, _MARGIN)
        corners[name] = (_MARGIN + column * (_BOX + _GAP), top)
        filled[column] = top + _height(jacks) + 2 * _MARGIN
    return corners


def _height(jacks: list[tuple[str, str]]) -> int:
    return _HEAD + _ROW * len(jacks) + 6


def _box(name: str, jacks: list[tuple[str, str]], corner: tuple[int, int]) -> str:
    x, y = corner
    own = name == MODULE
    fill, ink = ("#1d1f23", "#f2efe6") if own else ("#eceae4", "#1d1f23")
    rows = [
        (
            f'<rect x="{x}" y="{y}" width="{_BOX}" height="{_height(jacks)}" rx="6" '
            f'fill="{fill}" stroke="#1d1f23"/>'
        ),
        (
            f'<text x="{x + _BOX / 2:g}" y="{y + 19}" text-anchor="middle" font-weight="bold" '
            f'fill="{ink}">{escape(name)}</text>'
        ),
    ]
    for jack in jacks:
        at_x, at_y = _jack(jacks, jack, corner)
        left = jack[1] == "input"
        rows += [
            f'<circle cx="{at_x}" cy="{at_y}" r="5" fill="#9aa0a8" stroke="{ink}"/>',
            (
                f'<text x="{at_x + (10 if left else -10)}" y="{at_y + 4}" fill="{ink}" '
                f'text-anchor="{"start" if left else "end"}">{escape(jack[0])}</text>'
            ),
        ]
    return "\n".join(rows)


def _jack(
    jacks: list[tuple[str, str]], jack: tuple[str, str], corner: tuple[int, int]
) -> tuple[int, int]:
    x, y = corner
    side = x + 10 if jack[1] == "input" else x + _BOX - 10
    return side, y + _HEAD + _ROW * jacks.index(jack) + 10


def _cable(number: int, cable: Cable, boxes: Boxes, corners: dict[str, tuple[int, int]]) -> str:
    start = _jack(boxes[cable.source], (cable.output, "output"), corners[cable.source])
    end = _jack(boxes[cable.target], (cable.input, "input"), corners[cable.target])
    if end[0] > start[0]:
        middle = (start[0] + end[0]) // 2
        bend = f"C{middle} {start[1]} {middle} {end[1]} {end[0]} {end[1]}"
    else:
        low = max(y + _height(boxes[name]) for name, (_, y) in corners.items()) + 6
        bend = f"C{start[0] + 70} {low} {end[0] - 70} {low} {end[0]} {end[1]}"
    colour = _COLOURS[number % len(_COLOURS)]
    return (
        f'<path class="cable" d="M{start[0]} {start[1]}{bend}" fill="none" stroke="{colour}" '
        'stroke-width="3" stroke-linecap="round" opacity="0.85"/>'
    )
