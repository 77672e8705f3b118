"""What a person sees who opens a link in a browser: the patient's page, a bundle of static files (`spec/relay.md` R38).

Where the bundle was not built, and for whoever just comes by, a page without script, in French and English.
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from aiohttp import web

from colloque.wire.address import check_origin
from colloque.wire.codec import WireError

BUNDLE: Final = Path(__file__).parent / "page"
SUMS: Final = "SHA256SUMS"
"""Beside the bundle and never served: the SHA-256 of each of its files. Its own SHA-256 stands for all of them."""
INDEX: Final = "index.html"
PLACES: Final = ("/i", "/c")
"""Where the page itself is."""
_TYPES: Final = {".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
_LASTING: Final = "public, max-age=31536000, immutable"
_PLAIN_CSP: Final = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
_NO_DEVICES: Final = "camera=(), microphone=(), display-capture=(), geolocation=()"
_CALL_DEVICES: Final = "camera=(self), microphone=(self), display-capture=(self), geolocation=()"

_PAGE: Final = """<!doctype html>
<html lang="fr"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="robots" content="noindex"><title>Colloque</title>
<style>body{font:1.25rem/1.6 system-ui,sans-serif;max-width:38rem;margin:3rem auto;padding:0 1rem;color:#1a2b33;
background:#fbfcfc}h1{font-size:1.6rem}section+section{margin-top:2.5rem;border-top:1px solid #c9d3d6;padding-top:1rem}
code{background:#e9eef0;padding:.1em .3em;overflow-wrap:anywhere}
@media(prefers-color-scheme:dark){body{color:#e6edf0;background:#12191c}code{background:#26333a}}</style></head><body>
<main>
<section><h1>Une invitation Colloque</h1>
<p>Ce lien ouvre une conversation priv&eacute;e, chiffr&eacute;e de bout en bout,
avec la personne qui vous l&rsquo;a donn&eacute;.
Rien n&rsquo;a encore &eacute;t&eacute; envoy&eacute;.</p>
<p>Professionnels&nbsp;: copiez l&rsquo;adresse enti&egrave;re de cette page, avec ce qui suit le <code>#</code>, et lancez
<code>colloque accept LIEN</code>.</p></section>
<section lang="en"><h1>A Colloque invitation</h1>
<p>This link opens a private, end-to-end encrypted conversation with whoever gave it to you. Nothing has been sent yet.</p>
<p>Professionals: copy the whole address of this page, with what follows the <code>#</code>, and run
<code>colloque accept LINK</code>.</p></section>
</main></body></html>
"""


def _bundle_csp(host: str) -> str:
    """Scripts and styles from here alone. Connections go to whatever relay a link or a practice names: over TLS, and in
    clear only where this page itself may come so, which is within one's own walls."""
    relays = "https: wss:"
    with contextlib.suppress(WireError):
        check_origin(f"http://{host}")
        relays = "https: wss: http: ws:"
    return (
        f"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self' {relays};"
        " frame-ancestors 'none'; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )


@dataclass(frozen=True, slots=True)
class File:
    """One file of the bundle, as it is and compressed."""

    type: str
    plain: bytes = field(repr=False)
    packed: bytes = field(repr=False)

    def response(self, request: web.Request, headers: dict[str, str]) -> web.Response:
        packed = "gzip" in request.headers.get("Accept-Encoding", "")
        encoding = {"Content-Encoding": "gzip"} if packed else {}
        return web.Response(
            body=self.packed if packed else self.plain,
            content_type=self.type,
            charset="utf-8",
            headers={"Vary": "Accept-Encoding", **headers, **encoding},
        )


def read_bundle(folder: Path = BUNDLE) -> dict[str, File]:
    """Every file by its name, read once; nothing where the bundle was not built."""
    if not (folder / INDEX).exists():
        return {}
    found = {}
    for path in sorted(one for one in folder.iterdir() if one.suffix in _TYPES):
        plain = path.read_bytes()
        # Not asked of the system, whose tables differ: with `nosniff` a script of another type is none.
        found[path.name] = File(_TYPES[path.suffix], plain, gzip.compress(plain, 9, mtime=0))
    return found


def sums(bundle: dict[str, File]) -> bytes:
    """What `SUMS` has to say of it."""
    lines = (f"{hashlib.sha256(bundle[name].plain).hexdigest()}  {name}\n" for name in sorted(bundle))
    return "".join(lines).encode()


def page_headers(host: str) -> dict[str, str]:
    """What holds the page to itself, wherever it is served from. `host`: name and port, as a browser says them."""
    return {
        "Content-Security-Policy": _bundle_csp(host),
        "Permissions-Policy": _CALL_DEVICES,
        "Cross-Origin-Opener-Policy": "same-origin",
    }


class Pages:
    def __init__(self, bundle: dict[str, File]) -> None:
        self._bundle = bundle

    async def plain(self, _request: web.Request) -> web.StreamResponse:
        headers = {"Content-Security-Policy": _PLAIN_CSP, "Permissions-Policy": _NO_DEVICES}
        return web.Response(text=_PAGE, content_type="text/html", headers=headers)

    async def page(self, request: web.Request) -> web.StreamResponse:
        index = self._bundle.get(INDEX)
        if index is None:
            return await self.plain(request)
        return index.response(request, page_headers(request.host))

    async def part(self, request: web.Request) -> web.StreamResponse:
        """A script or a style: its name holds its hash, so that it may be kept for good."""
        found = self._bundle.get(request.match_info["name"])
        if found is None or found.type == "text/html":
            return web.Response(status=404)
        return found.response(request, {"Cache-Control": _LASTING})

    def routes(self) -> list[web.AbstractRouteDef]:
        return [
            web.get("/", self.plain),
            *(web.get(place, self.page) for place in PLACES),
            web.get("/page/{name}", self.part),
        ]
