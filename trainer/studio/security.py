"""Who may talk to the server: pages that it served itself, after the launch token was shown.

The server listens on the loopback only, but every page of every browser here can reach that.
The rules follow what Jupyter does: an exact Host against rebinding of names, an exact Origin,
a token in the address that is exchanged for a cookie, and a header on every write that a form
of another site cannot send.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs

from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

READS = frozenset({"GET", "HEAD"})
WRITE_HEADER = "x-studio"
"""The header that every write carries; its value does not matter."""

SAME_SITE = frozenset({"none", "same-origin"})
POLICY_VIOLATION = 1008
HEADERS: Mapping[str, str] = {
    "content-security-policy": (
        "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; img-src 'self' data: blob:; "
        "object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
NO_COOKIE = "The studio was restarted. Open the address that `trainer studio` printed."


@dataclass(frozen=True, slots=True)
class Access:
    """The port that is served, the launch token and the secret that a cookie holds."""

    port: int
    token: str = field(repr=False)
    secret: str = field(repr=False)

    @property
    def hosts(self) -> tuple[str, ...]:
        """Return the names under which the server may be asked."""
        return f"127.0.0.1:{self.port}", f"localhost:{self.port}"

    @property
    def cookie(self) -> str:
        """Return the name of the cookie: cookies do not tell ports apart."""
        return f"studio-{self.port}"

    @property
    def address(self) -> str:
        """Return the address to open."""
        return f"http://127.0.0.1:{self.port}/?token={self.token}"


class Guard:
    """Middleware: refuses foreign requests, and adds the headers that confine the page."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app, self._access = app, access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(scope)
        if refusal is None:
            await self._app(scope, receive, _confined(send))
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": POLICY_VIOLATION})
        else:
            await refusal(scope, receive, _confined(send))

    def _refusal(self, scope: Scope) -> Response | None:
        """Return the answer to what is not let through."""
        pairs = (
            (key.decode("latin-1"), value.decode("latin-1")) for key, value in scope["headers"]
        )
        headers = dict(pairs)
        is_page = scope["type"] == "http"
        if headers.get("host") not in self._access.hosts:
            return PlainTextResponse("not the name of this server", 400)
        if _is_foreign(headers, is_page=is_page):
            return PlainTextResponse("another site may not use this server", 403)
        if is_page and scope["path"] == "/" and scope["query_string"]:
            return self._exchange(scope)
        if not self._has_cookie(headers.get("cookie", "")):
            return PlainTextResponse(NO_COOKIE, 403)
        if is_page and scope["method"] not in READS and WRITE_HEADER not in headers:
            return PlainTextResponse(f"a write needs the header {WRITE_HEADER}", 403)
        return None

    def _exchange(self, scope: Scope) -> Response:
        """Give the cookie for the launch token."""
        given = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]
        if not hmac.compare_digest(given.encode(), self._access.token.encode()):
            return PlainTextResponse(NO_COOKIE, 403)
        answer = RedirectResponse("/", 303)
        answer.set_cookie(
            self._access.cookie, self._access.secret, httponly=True, samesite="strict"
        )
        return answer

    def _has_cookie(self, header: str) -> bool:
        try:
            found = SimpleCookie(header).get(self._access.cookie)
        except CookieError:
            return False
        value = found.value if found else ""
        return hmac.compare_digest(value.encode(), self._access.secret.encode())


def _is_foreign(headers: Mapping[str, str], *, is_page: bool) -> bool:
    """Return whether a page of another site asks; only websockets always say which does."""
    origin = headers.get("origin")
    if origin is None:
        return not is_page or headers.get("sec-fetch-site", "none") not in SAME_SITE
    return origin != f"http://{headers['host']}"


def _confined(send: Send) -> Send:
    async def confined(message: Message) -> None:
        if message["type"] == "http.response.start":
            extra = [(key.encode(), value.encode()) for key, value in HEADERS.items()]
            present = {key.lower() for key, _ in message["headers"]}
            extra.append((b"cache-control", b"no-cache"))
            added = [pair for pair in extra if pair[0] not in present]
            message = {**message, "headers": [*message["headers"], *added]}
        await send(message)

    return confined
