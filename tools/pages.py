"""Every page of `docs/` that is made from code.

    python -m tools.pages docs

writes them all; a test says when one is stale.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from firmware.storage.files import write_whole
from firmware.ui.pages import PAGES
from hardware.manual import text as manual_chapters
from tools import (
    api_reference,
    command_reference,
    json_reference,
    kit_vectors,
    manual_pages,
    osc_reference,
    patch_pictures,
    settings_reference,
)


def generated() -> Iterator[tuple[str, bytes]]:
    """Yield the path below `docs/` and the content of each generated file."""
    yield manual_pages.FILE, manual_pages.manual_text().encode()
    for page in PAGES:
        yield f"pages/{page.name}.png", manual_pages.page_picture(page)
    yield osc_reference.FILE, osc_reference.page().encode()
    yield "reference/commands.md", command_reference.page().encode()
    yield "reference/json.md", json_reference.page().encode()
    yield "reference/settings.md", settings_reference.page().encode()
    yield "reference/api.md", api_reference.page().encode()
    yield from manual_chapters.generated()
    yield from kit_vectors.generated()
    yield from patch_pictures.generated()


def main() -> None:
    """Write the pages into the folder that the command line names."""
    folder = Path(sys.argv[1])
    for name, content in generated():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        write_whole(folder / name, content)


if __name__ == "__main__":
    main()
