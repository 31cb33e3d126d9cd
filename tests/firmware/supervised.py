"""A supervisor in its own process, with its rack, as tests watch it from outside."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from firmware.simulator.remote import HALVES, RemoteRack
from firmware.simulator.serving import served_rack
from firmware.simulator.trace import CvNote, Sample, cv_notes
from firmware.storage.paths import Home
from firmware.storage.settings import parse_settings
from firmware.supervisor.supervisor import Module, Supervisor
from tests.firmware.waiting import wait_until

FOREVER_NS = 1 << 62


def child_of(pid: int, name: str) -> int | None:
    """Find a process's living child of this name, or with this word in its command line."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
    for child in map(int, children):
        try:
            words = Path(f"/proc/{child}/cmdline").read_text("ascii").split("\0")
            comm = Path(f"/proc/{child}/comm").read_text("ascii").strip()
            state = Path(f"/proc/{child}/stat").read_text("ascii").rsplit(")", 1)[1].split()
        except OSError:
            continue
        if name in {comm, *words} and state[0] != "Z":
            return child
    return None


class Supervised:
    """A running supervisor: its processes, its rack, its home."""

    def __init__(
        self, process: "subprocess.Popen[bytes]", rack: RemoteRack, home: Home
    ) -> None:
        self.process = process
        self.rack = rack
        self.home = home

    def pid(self, name: str) -> int | None:
        """Find the living process of this name."""
        return child_of(self.process.pid, name)

    def kill_rack(self) -> None:
        """Kill the processes that serve the rack."""
        for half in HALVES:
            pid = child_of(os.getpid(), half)
            assert pid is not None
            os.kill(pid, signal.SIGKILL)

    def notes(self, after_ns: int, voice: int = 0) -> list[CvNote]:
        """Return the gates of a voice that rose after a time."""
        trace = self.traces(after_ns)[voice]
        return [note for note in cv_notes(trace, FOREVER_NS) if note.start_ns > after_ns]

    def traces(self, since_ns: int) -> list[list[Sample]]:
        """Return what the voices' jacks did since a time, and a little before it.

        Not all of it: the rack that gathers it keeps the player waiting.
        """
        before_ns = since_ns - 2_000_000_000
        traces: list[list[Sample]] = self.rack.ask("player", "traces.since", before_ns)
        return traces

    def wait_for_notes(self, after_ns: int, count: int = 3) -> list[CvNote]:
        """Wait until every voice has played some notes after a time."""

        def enough() -> list[CvNote] | None:
            found = [self.notes(after_ns, voice) for voice in range(3)]
            return found[0] if min(map(len, found)) >= count else None

        return wait_until(enough, 60)


@contextmanager
def supervised(
    folder: Path, environment: Mapping[str, str] | None = None, settings: str = ""
) -> Iterator[Supervised]:
    """Run a supervisor over a served rack while the context lasts."""
    home = Home(folder / "home")
    home.state.mkdir(parents=True)
    home.settings.write_text(settings)
    with served_rack(folder / "rack") as rack:
        command = (sys.executable, "-m", "tests.firmware.supervised")
        process = subprocess.Popen(
            (*command, str(home.root), str(folder / "rack")),
            env={**os.environ, **(environment or {})},
        )
        try:
            yield Supervised(process, rack, home)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(20)


def main() -> None:
    home = Home(Path(sys.argv[1]))
    settings = parse_settings(home.settings.read_text()).settings
    rack = Path(sys.argv[2])
    panel = "tests.firmware.state_panel"
    Supervisor(Module(home, home.settings, settings, rack, panel=panel)).run()


if __name__ == "__main__":
    main()
