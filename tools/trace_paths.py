"""The modules that a value passes on its way through the firmware.

    python -m tools.trace_paths [KIT]

prints the way of an X voltage to the gate, of an OSC message to the player and of a pushed
bundle to its first pattern: a line per module, in the order in which it is reached, with the
number of calls that carried the value. `tracing.py` says what counts. The module runs in
virtual time (`firmware/desk/virtual_module.py`); a push runs both its ends in this process.
"""

import gc
import select
import socket
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from deploy.client.push import PreparedBundle, pack, push
from deploy.connection import REPLY_S, Connection
from deploy.protocol import LINE_BYTES_MAX
from deploy.receiver.receiver import IDLE_S, Receiver
from firmware.bundle.bundle import read_bundle, write_bundle
from firmware.bundle.decoder import load_decoders
from firmware.desk.virtual_module import VirtualModule
from firmware.instrument.instrument import Source
from firmware.instrument.parameters import Key
from firmware.ipc.control_protocol import Answer, Reply, Request, serve_line
from firmware.ipc.control_server import ControlServer, listen
from firmware.ipc.json_lines import FrameReader
from firmware.osc.packet import encode
from firmware.osc.server import open_osc
from firmware.storage.paths import Home, InstalledBundle
from firmware.storage.settings import OscSettings
from tools.tracing import DECODER, Trace, counted, of_values, path

Threads = Sequence[threading.Thread]

START_NS = 1_000_000_000
STEP_NS = 125_000_000
"""At 120 BPM, which is the default."""

POLL_S = 0.05
"""How often to look whether a push has ended."""


def trace_x(bundle: Path, volts: float) -> Trace:
    """Trace the step that plays after the X jack has gone to `volts`.

    Every step sounds, and on the grid, so that nothing differs but its velocity.
    """
    with _playing(bundle) as module:
        for name in ("threshold", "groove"):
            for voice in range(3):
                module.panel.instrument.set_value(Key(name, voice), 0.0, Source.OSC)
        module.run_until(module.time.now_ns + STEP_NS)
        module.rack.adc.volts["cv_x"] = volts
        with Trace() as trace:
            module.run_until(module.time.now_ns + STEP_NS)
    return trace


def trace_osc(bundle: Path, threshold: float) -> Trace:
    """Trace an OSC message until the player has received what follows from it."""
    with _playing(bundle) as module:
        service = open_osc(OscSettings(port=0), module.panel.faults)
        with socket.fromfd(service.fileno(), socket.AF_INET, socket.SOCK_DGRAM) as here:
            here.sendto(encode("/threshold", threshold), here.getsockname())
        with Trace() as trace:
            service.serve_ready(module.panel, module.time.now_ns)
            module.panel.step(module.time.now_ns)
            module.step()
        service.close()
    return trace


