"""What is counted: the work of a panel and of a player that were set up before.

    python -m tests.bench.budget.scenarios HOME [SCENARIO...]

Run under valgrind by `count.py`. The work is done in two children, once and twice as often, so
that the difference of their counts is the work alone.
"""

import gc
import os
import select
import socket
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

from firmware.board.constants import ADC_INPUTS
from firmware.drivers.realtime import RealTimeClaim, quiet_collector
from firmware.engine.pattern import STEPS, Pattern
from firmware.engine.state import EngineState, Report, VoiceState
from firmware.ipc.codec import MESSAGE_BYTES_MAX, pack
from firmware.ipc.heartbeat import create_heartbeat
from firmware.ipc.player_connection import PlayerConnection
from firmware.ipc.process_config import player_config
from firmware.osc.server import open_osc
from firmware.panel.bundle_loader import BundleLoader
from firmware.panel.controller import SCAN_NS, FrontPanel
from firmware.panel.self_test import SelfTest
from firmware.player import event_wait
from firmware.player.player import Player, make_player
from firmware.storage.paths import Home
from firmware.storage.settings import CheckedSettings, OscSettings, Settings
from firmware.ui.snapshot import SystemView
from tests.bench.budget.devices import MIDDLE, Spi, backend

S_NS = 1_000_000_000
TICK_NS = S_NS * 60 // 120 // 96
STEP_TICKS = 24
SCANS = 997
"""How many different scans there are: a prime, so that they meet everything at some time."""
WARM_UP = 100
"""What both children do before they are compared."""


