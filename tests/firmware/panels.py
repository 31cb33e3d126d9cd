"""A front panel over a simulated rack, under a time that the test moves."""

import os
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from firmware.engine.state import Command, EngineState, Report
from firmware.ipc.codec import MESSAGE_BYTES_MAX, pack, unpack
from firmware.ipc.player_connection import PlayerConnection
from firmware.panel.bundle_loader import BundleLoader
from firmware.panel.controller import FrontPanel
from firmware.panel.self_test import SelfTest
from firmware.panel.system_info import read_system
from firmware.simulator.clock import VirtualTime
from firmware.simulator.rack import Rack
from firmware.storage.paths import Home
from firmware.storage.settings import CheckedSettings, Settings
from firmware.ui.snapshot import SystemView

MS_NS = 1_000_000


def no_midi(direction: int) -> int:
    """Open a MIDI port at which nothing arrives."""
    return os.open(os.devnull, direction)


@dataclass
class PanelRig:
    """A panel, its rack, and the player's end of its socket."""

    home: Home
    settings: CheckedSettings = field(default_factory=lambda: CheckedSettings(Settings()))

    system: SystemView | None = None
    """What the machine says of itself, instead of what it does."""

    def __post_init__(self) -> None:
        self.time = VirtualTime()
        self.rack = Rack(self.time)
        self.rack.adc.volts.update(dict.fromkeys(("knob_x", "knob_y", "knob_threshold"), 1.65))
        ours, self.player = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.player.settimeout(0)
        self.reports = 0
        self.panel = FrontPanel(
            home=self.home,
            settings=self.settings,
            devices=self.rack.backend(no_midi),
            player=PlayerConnection(ours),
            self_test=SelfTest(["--home", str(self.home.root)]),
            loader=BundleLoader(self.home),
            read_system=lambda: self.system or read_system(),
            now_ns=self.time.now_ns,
        )

    def run(self, ms: int) -> None:
        """Let time pass, stepping whenever the panel is due."""
        end_ns = self.time.now_ns + ms * MS_NS
        while self.panel.next_deadline_ns <= end_ns:
            self.time.now_ns = max(self.panel.next_deadline_ns, self.time.now_ns)
            self.panel.step(self.time.now_ns)
        self.time.now_ns = end_ns

    def until(self, condition: Callable[[], object]) -> None:
        """Step, and wait for the verifying child and the writing thread, until it is so."""
        for _ in range(600):
            self.run(60)
            if condition():
                self.run(4)
                return
            self.wait_for_helpers()
        raise AssertionError("it never happened")

    def wait_for_helpers(self) -> None:
        """Wait, in real time, for the verifying child and the writing thread."""
        panel, state_writer = self.panel, self.panel.state_writer
        verifier = panel.bundle_manager.loader._verifier
        for child in (verifier and verifier._process, panel.actions.self_test._child):
            if child:
                child.wait(30)
        state_writer.wait_idle()

    def received(self) -> Sequence[EngineState | Command]:
        """Return what the player was sent since the last call."""
        messages = []
        try:
            while data := self.player.recv(MESSAGE_BYTES_MAX):
                message = unpack(data)[1]
                assert not isinstance(message, Report)
                messages.append(message)
        except BlockingIOError:
            pass
        return messages

    def engine_states(self) -> list[EngineState]:
        """Return the engine states among them."""
        return [message for message in self.received() if isinstance(message, EngineState)]

    def report(self, report: Report) -> None:
        """Report as the player would."""
        self.player.send(pack(report, self.reports))
        self.reports += 1

    def volts(self, **volts: float) -> None:
        """Set jacks and knobs."""
        self.rack.adc.volts.update(volts)

    def close(self) -> None:
        """Switch off in order."""
        self.panel.close()
        self.player.close()
        self.panel.player.close()
        self.rack.encoder.close()


def install(home: Home, bundle: Path, sequence: int) -> None:
    """Install a bundle as deploy would."""
    folder = home.bundles / bundle.name / f"{sequence:06d}"
    folder.mkdir(parents=True)
    for path in bundle.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
