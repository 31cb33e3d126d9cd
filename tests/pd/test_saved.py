"""A patch that is saved while a module talks opens as new."""

import subprocess
from pathlib import Path

from tests.firmware.waiting import wait_until
from tests.pd.live import Teller, Window
from tests.pd.patches import PD, running_patch

SAVE = """#N canvas 0 0 300 200 12;
#X obj 10 10 loadbang;
#X obj 10 40 delay 200;
#X msg 10 70 \\; pd-exnihilo.pd menusave \\; pd quit;
#X connect 0 0 1 0;
#X connect 1 0 2 0;
"""


def saved_anew(patch: Path) -> str:
    """Open a patch where no module is, save it and give what was saved."""
    save = patch.parent / "save.pd"
    save.write_text(SAVE, "utf-8")
    subprocess.run(
        (*PD, "-batch", "-noaudio", "-open", str(patch), "-open", str(save)),
        check=True,
        capture_output=True,
        timeout=60,
    )
    return patch.read_text("utf-8")


def test_a_saved_patch_opens_as_new(tmp_path: Path, teller: Teller) -> None:
    patch = tmp_path / "exnihilo.pd"
    with running_patch(tmp_path, teller.port) as tap:
        made = patch.read_text("utf-8")
        window = Window(tap)
        teller.hear("/subscribe")
        teller.tell("/hello", "1", 3)
        for address, value in (("x", 0.75), ("y", 0.25), ("length", 32), ("step", 5)):
            teller.tell(f"/voice/1/{address}", value)
        teller.tell("/voice/1/velocity", *[100] * 32)
        teller.tell("/voice/1/pattern", *[1] * 32)
        teller.tell("/fault", "full")
        window.wait_for([100] * 32)

        def saved_with_handle() -> bool:
            tap.save()
            window.move("tempo", 100)
            teller.hear("/tempo")
            return " exnihilo-spot 0.75 0.25 " in patch.read_text("utf-8")

        wait_until(saved_with_handle)
    opened_anew = saved_anew(patch)
    patch.write_text(made, "utf-8")
    assert opened_anew == saved_anew(patch)
