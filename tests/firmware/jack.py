"""A JACK server without sound, for real MIDI between processes."""

import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

import mido
import pytest
import rtmidi

from tests.firmware.waiting import wait_until

BACKEND = "mido.backends.rtmidi/UNIX_JACK"

CLIENT_WAIT_MS = 200
"""A tenth of how long the server waits for a client in a cycle. Its own limit is a few cycles;
what is sent to a client that the machine holds up longer than that can be lost."""

NAMES = tuple(f"exnihilo-{n}" for n in range(4))
"""A killed server keeps its place among JACK's eight until one of its name starts again,
so that names are used over and over."""


@contextmanager
def jack_server() -> Iterator[mido.Backend]:
    """Run a server; give mido's way to it. Fails with what JACK said if none starts."""
    os.environ.update(JACK_NO_AUDIO_RESERVATION="1", JACK_NO_START_SERVER="1")
    server = start_server()
    try:
        yield mido.Backend(BACKEND)
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(20)


def start_server() -> subprocess.Popen[bytes]:
    with tempfile.TemporaryFile("w+") as said:
        for name in NAMES:
            if server := started(name, said):
                return server
        said.seek(0)
        pytest.fail(f"no JACK server starts:\n{said.read()}")


def started(name: str, said: IO[str]) -> subprocess.Popen[bytes] | None:
    """A server of that name that answers, or None if it ended (the name may be taken)."""
    os.environ["JACK_DEFAULT_SERVER"] = name
    server = subprocess.Popen(
        f"jackd -r -t {CLIENT_WAIT_MS} -n {name} -S -d dummy -r 48000 -p 128".split(),
        stdout=said,
        stderr=said,
    )
    wait_until(lambda: server.poll() is not None or runs(mido.Backend(BACKEND)))
    return server if server.poll() is None else None


def runs(backend: mido.Backend) -> bool:
    try:
        backend.get_output_names()
    except rtmidi.RtMidiError:
        return False
    return True


def port_named(names: list[str], part: str) -> str | None:
    return next((name for name in names if part in name), None)
