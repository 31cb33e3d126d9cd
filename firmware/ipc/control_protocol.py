"""The protocol of requests to the running firmware: one line of JSON each way.

A Unix stream socket, `control.sock` in the home folder. A connection carries one request and
its reply:

    {"op": "status"}
    {"op": "load", "bundle": "drums/000007", "expires_ns": 12000000000}

    {"ok": true, "status": {"firmware": "0.1.0", "bundle": "drums/000007", ...}}
    {"ok": false, "reason": "decoder.tflite: computes wrong values here ..."}

`load` is answered when the bundle plays, which may be a bar later, or when it was refused; the
old one then plays on. One that expires (monotonic time of the machine, optional) before the
bundle plays is refused and changes nothing. `control_server.py` is the other end.
"""

import math
import socket
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from firmware.errors import UserError
from firmware.ipc.json_lines import (
    DisconnectedError,
    FrameReader,
    FramingError,
    SilentError,
    decode_line,
    encode_line,
)
from firmware.storage.paths import parse_reference

LINE_BYTES_MAX = 16384
FAULTS_MAX = 16
TEXT_MAX = 400


class ControlError(UserError):
    """The firmware is unreachable, or its reply is invalid."""


class NotRunningError(ControlError):
    """No firmware listens on the socket."""


class WentAwayError(ControlError):
    """The firmware closed the connection without a reply: it is stopping, or it crashed."""


@dataclass(frozen=True, slots=True)
class StatusRequest:
    """A request for the status."""


@dataclass(frozen=True, slots=True)
class LoadRequest:
    """A request to play an installed bundle: NAME/SEQUENCE, its folder below `bundles`.

    After `expires_ns`, in this machine's monotonic time, it is refused; None: never.
    """

    bundle: str
    expires_ns: int | None = None


Request = StatusRequest | LoadRequest


@dataclass(frozen=True, slots=True)
class Status:
    """The status of the firmware.

    `bundle` is the NAME/SEQUENCE that plays, empty when there is none; `healthy` means that
    both processes live and the outputs answer; `running` that the clock runs.
    """

    firmware: str
    bundle: str
    healthy: bool
    running: bool
    tempo_bpm: float
    uptime_s: float
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reply:
    """Whether the request succeeded; if not, the reason; the status afterwards."""

    ok: bool
    reason: str = ""
    status: Status | None = None


Answer = Callable[[Reply], None]
"""Sends the reply to a request, now or later, once."""

Handler = Callable[[Request, Answer], None]
Send = Callable[[bytes], None]


def encode_request(request: Request) -> bytes:
    """Return the line of a request."""
    if isinstance(request, LoadRequest):
        document: dict[str, Any] = {"op": "load", "bundle": request.bundle}
        if request.expires_ns is not None:
            document["expires_ns"] = request.expires_ns
        return encode_line(document)
    return encode_line({"op": "status"})


def decode_request(line: bytes) -> Request:
    """Parse the line of a request. Raises `ControlError`."""
    match _document(line):
        case {"op": "status"}:
            return StatusRequest()
        case {"op": "load", "bundle": str(bundle), "expires_ns": int(expires_ns)}:
            return LoadRequest(_reference(bundle), expires_ns)
        case {"op": "load", "bundle": str(bundle), **others} if "expires_ns" not in others:
            return LoadRequest(_reference(bundle))
    raise ControlError(
        'a request is {"op": "status"} or {"op": "load", "bundle": "NAME/NNNNNN"}'
    )


def encode_reply(reply: Reply) -> bytes:
    """Return the line of a reply; texts are cut to a bounded length."""
    document: dict[str, Any] = {"ok": reply.ok}
    if reply.reason:
        document["reason"] = reply.reason[:TEXT_MAX]
    if reply.status:
        faults = [fault[:TEXT_MAX] for fault in reply.status.faults[:FAULTS_MAX]]
        document["status"] = {**asdict(reply.status), "faults": faults}
    return encode_line(document)


def decode_reply(line: bytes) -> Reply:
    """Parse the line of a reply; keys of a later version are ignored.

    Raises `ControlError`.
    """
    document = _document(line)
    if not isinstance(document.get("ok"), bool):
        raise ControlError("the firmware's reply lacks the field ok")
    status = document.get("status")
    reason = str(document.get("reason", ""))[:TEXT_MAX]
    return Reply(document["ok"], reason, None if status is None else _status(status))


def serve_line(handler: Handler, line: bytes, send: Send) -> None:
    """Pass a request to `handler` and its reply to `send`; refuse an invalid request."""
    try:
        request = decode_request(line)
    except ControlError as error:
        send(encode_reply(Reply(ok=False, reason=str(error))))
    else:
        handler(request, lambda reply: send(encode_reply(reply)))


def ask(path: Path, request: Request, timeout_s: float) -> Reply:
    """Send a request to the running firmware and wait for its reply.

    Raises `NotRunningError` if nothing listens at `path`, `WentAwayError` if it closed the
    connection, `ControlError` if no valid reply came.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(timeout_s)
        reader = FrameReader(connection.fileno(), timeout_s, LINE_BYTES_MAX)
        try:
            connection.connect(str(path))
        except (FileNotFoundError, ConnectionRefusedError):
            raise NotRunningError(f"{path}: no firmware runs here") from None
        except OSError as error:
            raise ControlError(f"{path}: unreachable ({error})") from None
        try:
            connection.sendall(encode_request(request))
            return decode_reply(reader.line())
        except (TimeoutError, SilentError):
            raise ControlError(f"the firmware did not reply within {timeout_s:g} s") from None
        except DisconnectedError:
            raise WentAwayError("the firmware stopped before it replied") from None
        except FramingError as error:
            raise ControlError(f"the firmware's reply is invalid: {error}") from None
        except OSError as error:
            raise WentAwayError(f"the firmware disconnected ({error.strerror})") from None


def _document(line: bytes) -> dict[str, Any]:
    if len(line) > LINE_BYTES_MAX:
        raise ControlError(f"a message is longer than {LINE_BYTES_MAX} bytes")
    try:
        return decode_line(line)
    except FramingError as error:
        raise ControlError(str(error)) from None


def _reference(text: str) -> str:
    try:
        return parse_reference(text).reference
    except UserError as error:
        raise ControlError(str(error)) from None


def _status(document: object) -> Status:
    kinds = {
        "healthy": bool,
        "running": bool,
        "tempo_bpm": (int, float),
        "uptime_s": (int, float),
    }
    try:
        given = {field.name: document[field.name] for field in fields(Status)}  # type: ignore[index]
    except (KeyError, TypeError):
        raise ControlError("the firmware's status lacks a field") from None
    faults = given.pop("faults")
    sound = all(isinstance(value, kinds.get(name, str)) for name, value in given.items())  # type: ignore[arg-type]
    if not sound or not isinstance(faults, list) or not all(isinstance(f, str) for f in faults):
        raise ControlError("the firmware's status has a field of the wrong type")
    if not all(math.isfinite(given[name]) for name in ("tempo_bpm", "uptime_s")):
        raise ControlError("the firmware's status has a number that is not finite")
    return Status(**given, faults=tuple(faults[:FAULTS_MAX]))
