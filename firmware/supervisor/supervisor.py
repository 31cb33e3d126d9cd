"""The parent process: starts player and panel, restarts them if they die, mutes the outputs.

It owns the sockets between them, so that a restarted process is connected again, and does
little else: only systemd can restart the supervisor itself.
"""

import logging
import os
import selectors
import signal
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path

from firmware.drivers.backend import open_backend
from firmware.drivers.realtime import SUPERVISOR_PRIORITY, take_priority
from firmware.errors import UserError
from firmware.ipc.control_server import listen
from firmware.ipc.heartbeat import SharedHeartbeat, create_heartbeat
from firmware.ipc.process_config import NO_DESCRIPTOR, PanelConfig, player_config
from firmware.midi.bridge import LINK, BridgeConfig, needs_bridge
from firmware.midi.ports import opener
from firmware.storage.paths import Home
from firmware.storage.settings import Settings, read_calibration
from firmware.supervisor.child_process import ChildProcess
from firmware.supervisor.output_mute import OutputMute
from firmware.supervisor.service_notifier import ServiceNotifier
from firmware.supervisor.status_light import Condition, StatusLight
from firmware.supervisor.watchdog import CHECK_NS, Watchdog

_LOG = logging.getLogger(__name__)

STOP_S = 2.0


@dataclass(frozen=True, slots=True)
class Module:
    """What to run; `rack` is a simulated rack's folder, None for the real board.

    `player` and `panel` name the Python modules whose `main` is the work of the two processes.
    """

    home: Home
    settings_path: Path
    settings: Settings
    rack: Path | None = None
    player: str = "firmware.player.player"
    panel: str = "firmware.panel.process"


