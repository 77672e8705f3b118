"""Documents through the desk, in pieces: what is large is never whole in memory, and never in clear on the disk."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
from typing import Final
from urllib.parse import quote, unquote

from aiohttp import web

from colloque.client.saving import safe_name
from colloque.desk import shapes
from colloque.desk.asked import in_path
from colloque.desk.desk import Desk
from colloque.desk.talk_api import message_of
from colloque.wire.codec import WireError
from colloque.wire.content.document import DOCUMENT_BYTES

UPLOADS: Final = 4
KEY_CHARACTERS: Final = 64
_MEDIA_TYPE: Final = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,63}/[a-z0-9][a-z0-9!#$&^_.+-]{0,63}")
HARMLESS: Final = frozenset(
    ("image/jpeg", "image/png", "image/gif", "image/webp", "application/pdf", "audio/mpeg", "video/mp4")
)
"""What a browser shows without running anything of the sender's; everything else is plain bytes to it."""
SANDBOX: Final = "sandbox; default-src 'none'; frame-ancestors 'none'"


class DocumentApi:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._uploads = asyncio.Semaphore(UPLOADS)

    def routes(self) -> list[web.AbstractRouteDef]:
        one = "/api/conversations/{conversation}"
        return [
            web.post(one + "/documents", self.attach),
            web.get(one + "/messages/{message}/document", self.document),
        ]

    async def attach(self, request: web.Request) -> web.Response:
        """The file is the body; its name, percent-encoded, is in `X-Name`; its length must be said."""
        client, conversation = self._desk.client, in_path(request, "conversation")
        size, name = request.content_length, _name(request)
        if size is None or size > DOCUMENT_BYTES:
            raise WireError("a document may have 2 GiB at most")
        media = (
            request.content_type
            if _MEDIA_TYPE.fullmatch(request.content_type)
            else "application/octet-stream"
        )
        key = request.headers.get("X-Key")
        if key is not None and len(key) > KEY_CHARACTERS:
            raise WireError("the page asked for something that the desk does not know")
        self._desk.used()
        async with self._uploads:
            reading, writing = os.pipe()
            with os.fdopen(reading, "rb", buffering=0) as source:
                pouring = asyncio.ensure_future(_pour(request, writing))
                try:
                    sent = await client.attach(conversation, source, size, name, media, key)
                finally:
                    # Whoever pours finds nobody reading, and stops.
                    source.close()
                    pouring.cancel()
                    await asyncio.gather(pouring, return_exceptions=True)
        return web.json_response(shapes.entry(client, sent))

    async def document(self, request: web.Request) -> web.StreamResponse:
        client = self._desk.client
        entry = message_of(client, request)
        pieces = client.pieces(entry)
        document = entry.document
        assert document is not None
        # Before anything is promised: what is not here any more is said so.
        piece = await asyncio.to_thread(pieces.next)
        media = document.media_type if document.media_type in HARMLESS else "application/octet-stream"
        response = web.StreamResponse(
            headers={
                "Content-Type": media,
                "Content-Length": str(document.size),
                "Content-Disposition": f"attachment; filename*=UTF-8''{quote(safe_name(document.name), safe='')}",
                "Content-Security-Policy": SANDBOX,
            }
        )
        await response.prepare(request)
        while piece:
            await response.write(piece)
            piece = await asyncio.to_thread(pieces.next)
        await response.write_eof()
        return response


def _name(request: web.Request) -> str:
    try:
        name = unquote(request.headers.get("X-Name", ""), errors="strict")
    except UnicodeDecodeError:
        raise WireError("a document wants a name") from None
    if not name.strip() or len(name.encode("utf-8", "replace")) > 1024 or "\0" in name:
        raise WireError("a document wants a name")
    return name


async def _pour(request: web.Request, writing: int) -> None:
    """The body into the pipe, as fast as it is sealed at the other end."""
    try:
        with contextlib.suppress(BrokenPipeError, ConnectionError):
            async for piece in request.content.iter_chunked(64 << 10):
                await asyncio.to_thread(_write, writing, piece)
    finally:
        os.close(writing)


def _write(writing: int, piece: bytes) -> None:
    left = memoryview(piece)
    while left:
        left = left[os.write(writing, left) :]