def trace_push(bundle: Path, voice: int) -> Trace:
    """Trace a push of one voice of a bundle until the module has answered that it plays."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        gc.collect()
        home = Home(Path(folder) / "home")
        home.prepare()
        module = stack.enter_context(VirtualModule(home, {}, START_NS))
        module.run_until(START_NS + STEP_NS)
        (prepared,) = pack([_one_voice(bundle, voice, Path(folder) / f"voice {voice}")])
        laptop, receiver = socket.socketpair()
        with Trace() as trace:
            threads = (
                threading.Thread(target=_receive, args=(home, receiver)),
                threading.Thread(target=_push, args=(laptop, prepared)),
            )
            for thread in threads:
                thread.start()
            _serve(module, listen(home.control), threads)
    return trace


class _Link(Connection):
    """A connection to a receiver in this process."""

    def __init__(self, near_end: socket.socket) -> None:
        self._name = "here"
        self._sink = near_end.makefile("wb")
        self._reader = FrameReader(near_end.fileno(), REPLY_S, LINE_BYTES_MAX)


def _push(laptop: socket.socket, bundle: PreparedBundle) -> None:
    push(_Link(laptop), bundle, lambda *_: None, play=True)
    laptop.shutdown(socket.SHUT_RDWR)


def _receive(home: Home, end: socket.socket) -> None:
    Receiver(home, FrameReader(end.fileno(), IDLE_S, LINE_BYTES_MAX), end.fileno()).serve()


def _serve(module: VirtualModule, listener: socket.socket, until: Threads) -> None:
    """Serve requests as the panel's process does, until threads end.

    Time passes only while an answer is pending, so that a trace does not depend on how long the
    threads take.
    """
    pending: list[Request] = []

    def handle(request: Request, answer: Answer) -> None:
        def answered(reply: Reply) -> None:
            pending.remove(request)
            answer(reply)

        pending.append(request)
        module.panel.serve(request, answered, module.time.now_ns)

    with ControlServer(listener, partial(serve_line, handle)) as server:
        while any(thread.is_alive() for thread in until):
            select.select([server], [], [], POLL_S)
            server.serve_ready()
            while pending:
                module.run_until(module.time.now_ns + STEP_NS)
                module.panel.state_writer.wait_idle()


def _one_voice(bundle: Path, voice: int, folder: Path) -> Path:
    """Write a bundle of one of a bundle's voices, named after its folder."""
    whole = read_bundle(bundle)
    only = whole.manifest.voices[voice]
    manifest = replace(whole.manifest, name=folder.name, voices=(only,), extras=())
    write_bundle(folder, manifest, {only.file: whole.models[voice]})
    return folder


@contextmanager
def _playing(bundle: Path) -> Iterator[VirtualModule]:
    """Switch on a module that plays a bundle."""
    gc.collect()  # what the last one held open: descriptors must be the same
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        home.prepare()
        version = InstalledBundle(1, "bundle")
        home.folder(version).mkdir(parents=True)
        decoders = {version: load_decoders(read_bundle(bundle))}
        with VirtualModule(home, decoders, START_NS) as module:
            module.run_until(START_NS + 4 * STEP_NS - STEP_NS // 2)
            yield module


class Route(NamedTuple):
    """A way to trace: how, with which two values, where it ends, and its bounds.

    passes: modules that must be on it. budget: the most that may be.
    """

    trace: Callable[[Path, Any], Trace]
    values: tuple[Any, Any]
    passes: tuple[str, ...]
    end: str
    budget: int


ROUTES = {
    "an X voltage to the gate": Route(
        trace_x,
        (2.0, 3.0),
        ("firmware.drivers.mcp3208", DECODER, "firmware.ipc.codec", "firmware.engine.voice"),
        "firmware.drivers.mcp4728",
        18,
    ),
    "an OSC message to the player": Route(
        trace_osc,
        (0.25, 0.75),
        ("firmware.osc.server", "firmware.instrument.instrument", "firmware.ipc.codec"),
        "firmware.player.player",
        10,
    ),
    "a push to playing": Route(
        trace_push,
        (0, 1),
        ("deploy.client.push", "firmware.bundle.store", "firmware.panel.controller", DECODER),
        "firmware.panel.decoders",
        15,
    ),
}


def modules_of(route: Route, bundle: Path) -> dict[str, int]:
    """Return the modules on a route, in order, with the calls that carried the value."""
    one, other = route.values
    route.trace(bundle, one)  # fills the caches, which would differ otherwise
    return path(route.trace(bundle, one), route.trace(bundle, other), route.end)


def main(arguments: Sequence[str]) -> None:
    """Print all routes through a bundle."""
    bundle = Path(arguments[0] if arguments else "tests/data/bundle")
    for name, route in ROUTES.items():
        modules = modules_of(route, bundle)
        sys.stdout.write(f"{name}: {len(counted(modules))} modules\n")
        for module, calls in modules.items():
            values = " (values)" if of_values(module) else ""
            sys.stdout.write(f"{calls:8} {module}{values}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
