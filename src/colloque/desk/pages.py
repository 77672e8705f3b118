"""The front: files built beforehand, read once at the start, served as they are."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from aiohttp import web

FOLDER: Final = Path(__file__).parent / "page"
_TYPES: Final = {".js": "text/javascript", ".css": "text/css", ".html": "text/html", ".svg": "image/svg+xml"}

_BARE: Final = """<!doctype html>
<html lang="fr"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Colloque</title>
</head><body><main><h1>Colloque</h1><p>Le poste fonctionne, mais ses pages ne sont pas install&eacute;es.</p>
<p lang="en">The desk runs, but its pages are not installed.</p></main></body></html>
"""


def files(folder: Path = FOLDER) -> dict[str, tuple[str, bytes]]:
    """Path to (media type, bytes); `/` is `index.html`, or a page that says that the front is missing."""
    found = {"/": ("text/html", _BARE.encode())}
    if folder.is_dir():
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                name = "/" + path.relative_to(folder).as_posix()
                # Not asked of the system, whose tables differ: with `nosniff` a script of another type is none.
                kind = _TYPES.get(path.suffix, "application/octet-stream")
                found["/" if name == "/index.html" else name] = (kind, path.read_bytes())
    return found


def routes(folder: Path = FOLDER) -> list[web.AbstractRouteDef]:
    """One for each file: no path of a request ever touches the disk."""

    def served(path: str, kind: str, content: bytes) -> web.AbstractRouteDef:
        async def serve(_request: web.Request) -> web.Response:
            text = kind.startswith("text/")
            return web.Response(body=content, content_type=kind, charset="utf-8" if text else None)

        return web.get(path, serve)

    return [served(path, kind, content) for path, (kind, content) in files(folder).items()]
