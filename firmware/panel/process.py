"""The panel's process: the front panel and its loop.

The loop wakes every 2 ms for the CVs, and at once for the player's reports, requests on the
control socket and OSC.
"""

import gc
import select
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

from firmware.drivers.backend import Backend, open_backend
from firmware.ipc.control_protocol import Answer, Handler, Reply, Request, serve_line
from firmware.ipc.control_server import ControlServer
from firmware.ipc.heartbeat import SharedHeartbeat
from firmware.ipc.player_connection import PlayerConnection
from firmware.ipc.process_config import PanelConfig
from firmware.panel.bundle_loader import BundleLoader
from firmware.panel.controller import FrontPanel
from firmware.panel.self_test import SelfTest
from firmware.panel.system_info import read_system
from firmware.storage.paths import Home
from firmware.storage.settings import read_settings
from firmware.ui.panel_update import PanelService
from firmware.ui.snapshot import SystemView

AGAIN_NS = 5_000_000_000
"""Time between two attempts to open a port that is in use."""


def main(launch: PanelConfig) -> None:
    """Run until the supervisor is gone."""
    panel = make_panel(launch, open_backend(launch.rack, ("panel",)), time.monotonic_ns())
    listener = socket.socket(fileno=launch.control)
    server = ControlServer(listener, partial(serve_line, request_handler(panel, launch)))
    gc.freeze()
    try:
        run(panel, server, launch.lifeline)
    finally:
        with suppress(OSError):
            panel.close()


def make_panel(
    launch: PanelConfig,
    devices: Backend,
    now_ns: int,
    *,
    loader: BundleLoader | None = None,
    system: Callable[[], SystemView] = read_system,
) -> FrontPanel:
    """Make a panel over these devices, with its own loader of bundles unless one is given."""
    home = Home(Path(launch.home))
    return FrontPanel(
        home=home,
        settings=read_settings(Path(launch.settings)),
        devices=devices,
        player=PlayerConnection(socket.socket(fileno=launch.messages)),
        self_test=SelfTest(_options(launch)),
        loader=loader or BundleLoader(home),
        read_system=system,
        now_ns=now_ns,
    )


def _options(launch: PanelConfig) -> list[str]:
    """Return the options of `firmware doctor` for this module."""
    rack = ["--rack", launch.rack] if launch.rack else []
    return ["--home", launch.home, "--settings", launch.settings, *rack]


def request_handler(panel: FrontPanel, launch: PanelConfig) -> Handler:
    """Return the panel's handler of requests, with what concerns both processes in a status."""
    heartbeat = SharedHeartbeat(launch.heartbeat)

    def completed(reply: Reply) -> Reply:
        if reply.status is None:
            return reply
        now_ns = time.monotonic_ns()
        healthy = reply.status.healthy and heartbeat.is_recent(now_ns)
        uptime_s = (now_ns - launch.started_ns) / 1e9
        return replace(reply, status=replace(reply.status, healthy=healthy, uptime_s=uptime_s))

    def handle(request: Request, answer: Answer) -> None:
        panel.serve(request, lambda reply: answer(completed(reply)), time.monotonic_ns())

    return handle


def run(panel: FrontPanel, server: ControlServer, lifeline: int) -> None:
    """Step the panel whenever it is due or something arrived, until the lifeline closes."""
    ready: list[int] = []
    handlers: dict[int, Callable[[], None]] = {
        panel.player.fileno(): lambda: None,  # `step` reads the reports
        server.fileno(): server.serve_ready,
        lifeline: lambda: None,
    }
    osc_ns = 0
    while lifeline not in ready:
        wait_s = (panel.next_deadline_ns - time.monotonic_ns()) / 1e9
        polled = [*handlers] if panel.gestures is None else [*handlers, panel.gestures]
        ready, _, _ = select.select(polled, [], [], max(wait_s, 0.0))
        for descriptor in ready:
            if descriptor in handlers:
                handlers[descriptor]()
        panel.step(time.monotonic_ns(), ready)
        if not panel.services and time.monotonic_ns() >= osc_ns:
            osc_ns = time.monotonic_ns() + AGAIN_NS
            _listen(panel, handlers)


def _listen(panel: FrontPanel, handlers: dict[int, Callable[[], None]]) -> None:
    """Open OSC's port, if it is free."""
    from firmware.osc.server import open_osc  # noqa: PLC0415 - the first gate does not wait for it

    try:
        service = open_osc(panel.settings.osc, panel.faults)
    except OSError as error:
        panel.faults.raise_("osc", f"port {panel.settings.osc.port}: {error.strerror}")
        return
    panel.faults.heal("osc")
    panel.services.append(service)
    handlers[service.fileno()] = partial(_serve, service, panel)


def _serve(service: PanelService, panel: FrontPanel) -> None:
    service.serve_ready(panel, time.monotonic_ns())
