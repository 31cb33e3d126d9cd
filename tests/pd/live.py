"""A module that plays on a simulated rack, and a patch in real Pd beside it, for tests."""

import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from firmware.osc.packet import Argument, Message, decode, encode
from tests.firmware.waiting import wait_until
from tests.pd.patches import HOST, Tap, free_port


class Module:
    """`firmware run --simulated` in a home of its own, and a client that listens to it."""

    def __init__(self, home: Path, bundle: Path) -> None:
        self.port = free_port()
        shutil.copytree(bundle, home / "bundles" / "demo" / "000001")
        (home / "settings.toml").write_text(f"[osc]\nport = {self.port}\n", "utf-8")
        self._command = (sys.executable, "-m", "firmware", "run", "--simulated")
        self._home = home
        self._client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._client.bind((HOST, 0))
        self._client.settimeout(0)
        self._asked_s = 0.0
        self.values: dict[str, tuple[Argument, ...]] = {}
        self.start()

    def start(self) -> None:
        self.values.clear()
        self._process = subprocess.Popen(
            (*self._command, "--home", str(self._home)), stderr=subprocess.DEVNULL
        )
        wait_until(lambda: self.listen().get("/bundle") == ("demo",), 60)

    def stop(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(20)

    def say(self, address: str, *arguments: Argument) -> None:
        self._client.sendto(encode(address, *arguments), (HOST, self.port))

    def listen(self) -> dict[str, tuple[Argument, ...]]:
        """Take what was sent, renewing the lease; return all that is known."""
        if time.monotonic() > self._asked_s + 0.5:
            self._asked_s = time.monotonic()
            self.say("/subscribe", self._client.getsockname()[1])
        while True:
            try:
                self.values.update(decode(self._client.recv(65536)))
            except BlockingIOError:
                return self.values

    def close(self) -> None:
        self.stop()
        self._client.close()


HEARD_S = 20.0


class Teller:
    """The module's end of the talk, without the module. `said` is what the patch said."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((HOST, 0))
        self._socket.settimeout(HEARD_S)
        self.port: int = self._socket.getsockname()[1]
        self.said: list[Message] = []

    def hear(self, address: str) -> Message:
        """Wait until the patch says something at an address."""
        deadline_s = time.monotonic() + HEARD_S
        while True:
            assert time.monotonic() < deadline_s, f"the patch says nothing at {address}"
            for message in decode(self._socket.recv(65536)):
                self.said.append(message)
                if message.address == address:
                    return message

    def tell(self, address: str, *arguments: Argument) -> None:
        (port,) = next(m.arguments for m in self.said if m.address == "/subscribe")
        assert isinstance(port, int | float)
        self._socket.sendto(encode(address, *arguments), (HOST, int(port)))

    def close(self) -> None:
        self._socket.close()


class Window:
    """What the patch shows, and how its controls are moved."""

    def __init__(self, tap: Tap) -> None:
        self._tap = tap
        self.shown: tuple[Argument, ...] = ()
        self.there = False
        self.notes: list[tuple[Argument, ...]] = []
        self.controls: dict[str, Argument] = {}
        self.labels: dict[str, Argument] = {}
        self.texts: dict[str, Argument] = {}

    def move(self, control: str, value: float) -> None:
        self._tap.move(control, value)

    def held_up(self) -> AbstractContextManager[None]:
        return self._tap.held_up()

    def look(self) -> None:
        for message in self._tap.received():
            self._take(message)

    def _take(self, message: Message) -> None:
        if message.address == "/shown":
            self.shown = message.arguments
        elif message.address == "/there":
            self.there = message.arguments == (1,)
        elif message.address == "/note":
            self.notes.append(message.arguments)
        elif message.arguments[0] == "label":
            name = message.address[1:]
            if name.startswith("axis-"):
                self.labels[name.removeprefix("axis-")] = message.arguments[1]
            else:
                self.texts[name] = message.arguments[1]
        else:
            (self.controls[message.address],) = message.arguments

    def wait_for(self, steps: Sequence[int]) -> None:
        def drawn() -> bool:
            self.look()
            return list(self.shown[1:]) == list(steps)

        wait_until(drawn)

    def wait_for_control(self, control: str, value: float) -> None:
        def shown() -> bool:
            self.look()
            return self.controls.get(f"/{control}-shown") == pytest.approx(value)

        wait_until(shown)

    def wait_until_there(self, *, there: bool) -> None:
        def lit() -> bool:
            self.look()
            return self.there is there

        wait_until(lit)


def wait_for_value(module: Module, address: str, value: float) -> None:
    def arrived() -> bool:
        (now,) = module.listen().get(address, (None,))
        return isinstance(now, int | float) and abs(now - value) < 1e-6

    wait_until(arrived)
