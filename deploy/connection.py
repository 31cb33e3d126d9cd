"""A connection to a receiver: of a module over ssh, or of a local home."""

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from deploy import ssh
from deploy.protocol import LINE_BYTES_MAX, PROTOCOL
from firmware.errors import UserError
from firmware.ipc.json_lines import DisconnectedError, FrameReader, FramingError, encode_line

REPLY_S = 300.0
"""Longer than a receiver may take for a full check and every load and restart."""


class RemoteError(UserError):
    """The connection failed; the message says to which host, why, and what to do."""


class Connection:
    """A running receiver, to be used in a `with`."""

    def __init__(
        self, name: str, command: list[str], explain: Callable[[int, str], str]
    ) -> None:
        """Start `command`; `explain` returns the message for its exit code and errors."""
        self._name = name
        self._explain = explain
        # A file takes any amount of error output without being read meanwhile.
        self._complaints = tempfile.TemporaryFile()  # noqa: SIM115 - closed by __exit__
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._complaints
        )
        if not self._process.stdin or not self._process.stdout:
            raise RemoteError(f"{name}: no pipes")
        self._sink = self._process.stdin
        self._reader = FrameReader(self._process.stdout.fileno(), REPLY_S, LINE_BYTES_MAX)

    def ask(self, operation: str, **fields: Any) -> dict[str, Any]:
        """Send a request that has a one-line reply. Raises `RemoteError` if it is refused."""
        self.send(encode_line({"protocol": PROTOCOL, "op": operation, **fields}))
        return self.reply()

    def send(self, data: bytes) -> None:
        """Send bytes; if the receiver has ended, `reply` reads its last message."""
        with suppress(BrokenPipeError):
            self._sink.write(data)
            self._sink.flush()

    def reply(self) -> dict[str, Any]:
        """Read one line. Raises `RemoteError` if it is a refusal or none comes."""
        try:
            document = self._reader.message()
        except FramingError as error:
            raise RemoteError(self._fate(error)) from None
        if document.get("ok") is False:
            raise RemoteError(f"{self._name}: {document.get('reason', 'refused')}")
        return document

    def _fate(self, error: FramingError) -> str:
        if not isinstance(error, DisconnectedError):
            return f"{self._name}: {error}"
        with suppress(BrokenPipeError):
            self._sink.close()
        code = self._process.wait()
        self._complaints.seek(0)
        return self._explain(code, self._complaints.read().decode(errors="replace"))

    def __enter__(self) -> "Connection":
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        with suppress(BrokenPipeError):
            self._sink.close()
        if kind is not None:
            self._process.terminate()
        self._process.wait()
        if self._process.stdout:
            self._process.stdout.close()
        self._complaints.close()


def module(host: str) -> Connection:
    """Connect to a module."""
    return Connection(
        host, ssh.command(host, ssh.RECEIVER), lambda *how: ssh.explain(host, *how)
    )


def local(home: Path) -> Connection:
    """Start the receiver of a home on this computer."""
    command = [sys.executable, "-I", "-m", "deploy.receiver.receiver", "--home", str(home)]

    def explain(code: int, said: str) -> str:
        lines: Iterator[str] = reversed(said.strip().splitlines())
        return f"{home}: the receiver ended ({next(lines, f'exit code {code}')})"

    return Connection(str(home), command, explain)
