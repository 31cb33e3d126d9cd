"""The patches that are kept are those that are made, and Pd opens each without a word."""

import subprocess
from pathlib import Path

import pytest

from pd.make_patches import FILES
from tests.pd.patches import PATCHES, PD, free_port


@pytest.mark.parametrize("name", FILES)
def test_the_file_is_what_is_made(name: str) -> None:
    assert (PATCHES / name).read_text("utf-8") == FILES[name]()


def test_no_other_patch_is_kept() -> None:
    assert {path.name for path in PATCHES.glob("*.pd")} == set(FILES)


# Without its arguments the link has nowhere to go; others open it with them.
@pytest.mark.parametrize("name", [name for name in FILES if name != "exnihilo-link.pd"])
def test_pd_opens_it_and_finds_every_object(name: str, tmp_path: Path) -> None:
    text = (PATCHES / name).read_text("utf-8")
    patch = tmp_path / name
    patch.write_text(text.replace("9000 9001", f"9000 {free_port()}"), "utf-8")
    done = subprocess.run(
        (*PD, "-batch", "-noaudio", "-open", str(patch), "-send", "pd quit"),
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stderr == ""