class Supervisor:
    """Two processes, perhaps a MIDI bridge, and what they share."""

    def __init__(self, module: Module) -> None:
        """Listen for requests; start nothing yet.

        Raises `ControlError` if another firmware runs here, `BusError` without the DACs' bus.
        """
        self._lifeline, self._held = os.pipe()
        memory = create_heartbeat()
        self._heartbeat = SharedHeartbeat(memory)
        # Kept open here, so that messages and requests survive the death of their reader.
        self._control_path = module.home.control
        self._control = listen(self._control_path)
        self._messages = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._bridge = socket.socketpair() if needs_bridge(module.settings.midi) else None
        self._player = self._player_child(module, memory)
        self._panel = self._panel_child(module, memory)
        self._children = [self._player, self._panel, *self._bridge_children(module)]
        self._rack = module.rack
        self._output_mute = self._open_output_mute(module)
        self._selector = selectors.DefaultSelector()
        self._notifier = ServiceNotifier(os.environ.get("NOTIFY_SOCKET"))
        self._ready = False
        self._stopping = False
        self._watchdog = Watchdog(time.monotonic_ns())
        self._light = StatusLight(open_backend(module.rack, ("player",)).status_led())

    @property
    def healthy(self) -> bool:
        """Both processes are alive, and the player's heartbeat is recent."""
        recent = self._heartbeat.is_recent(time.monotonic_ns())
        return self._player.alive and self._panel.alive and recent

    def run(self) -> None:
        """Run until SIGTERM or SIGINT, then mute the outputs.

        Raises `UserError` when a simulated rack is gone.
        """
        take_priority(SUPERVISOR_PRIORITY)
        self._output_mute.silence()
        self._register(_signals(), self._stop_soon)
        try:
            while not self._stopping:
                self._step()
        finally:
            self._stop()

    def _step(self) -> None:
        """Start what is due, check the player, and wait for events."""
        now_ns = time.monotonic_ns()
        self._heartbeat.beat_supervisor(now_ns)
        self._check_player(now_ns)
        for child in self._children:
            if child.due_ns is not None and now_ns >= child.due_ns:
                child.start(now_ns)
                self._register(child.pidfd, partial(self._reap, child))
        self._notifier.notify("WATCHDOG=1")
        if self.healthy and not self._ready:
            self._ready = True
            self._notifier.notify("READY=1")
        self._light.show(self._condition, now_ns)
        for key, _ in self._selector.select(CHECK_NS * 1e-9):
            key.data()

    def _check_player(self, now_ns: int) -> None:
        """Kill a player that hangs; its death is then handled as any other."""
        started_ns = self._player.started_ns
        ages = self._watchdog.check(now_ns, self._heartbeat.heartbeat_ns, started_ns)
        if ages and self._player.alive:
            _LOG.error("the player hangs (%s): killing it", ages)
            self._player.kill()

    def _reap(self, child: ChildProcess) -> None:
        """Handle a dead process; the outputs are muted first."""
        if child is self._player and not self._output_mute.silence():
            _LOG.error("not every DAC answered when the outputs were muted")
        self._selector.unregister(child.pidfd)
        code = child.reap(time.monotonic_ns())
        cause = f"killed by signal {-code}" if code < 0 else f"exit code {code}"
        if self._rack and not _is_served(self._rack):
            raise UserError(f"{self._rack}: the simulated rack is gone; start it again")
        _LOG.error("the %s died (%s): restarting it", child.name, cause)

    @property
    def _condition(self) -> Condition:
        if not self._ready:
            return Condition.STARTING
        return Condition.READY if self.healthy else Condition.FAULT

    def _stop_soon(self) -> None:
        self._stopping = True

    def _stop(self) -> None:
        self._notifier.notify("STOPPING=1")
        self._light.show(Condition.STOPPING, time.monotonic_ns())
        os.close(self._held)
        for child in self._children:
            child.stop(STOP_S)
        self._output_mute.silence()
        self._control.close()
        self._control_path.unlink(missing_ok=True)

    def _register(self, descriptor: int, event: Callable[[], None]) -> None:
        self._selector.register(descriptor, selectors.EVENT_READ, event)

    def _player_child(self, module: Module, memory: int) -> ChildProcess:
        launch = player_config(
            module.home,
            module.settings,
            messages=self._messages[0].fileno(),
            lifeline=self._lifeline,
            heartbeat=memory,
            midi_bridge=self._bridge[0].fileno() if self._bridge else NO_DESCRIPTOR,
            rack=module.rack,
        )
        shared = [launch.messages, launch.lifeline, launch.heartbeat]
        if self._bridge:
            shared.append(launch.midi_bridge)
        return _child("player", module.player, launch, shared)

    def _panel_child(self, module: Module, memory: int) -> ChildProcess:
        launch = PanelConfig(
            messages=self._messages[1].fileno(),
            home=str(module.home.root),
            settings=str(module.settings_path),
            control=self._control.fileno(),
            lifeline=self._lifeline,
            heartbeat=memory,
            rack=str(module.rack or ""),
            started_ns=time.monotonic_ns(),
        )
        shared = [launch.messages, launch.control, launch.lifeline, launch.heartbeat]
        return _child("panel", module.panel, launch, shared)

    def _bridge_children(self, module: Module) -> list[ChildProcess]:
        if not self._bridge:
            return []
        midi = module.settings.midi
        launch = BridgeConfig(self._bridge[1].fileno(), self._lifeline, midi.input, midi.output)
        shared = [launch.socket, launch.lifeline]
        kind = "link" if midi.input == LINK else "bridge"
        return [_child(f"MIDI {kind}", f"firmware.midi.{kind}", launch, shared)]

    def _open_output_mute(self, module: Module) -> OutputMute:
        devices = open_backend(module.rack, ("player",))
        bridge = self._bridge[0].fileno() if self._bridge else NO_DESCRIPTOR
        output = module.settings.midi.output
        return OutputMute(
            devices.dacs(),
            read_calibration(module.home.calibration),
            opener(output, os.O_WRONLY, board=devices.midi, bridge=bridge),
            self._heartbeat,
        )


def _is_served(rack: Path) -> bool:
    try:
        open_backend(rack, ("player",))
    except OSError:
        return False
    return True


def _child(name: str, module: str, launch: object, shared: list[int]) -> ChildProcess:
    """Return a process that loads its module, so that no other does, and runs its `main`."""
    return ChildProcess(name, lambda: import_module(module).main(launch), shared)


def _signals() -> int:
    """Return a descriptor that becomes readable by SIGTERM or SIGINT."""
    readable, wake_end = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(wake_end)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    return readable
