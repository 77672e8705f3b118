"""Who may speak to the desk: the browser that was given the token, from the desk's own page, and nobody else.

Other pages in the same browser reach 127.0.0.1 too, and any name may be made to lead there: so Host and Origin are checked on
every request, and the cookie is never sent from elsewhere.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import web

COOKIES: Final = 16
"""Browsers, or profiles of one, that are let in at the same time; the oldest is forgotten."""
TOKEN_BYTES: Final = 32
_SAFE: Final = ("GET", "HEAD")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

# Frames hold only what the page itself made: a PDF, for the browser's own viewer. They have this policy too.
PAGE_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; media-src 'self' blob:; "
    "font-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; frame-src blob:; object-src 'none'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)
_HEADERS: Final = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(self), display-capture=(self), geolocation=(), usb=(), bluetooth=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Server": "colloque",
}


class Gate:
    """`token` is for the address that is opened, `port` the desk's own, once it is known."""

    def __init__(self) -> None:
        self.token = secrets.token_urlsafe(TOKEN_BYTES)
        self.port = 0
        self._cookies: OrderedDict[bytes, None] = OrderedDict()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def origin(self) -> str:
        return f"http://{self.host}"

    @property
    def address(self) -> str:
        """What is opened in the browser; whoever has it may use the desk."""
        return f"{self.origin}/enter?token={self.token}"

    @property
    def cookie(self) -> str:
        """Cookies do not tell ports apart: each desk has a name of its own."""
        return f"colloque_{self.port}"

    @web.middleware
    async def check(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Refuses whatever does not come from the desk's own page, in the browser that entered."""
        if request.headers.getall("Host", []) != [self.host]:
            return _refused(421)
        origin, site = request.headers.get("Origin"), request.headers.get("Sec-Fetch-Site")
        if origin is not None and origin != self.origin:
            return _refused(403)
        upgrade = "upgrade" in request.headers.get("Connection", "").lower()
        if origin is None and (upgrade or request.method not in _SAFE):
            return _refused(403)
        if site not in (None, "same-origin", "none"):
            return _refused(403)
        if request.path != "/enter" and not self.knows(request.cookies.get(self.cookie)):
            return _refused(401)
        return await handler(request)

    async def enter(self, request: web.Request) -> web.StreamResponse:
        """The token of the address for a cookie; the address bar shows neither afterwards."""
        given = request.query.get("token", "")
        if not hmac.compare_digest(given.encode("utf-8", "replace"), self.token.encode()):
            return _refused(401)
        value = secrets.token_urlsafe(TOKEN_BYTES)
        self._cookies[_digest(value)] = None
        while len(self._cookies) > COOKIES:
            self._cookies.popitem(last=False)
        response = web.Response(status=303, headers={"Location": "/", "Cache-Control": "no-store"})
        response.set_cookie(self.cookie, value, httponly=True, samesite="Strict", path="/")
        return response

    def knows(self, value: str | None) -> bool:
        """Looked up by a hash, so that the time it takes says nothing of the value."""
        return value is not None and _digest(value) in self._cookies


def _digest(value: str) -> bytes:
    return hashlib.sha256(value.encode("utf-8", "replace")).digest()


def _refused(status: int) -> web.Response:
    return web.Response(status=status, text="", headers={"Cache-Control": "no-store"})


async def add_headers(_request: web.Request, response: web.StreamResponse) -> None:
    """On every answer; what is stricter already stays."""
    for name, value in _HEADERS.items():
        if name not in response.headers or name == "Server":
            response.headers[name] = value
    response.headers.setdefault("Content-Security-Policy", PAGE_POLICY)
    response.headers.setdefault("Cache-Control", "no-store")
