"""A JACK server without sound, for real MIDI between processes."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import mido
import rtmidi

from tests.firmware.waiting import wait_until

BACKEND = "mido.backends.rtmidi/UNIX_JACK"


@contextmanager
def jack_server(name: str) -> Iterator[mido.Backend]:
    """Run a server of that name; give mido's way to it."""
    os.environ.update(
        JACK_NO_AUDIO_RESERVATION="1", JACK_DEFAULT_SERVER=name, JACK_NO_START_SERVER="1"
    )
    server = subprocess.Popen(
        ("jackd", "-r", "-n", name, "-S", "-d", "dummy", "-r", "48000", "-p", "128"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        backend = mido.Backend(BACKEND)
        wait_until(lambda: runs(backend))
        yield backend
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(20)


def runs(backend: mido.Backend) -> bool:
    try:
        backend.get_output_names()
    except rtmidi.RtMidiError:
        return False
    return True


def port_named(names: list[str], part: str) -> str | None:
    return next((name for name in names if part in name), None)
