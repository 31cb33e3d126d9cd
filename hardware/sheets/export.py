# SPDX-License-Identifier: CERN-OHL-P-2.0
"""Writes the sheets: one SVG each, all of them in one PDF."""

from pathlib import Path

from hardware.module import boards
from hardware.sheets.main import main_sheets
from hardware.sheets.sheet import Sheet
from hardware.sheets.voice import voice_sheets


def all_sheets(canvas: str = "svg") -> list[Sheet]:
    """Draw every sheet of both boards."""
    main, voice = boards()
    return main_sheets(main, canvas) + voice_sheets(voice, canvas)


def write_sheets(folder: Path) -> None:
    """Write `sheet-N.svg` and `sheets.pdf`."""
    folder.mkdir(parents=True, exist_ok=True)
    drawn = all_sheets()
    for number, sheet in enumerate(drawn, start=1):
        sheet.frame(number, len(drawn))
        image = sheet.drawing.get_imagedata("svg")
        (folder / f"sheet-{number}.svg").write_bytes(image)
    _write_pdf(folder / "sheets.pdf")


def _write_pdf(path: Path) -> None:
    # Drawing without a screen, and only here, as matplotlib is slow to load.
    import matplotlib.pyplot as plt  # noqa: PLC0415
    from matplotlib.backends.backend_pdf import PdfPages  # noqa: PLC0415

    plt.switch_backend("agg")
    undated = {"CreationDate": None, "Creator": None, "Producer": None}
    with plt.rc_context({"pdf.fonttype": 42}), PdfPages(path, metadata=undated) as pages:
        drawn = all_sheets("matplotlib")
        for number, sheet in enumerate(drawn, start=1):
            sheet.frame(number, len(drawn))
            figure = sheet.drawing.draw(show=False).fig
            pages.savefig(figure, bbox_inches="tight")
            plt.close(figure)
