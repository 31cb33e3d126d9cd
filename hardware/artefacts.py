# SPDX-License-Identifier: CERN-OHL-P-2.0
"""What is made from source and yet kept in the repository: orders need no tools of ours.

`python -m hardware.artefacts` writes all of it again; a test holds the files to it. Gerbers and
positions of the two boards are KiCad's and have checks of their own (`hardware.pcb`).
"""

from pathlib import Path

from hardware.bom import assembly_list, parts_list
from hardware.constants import MAX_VOICES
from hardware.module import boards
from hardware.panel.fabrication import panel_files
from hardware.panel.geometry import panel
from hardware.panel.picture import svg as panel_picture
from hardware.stack.picture import svg as stack_picture

FOLDER = Path(__file__).parent


def artefacts() -> dict[str, str]:
    """Make the files, by path below this folder."""
    made = {
        "panel.svg": panel_picture(panel(MAX_VOICES)),
        "stack.svg": stack_picture(MAX_VOICES),
        "parts.csv": parts_list(*boards()),
    }
    for board in boards():
        made[f"pcb/{board.name}/{board.name}-parts.csv"] = assembly_list(board)
    for voices in range(1, MAX_VOICES + 1):
        name = f"panel-{voices}"
        for ending, text in panel_files(panel(voices)).items():
            made[f"panel/files/{name}/{name}.{ending}"] = text
    return made


def write(folder: Path) -> None:
    """Write the files below a folder."""
    for name, text in artefacts().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


if __name__ == "__main__":
    write(FOLDER)
