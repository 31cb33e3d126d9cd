"""Reading requests and answering: JSON within a limit, and one line for every refusal."""

from __future__ import annotations

import functools
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from firmware.errors import UserError
from trainer.studio.edits import ConflictError
from trainer.studio.sounds import MissingLoopError
from trainer.studio.studio import Studio

JSON_BYTES_MAX = 4 << 20
FOREVER = {"cache-control": "private, max-age=31536000, immutable"}

Handler = Callable[[Request], Awaitable[Response]]
Read = Callable[[Studio, Request], Any]
Write = Callable[[Studio, Request, Mapping[str, Any]], Any]


class TooLargeError(UserError):
    """A request with more bytes than any that a page of the studio sends."""


def studio_of(request: Request) -> Studio:
    """Return the studio of an application."""
    found: Studio = request.app.state.studio
    return found


async def body(request: Request, bytes_max: int = JSON_BYTES_MAX) -> bytes:
    """Read a request's body. Raises TooLargeError."""
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > bytes_max:
            raise TooLargeError(f"larger than {bytes_max >> 20} MB")
        parts.append(part)
    return b"".join(parts)


def reads(function: Read) -> Handler:
    """Make a route of a function that returns JSON content or a response."""

    @functools.wraps(function)
    async def handle(request: Request) -> Response:
        return await _answered(function, studio_of(request), request)

    return handle


def writes(function: Write) -> Handler:
    """Make a route of a function that is given the JSON object of the request."""

    @functools.wraps(function)
    async def handle(request: Request) -> Response:
        try:
            content = _parsed(await body(request))
        except TooLargeError as error:
            return refused(error, 413)
        except (ValueError, RecursionError):
            return refused(UserError("the request is not JSON"), 400)
        if not isinstance(content, dict):
            return refused(UserError("the request is not a JSON object"), 400)
        return await _answered(function, studio_of(request), request, content)

    return handle


def _parsed(data: bytes) -> Any:
    """Read JSON. Raises ValueError for what an answer could not contain either."""
    content = json.loads(data or b"{}")
    # NaN, an infinity or a lone surrogate that is stored would make every answer with it fail.
    json.dumps(content, allow_nan=False, ensure_ascii=False).encode()
    return content


def refused(error: UserError, status: int) -> Response:
    """Return the answer that gives a reason."""
    reason = " ".join(str(error).split())
    conflict = isinstance(error, ConflictError)
    return JSONResponse({"reason": reason, "conflict": conflict}, status)


async def _answered(function: Callable[..., Any], *arguments: Any) -> Response:
    try:
        content = await run_in_threadpool(function, *arguments)
    except ConflictError as error:
        return refused(error, 409)
    except MissingLoopError as error:
        return refused(error, 410)
    except UserError as error:
        return refused(error, 400)
    except OSError as error:
        return refused(UserError(f"a file cannot be read or written ({error.strerror})"), 500)
    return content if isinstance(content, Response) else JSONResponse(content)
