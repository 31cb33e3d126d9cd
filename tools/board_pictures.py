"""The picture of the boards: both sides of each, as KiCad renders them (`kicad-cli` 9).

KiCad finds the models of the parts where it is installed, or where `KICAD6_3DMODEL_DIR` says.
"""

import subprocess
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image

ROOT = Path(__file__).parents[1]
HEIGHT, GAP = 1300, 30
PAPER = (252, 252, 248)
"""Both boards are equally high, so they come out at one scale."""

_SETUP = "\t(setup\n"
_FINISH = """\t\t(stackup
\t\t\t(layer "F.SilkS" (type "Top Silk Screen") (color "White"))
\t\t\t(layer "F.Mask" (type "Top Solder Mask") (color "Black") (thickness 0.01))
\t\t\t(layer "B.Mask" (type "Bottom Solder Mask") (color "Black") (thickness 0.01))
\t\t\t(layer "B.SilkS" (type "Bottom Silk Screen") (color "White"))
\t\t\t(copper_finish "ENIG")
\t\t)
"""
"""Black boards with white print and gold, as the panel is."""


def boards_picture() -> bytes:
    """Show main board and voice card, front and back, side by side."""
    with TemporaryDirectory() as folder:
        sides = list(_sides(Path(folder)))
    width = sum(side.width for side in sides) + GAP * (len(sides) + 1)
    sheet = Image.new("RGB", (width, max(side.height for side in sides) + 2 * GAP), PAPER)
    left = GAP
    for side in sides:
        sheet.paste(side, (left, GAP), side)
        left += side.width + GAP
    out = BytesIO()
    sheet.quantize(192).save(out, "png", optimize=True)
    return out.getvalue()


def finished(board: str) -> str:
    """Return KiCad's text of a board with colours added."""
    head, setup, rest = board.partition(_SETUP)
    return head + setup + _FINISH + rest


def _sides(folder: Path) -> Iterator[Image.Image]:
    for name in ("main", "voice"):
        routed = ROOT / "hardware" / "pcb" / name / f"{name}.kicad_pcb"
        board = folder / routed.name
        board.write_text(finished(routed.read_text("utf-8")), "utf-8")
        for side in ("top", "bottom"):
            shot = folder / f"{side}.png"
            size = ("--width", str(HEIGHT), "--height", str(HEIGHT))
            look = ("--side", side, "--background", "transparent")
            command = ("kicad-cli", "pcb", "render", *look, *size, "--output", shot, board)
            subprocess.run(command, check=True, capture_output=True)
            picture = Image.open(shot).convert("RGBA")
            yield picture.crop(picture.getchannel("A").getbbox())
