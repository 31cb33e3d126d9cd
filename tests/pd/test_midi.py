"""What the patch sends to MIDI, with a printer in the place of Pd's own output."""

import re
import subprocess
from pathlib import Path

from tests.pd.patches import PD, free_port, place_patch

PRINTER = """#N canvas 0 0 300 200 12;
#X obj 10 10 inlet;
#X obj 60 10 inlet;
#X obj 110 10 inlet;
#X obj 10 60 pack f f f;
#X obj 10 90 print sent;
#X connect 0 0 3 0;
#X connect 1 0 3 1;
#X connect 2 0 3 2;
#X connect 3 0 4 0;
"""
"""Note, velocity and channel, whenever the note comes, as [noteout] has it."""

ACTIONS = """#N canvas 0 0 300 200 12;
#X obj 10 10 loadbang;
#X obj 10 40 delay 100;
#X msg 10 70 ACTIONS;
#X connect 0 0 1 0;
#X connect 1 0 2 0;
"""


def sent(folder: Path, actions: list[str]) -> list[tuple[int, ...]]:
    """Return the notes, velocities and channels that are sent while actions are done."""
    patch = place_patch(folder, "exnihilo.pd", free_port())
    text = patch.read_text("utf-8")
    assert text.count(" noteout;") == 1
    patch.write_text(text.replace(" noteout;", " printer;"), "utf-8")
    (folder / "printer.pd").write_text(PRINTER, "utf-8")
    words = " ".join(f"\\; {action}" for action in (*actions, "pd quit"))
    (folder / "actions.pd").write_text(ACTIONS.replace("ACTIONS", words), "utf-8")
    done = subprocess.run(
        (*PD, "-batch", "-noaudio", "-open", str(patch), "-open", str(folder / "actions.pd")),
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    lines = (re.fullmatch(r"sent: (.*)", line) for line in done.stderr.splitlines())
    return [tuple(map(int, line[1].split())) for line in lines if line]


def test_each_voice_is_sent_on_its_own_channel(tmp_path: Path) -> None:
    actions = ["exnihilo-midi-moved 1"]
    actions += [f"exnihilo-note {v} {30 + v} {loud}" for loud in (100, 0) for v in (1, 2, 3)]
    assert sent(tmp_path, actions) == [
        (30 + voice, loud, voice) for loud in (100, 0) for voice in (1, 2, 3)
    ]


def test_a_note_that_sounds_is_ended_though_the_sending_was_turned_off(
    tmp_path: Path,
) -> None:
    actions = ["exnihilo-midi-moved 1", "exnihilo-note 1 36 100", "exnihilo-midi-moved 0"]
    actions += ["exnihilo-note 1 36 0", "exnihilo-note 1 37 100"]
    assert sent(tmp_path, actions) == [(36, 100, 1), (36, 0, 1)]


def test_nothing_is_sent_until_it_is_asked_for(tmp_path: Path) -> None:
    assert sent(tmp_path, ["exnihilo-note 1 36 100"]) == []
