"""The module's player and front panel in one process and in virtual time.

Both are the very objects that run on the module, over the buses of a simulated rack and with
their message socket between them. Each is stepped when it is due, or when a message, an edge
or MIDI arrives for it; time moves from one of these to the next, as fast as it goes.
"""

import os
import select
import socket
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import NamedTuple

from firmware.bundle.decoder import Decoder
from firmware.drivers.realtime import RealTimeClaim
from firmware.ipc.heartbeat import create_heartbeat
from firmware.ipc.process_config import PanelConfig, player_config
from firmware.midi.parser import MidiReader
from firmware.panel.bundle_loader import BundleLoader
from firmware.panel.process import make_panel
from firmware.player.event_wait import HEARTBEAT_NS
from firmware.player.player import make_player
from firmware.simulator.clock import VirtualTime
from firmware.simulator.midi import MidiPipes
from firmware.simulator.rack import Rack
from firmware.storage.paths import Home, InstalledBundle
from firmware.storage.settings import MidiSettings, read_settings
from firmware.ui.snapshot import SystemView


class MidiOut(NamedTuple):
    """A MIDI message and when it left."""

    time_ns: int
    data: bytes


class VirtualModule:
    """A module that is switched on, until `close`; a context manager.

    rack: every jack and knob. midi: what left the MIDI output.
    """

    def __init__(
        self,
        home: Home,
        decoders: Mapping[InstalledBundle, Sequence[Decoder]],
        now_ns: int = 0,
        history: int | None = None,
    ) -> None:
        """Power the rack and start the player at time 0, and the panel at `now_ns`.

        `history` bounds what the rack's traces keep; leave it out to keep everything.
        `decoders` are those of the home's bundles. The home's MIDI ports are not opened, and
        nothing of this machine is displayed, so that every run is the same.
        """
        self.time = VirtualTime()
        self.rack = Rack(self.time, history=history)
        self.midi: list[MidiOut] = []
        self._pipes = MidiPipes()
        self._reader = MidiReader()
        devices = self.rack.backend(self._pipes.open)
        settings = replace(read_settings(home.settings).settings, midi=MidiSettings())
        # Handles of this object's own: the processes' halves close theirs.
        self._player_end, other_end = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        heartbeat = create_heartbeat()
        launch = player_config(
            home, settings, messages=os.dup(self._player_end.fileno()), heartbeat=heartbeat
        )
        self.player = make_player(launch, devices, lambda: self.time.now_ns, RealTimeClaim())
        os.close(heartbeat)
        self.player.start()
        self._player_ns = self.time.now_ns = now_ns
        self.panel = make_panel(
            PanelConfig(other_end.detach(), str(home.root), str(home.settings)),
            devices,
            now_ns,
            loader=BundleLoader(home, decoders),
            system=SystemView,
        )
        self._poll = select.poll()
        panel_end = self.panel.player.fileno()
        for descriptor in (panel_end, self.player.messages, *self.player.inputs):
            self._poll.register(descriptor, select.POLLIN)

    def run_until(self, until_ns: int) -> None:
        """Run what is due before a time, which it is then."""
        while (due_ns := min(self._player_ns, self.panel.next_deadline_ns)) < until_ns:
            self.time.now_ns = max(self.time.now_ns, due_ns)
            self.step()
        self.time.now_ns = until_ns

    def step(self) -> None:
        """Run what is due now, and what that sends to the other half."""
        now_ns = self.time.now_ns
        if self._player_ns <= now_ns:
            self._step_player([])
        if self.panel.next_deadline_ns <= now_ns:
            self.panel.step(now_ns)
        while ready := [descriptor for descriptor, _ in self._poll.poll(0)]:
            if self.panel.player.fileno() in ready:
                self.panel.step(now_ns)
            else:
                self._step_player(ready)

    def send_midi(self, data: bytes) -> None:
        """Send bytes to the MIDI input."""
        self._pipes.send(data)

    def close(self) -> None:
        """Switch off in order: the jacks go to 0 V, the state is saved."""
        self.player.stop()
        with suppress(OSError):
            self.panel.close()
        self.panel.player.close()
        self._player_end.close()
        self._pipes.close()

    def __enter__(self) -> "VirtualModule":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _step_player(self, ready: Sequence[int]) -> None:
        """Step the player, and take what it sent as MIDI at this time."""
        now_ns = self.time.now_ns
        self.player.step(ready)
        messages = self._reader.feed(self._pipes.read())
        self.midi += [MidiOut(now_ns, message) for message in messages]
        due_ns = self.player.next_deadline_ns
        asleep_ns = now_ns + HEARTBEAT_NS
        self._player_ns = asleep_ns if due_ns is None else min(due_ns, asleep_ns)
