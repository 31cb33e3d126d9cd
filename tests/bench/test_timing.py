"""The timing bench survives a player that is restarted while it measures."""

import os
import subprocess
import sys
from pathlib import Path

from tests.bench.timing import Phase, lateness_in, lines, read_notes

ROWS = ("three voices", "module", "edge to gate", "cyclictest", "absolute sleep", "mido play")

WRITER = """
import os, signal, sys
from firmware.engine.output_event import OutputEvent
from firmware.engine.voice import Levels
from tests.bench.timed_player import Notes
notes = Notes()
for time_ns in map(int, sys.argv[1:]):
    notes.add(OutputEvent(time_ns, 0, Levels(gate=5.0)), time_ns + 7)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_notes_of_players_that_were_killed_are_read_with_the_last_one_s(tmp_path: Path) -> None:
    for times in (("10", "20"), ("30",)):
        environment = {**os.environ, "EXNIHILO_TIMING": str(tmp_path)}
        subprocess.run((sys.executable, "-c", WRITER, *times), env=environment, check=False)
    players, writes = read_notes(tmp_path)
    assert players == 2
    assert sorted(writes) == [(10, 17, True), (20, 27, True), (30, 37, True)]
    assert sorted(lateness_in(Phase("load", "module", 15, 40), writes)) == [7, 7]


def test_a_row_without_a_write_is_printed_and_misses_its_goals() -> None:
    rows = {name: [1000] * 10 for name in (*ROWS, "Pd metro")}
    text = "\n".join(lines({"load": {**rows, "module": []}}, 1.0, restarts=1))
    assert "MISSED the player was restarted 1 times" in text
    assert "module                 0" in text
    assert "restarted" not in "\n".join(lines({"load": rows}, 1.0, restarts=0))