class PanelBench:
    """A panel with a bundle that plays, under a time of its own."""

    def __init__(self, home: Path) -> None:
        """Start it and wait until its maps are rendered."""
        ours, self.player = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.player.settimeout(0)
        self.spi = Spi()
        self.now_ns = S_NS
        self.panel = FrontPanel(
            home=Home(home),
            settings=CheckedSettings(Settings()),
            devices=backend(self.spi),
            player=PlayerConnection(ours),
            self_test=SelfTest(()),
            loader=BundleLoader(Home(home)),
            read_system=SystemView,
            now_ns=self.now_ns,
        )
        self.panel.services.append(open_osc(OscSettings(port=0), self.panel.faults))
        self._reports = 0
        while not self.panel.maps.done:
            self.scan(1)
        self.report(0)
        self.scan(SCANS)
        self.panel.state_writer.wait_idle()
        self.scan(SCANS)

    def report(self, tick: int) -> None:
        """Report what the player would at a tick."""
        steps = (tick // STEP_TICKS % STEPS,) * 3
        recall = self.panel.instrument.recall
        report = Report(True, True, 120_000, tick, steps, recall)
        self.player.send(pack(report, self._reports))
        self._reports += 1

    def scan(self, count: int) -> None:
        """Step as often as the panel's process does, and as its player receive."""
        for _ in range(count):
            self.now_ns += SCAN_NS
            descriptors = (self.panel.player.fileno(), self.panel.gestures, self.player)
            ready = select.select(filter(None, descriptors), [], [], 0)[0]
            if self.player in ready:
                self.player.recv(MESSAGE_BYTES_MAX)
            self.panel.step(self.now_ns, ready)

    def rest(self, count: int) -> None:
        """Scan with a noise of one code on all inputs."""
        random = Random(1)
        self.spi.play(
            [[MIDDLE + random.randint(-1, 1) for _ in ADC_INPUTS] for _ in range(SCANS)]
        )
        self.scan(2 * SCANS)
        self.scan(count)

    def move(self, count: int) -> None:
        """Scan with all CVs moving, so that each scan decodes three voices; draw nothing."""
        self.panel.draw = lambda _: None  # type: ignore[method-assign]
        self._move_cvs()
        self.scan(WARM_UP + count)

    def take_reports(self, count: int) -> None:
        """Scan and take the report of a step in each; draw nothing."""
        self.panel.draw = lambda _: None  # type: ignore[method-assign]
        for n in range(WARM_UP + count):
            self.report(n * STEP_TICKS)
            self.scan(1)

    def take_nothing(self, count: int) -> None:
        """Scan as above, without a report: what remains is the report."""
        self.panel.draw = lambda _: None  # type: ignore[method-assign]
        self.scan(WARM_UP + count)

    def decode(self, count: int) -> None:
        """Decode one voice."""
        decoder = self.panel.bundle_manager.voice_decoders.decoders[0]
        for n in range(WARM_UP + count):
            decoder.decode((n % 97 / 96, n % 89 / 88))

    def draw(self, page: str, count: int) -> None:
        """Draw and write frames of a page on which something changed."""
        self._open_page(page)
        self._move_cvs()
        for n in range(WARM_UP + count):
            self.report(n * STEP_TICKS)
            self.panel._take_reports(self.now_ns)
            self.panel._scan(self.now_ns)
            self.panel.instrument.advance(self.now_ns)
            if n >= WARM_UP:
                self.panel.draw(self.now_ns)

    def draw_nothing(self, count: int) -> None:
        """Ask for frames on which nothing changed."""
        for _ in range(WARM_UP + count):
            self.panel.draw(self.now_ns)

    def _move_cvs(self) -> None:
        random = Random(1)
        knobs = [MIDDLE] * 3
        self.spi.play(
            [
                knobs + [1600 + (n * 17 + random.randint(0, 2)) % 400 for _ in range(5)]
                for n in range(SCANS)
            ]
        )

    def _open_page(self, name: str) -> None:
        while self.panel.menu.page.name != name:
            self.panel.menu.page_index += 1


class PlayerBench:
    """A player under a time of its own, with three voices on every step or on none."""

    def __init__(self, home: Path, *, sounding: bool) -> None:
        self.now_ns = S_NS
        event_wait.select = SimpleNamespace(select=self.select)  # type: ignore[assignment]
        self.panel, messages = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.player: Player = make_player(
            player_config(
                Home(home),
                Settings(),
                messages=messages.detach(),
                lifeline=os.pipe()[0],
                heartbeat=create_heartbeat(),
            ),
            backend(),
            now=lambda: self.now_ns,
            real_time=RealTimeClaim(),
        )
        self.player.start()
        level = 0.9 if sounding else 0.1
        pattern = Pattern((level,) * STEPS, tuple((n + 1) / STEPS for n in range(STEPS)))
        # Without steps that sound, a voice passes one in 16 sixteenths.
        division = 1 if sounding else 16
        voice = VoiceState(pattern=pattern, division=division)
        notes = (
            voice._replace(pitches=tuple(range(48 + 12 * n, 56 + 12 * n))) for n in range(3)
        )
        self.panel.send(pack(EngineState(voices=tuple(notes)), 0))
        # A division of 16 plays at every 384th tick; MIDI clock comes with every fourth.
        self._tick = 384 + 1
        self.play(0)

    def play(self, ticks: int) -> None:
        """Play that many ticks more, to the middle between the last one and the next."""
        until_ns = S_NS + (self._tick + ticks) * TICK_NS - TICK_NS // 2
        while self.now_ns < until_ns:
            self.player.step(self.player._wait())

    def select(self, *arguments: Any) -> object:
        """Let the time of a sleep pass, or that of all polls before a write."""
        *descriptors, timeout_s = arguments
        self.now_ns += round(timeout_s * 1e9) or event_wait.SPIN_NS
        return select.select(*descriptors, 0)


PANEL: Mapping[str, tuple[Callable[[PanelBench, int], object], int]] = {
    "scan at rest": (PanelBench.rest, 500),
    "scan moving": (PanelBench.move, 250),
    "scan with report": (PanelBench.take_reports, 25),
    "scan without report": (PanelBench.take_nothing, 25),
    "decode": (PanelBench.decode, 100),
    "frame of play": (lambda bench, count: bench.draw("play", count), 8),
    "frame of map": (lambda bench, count: bench.draw("map", count), 8),
    "unchanged frame": (PanelBench.draw_nothing, 8),
}
"""By name: what is done, and how often by the first child."""

PLAYER: Mapping[str, tuple[bool, int]] = {
    "tick": (False, 1),
    "sixteenth without steps": (False, 2 * STEP_TICKS),
    "sixteenth with steps": (True, 2 * STEP_TICKS),
}
"""By name: whether steps sound, and for how many ticks the first child plays."""


def count_twice(name: str, work: Callable[[int], object], count: int) -> None:
    """Let two children do the work, once and twice as often; print their process numbers."""
    for times in (count, 2 * count):
        child = os.fork()
        if not child:
            work(times)
            os._exit(0)
        os.waitpid(child, 0)
        sys.stdout.write(f"{name}\t{times}\t{child}\n")
        sys.stdout.flush()


def main(home: str, *names: str) -> None:
    """Run scenarios, or all."""
    chosen = names or (*PANEL, *PLAYER)
    if panel_names := [name for name in PANEL if name in chosen]:
        panel = PanelBench(Path(home))
        gc.collect()
        gc.freeze()
        for name in panel_names:
            work, count = PANEL[name]
            count_twice(name, partial(work, panel), count)
    for name in PLAYER:
        if name in chosen:
            sounding, ticks = PLAYER[name]
            player = PlayerBench(Path(home), sounding=sounding)
            quiet_collector()
            count_twice(name, player.play, ticks)


if __name__ == "__main__":
    main(*sys.argv[1:])
