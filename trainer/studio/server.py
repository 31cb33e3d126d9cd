"""The server: routes, the page's files, and one process that serves them on the loopback."""

from __future__ import annotations

import asyncio
import gzip
import secrets
import socket
import zlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from functools import cache
from importlib.resources import files

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from firmware.errors import UserError
from trainer.report import page as report_page
from trainer.studio.routes import ROUTES
from trainer.studio.security import Access, Guard
from trainer.studio.studio import Places, Studio

LOOPBACK = "127.0.0.1"
WATCH_S = 0.5
_KINDS = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
    "wasm": "application/wasm",
}
CORE = "exnihilo.wasm"


async def page(request: Request) -> Response:
    """Return a file of the page; index.html for the root."""
    name = request.path_params.get("name", "index.html")
    kind = _KINDS.get(name.rpartition(".")[2])
    data = await asyncio.to_thread(_packed, name) if kind else None
    if data is None:
        return PlainTextResponse("no such file", 404)
    tag = f'"{zlib.crc32(data):08x}"'
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers={"etag": tag})
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return Response(gzip.decompress(data), media_type=kind, headers={"etag": tag})
    return Response(data, media_type=kind, headers={"etag": tag, "content-encoding": "gzip"})


@cache
def _packed(name: str) -> bytes | None:
    """Return a file of the page, compressed; None if there is none of that name."""
    for folder in (files(__package__) / "page", report_page.FOLDER):
        if name in {entry.name for entry in folder.iterdir()}:
            return gzip.compress(folder.joinpath(name).read_bytes(), mtime=0)
    return gzip.compress(report_page.core(), mtime=0) if name == CORE else None


def application(studio: Studio, access: Access) -> Starlette:
    """Make the application of a studio."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        watching = asyncio.create_task(_watch(studio))
        yield
        watching.cancel()
        studio.close()

    app = Starlette(
        routes=[*ROUTES, Route("/", page), Route("/page/{name}", page)],
        middleware=[Middleware(Guard, access=access)],
        lifespan=lifespan,
    )
    app.state.studio = studio
    return app


async def _watch(studio: Studio) -> None:
    """Send an event when another program has changed the project."""
    last = studio.stamp()
    while True:
        await asyncio.sleep(WATCH_S)
        stamp = studio.stamp()
        if stamp != last:
            last = stamp
            with suppress(UserError):
                await asyncio.to_thread(studio.announce)


def listen(port: int) -> socket.socket:
    """Return a socket that listens on the loopback. Raises UserError for a port in use."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.bind((LOOPBACK, port))
    except OSError as error:
        listener.close()
        raise UserError(f"port {port}: cannot be used ({error.strerror})") from error
    return listener


def serve(places: Places, port: int, on_ready: Callable[[Access], None]) -> None:
    """Serve until interrupted; `on_ready` is given the address as soon as it answers."""
    listener = listen(port)
    access = Access(listener.getsockname()[1], secrets.token_hex(16), secrets.token_hex(32))
    studio = Studio(places)
    server = _Server(
        uvicorn.Config(
            application(studio, access),
            log_level="error",
            access_log=False,
            server_header=False,
            ws_max_size=1 << 16,
            timeout_graceful_shutdown=2,
        ),
        lambda: on_ready(access),
    )
    server.run(sockets=[listener])


class _Server(uvicorn.Server):
    """Reports when it listens."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then report."""
        await super().startup(sockets)
        self._on_ready()
