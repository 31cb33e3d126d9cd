"""The field of the patch is labelled with what the selected voice's X and Y mean."""

from pathlib import Path

import pytest

from pd.field_logic import ENDS
from tests.firmware.waiting import wait_until
from tests.pd.live import Teller, Window
from tests.pd.patches import running_patch

WORDS = ("sparse", "dense", "straight", "syncopated")


@pytest.mark.parametrize("voice", [1, 2])
def test_the_ends_of_the_selected_voice_are_named(
    tmp_path: Path, teller: Teller, voice: int
) -> None:
    with running_patch(tmp_path, teller.port) as tap:
        window = Window(tap)
        teller.hear("/subscribe")
        teller.tell("/hello", "1", 3)
        window.move("voice", voice - 1)
        teller.hear("/unsubscribe")
        others = [other for other in (1, 2, 3) if other != voice]
        for other in others:
            teller.tell(f"/voice/{other}/axes", *(f"not{end}" for end in ENDS))
        teller.tell(f"/voice/{voice}/axes", *WORDS)
        for other in others:
            teller.tell(f"/voice/{other}/axes", *(f"not{end}" for end in ENDS))
        teller.tell(f"/voice/{voice}/velocity", *[100] * 32)
        teller.tell(f"/voice/{voice}/pattern", *[1] * 32)
        window.wait_for([100] * 32)
        assert window.labels == dict(zip(ENDS, WORDS, strict=True))
        teller.tell(f"/voice/{voice}/axes", "", "", "", "")
        wait_until(lambda: window.look() or set(window.labels.values()) == {""})
