"""Cards, chunks and one-shot sends over plain HTTP (`spec/relay.md` R2, R28 to R37).

A capability comes in the Authorization header, never in a path, so that no access log holds one.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import errno
import os
import secrets
import sqlite3
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Final

from aiohttp import web

from colloque.protocol.mailbox.limits import capabilities
from colloque.protocol.mailbox.rules import Refusal
from colloque.relay.core import Core
from colloque.relay.reading import Readings
from colloque.store.relay import cards, chunks, queues
from colloque.store.relay.queues import Stored
from colloque.store.step import Step
from colloque.wire.codec import Reader, WireError
from colloque.wire.frames.answers import Code
from colloque.wire.frames.position import Position
from colloque.wire.sizes import (
    CAPABILITY_BYTES,
    CARD_BYTES,
    CHUNK_SIZES,
    ENVELOPE_BYTES,
    GRANT_BYTES,
    HASH_BYTES,
)

_STATUS: Final = {
    Code.NO: 404,
    Code.FULL: 503,
    Code.RATE: 429,
    Code.GRANT: 403,
    Code.BEYOND: 409,
    Code.BAD: 409,
    Code.CLOSING: 503,
}
_CHUNK_HEAD: Final = CAPABILITY_BYTES + 2 * HASH_BYTES + 4
_PIECE: Final = 262_144
_SCHEME: Final = "Capability "

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def _capability(request: web.Request) -> bytes:
    """Raises NO: a malformed capability is a wrong one."""
    header = request.headers.get("Authorization", "")
    try:
        if not header.startswith(_SCHEME):
            raise ValueError
        text = header[len(_SCHEME) :]
        found = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        found = b""
    if len(found) != CAPABILITY_BYTES:
        raise Refusal(Code.NO)
    return found


def refused(refusal: Refusal) -> web.Response:
    headers = {"Retry-After": str(max(1, refusal.retry_after // 1000))} if refusal.retry_after else {}
    return web.Response(status=_STATUS[refusal.code], headers=headers)


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refusals and malformed bodies into statuses without a word; open to pages served elsewhere; nothing is cached."""
    try:
        response = await handler(request)
    except Refusal as refusal:
        response = refused(refusal)
    except web.HTTPException as other:
        response = web.Response(status=other.status)
    except (WireError, asyncio.IncompleteReadError):
        response = web.Response(status=400)
    except TimeoutError:
        response = web.Response(status=408)
    except ConnectionError:
        # Whoever asked is gone: nobody reads this.
        response = web.Response(status=400)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        response = refused(Refusal(Code.FULL, 30_000))
    if response.prepared:
        return response
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    if request.path.startswith("/v1/"):
        response.headers["Access-Control-Allow-Origin"] = "*"
    return response


class HttpApi:
    def __init__(self, core: Core, readings: Readings, software: str) -> None:
        self._core = core
        self._readings = readings
        self._software = software

    def routes(self) -> list[web.AbstractRouteDef]:
        return [
            web.get("/v1/relay", self.relay),
            web.get("/v1/turn", self.turn, allow_head=False),
            web.post("/v1/send", self.send),
            web.put("/v1/cards", self.put_card),
            web.get("/v1/cards", self.get_card),
            web.delete("/v1/cards", self.delete_card),
            web.put("/v1/chunks", self.put_chunk),
            web.get("/v1/chunks", self.get_chunk, allow_head=False),
            web.head("/v1/chunks", self.has_chunk),
            web.delete("/v1/chunks", self.delete_chunk),
            web.options("/v1/{any}", self.preflight),
        ]

    async def relay(self, _request: web.Request) -> web.StreamResponse:
        return web.json_response(capabilities(self._core.limits, self._software, self._core.options.creation))

    async def preflight(self, _request: web.Request) -> web.StreamResponse:
        headers = {
            "Access-Control-Allow-Methods": "GET, HEAD, POST, PUT, DELETE",
            "Access-Control-Allow-Headers": "Authorization, Content-Type",
            "Access-Control-Max-Age": "86400",
        }
        return web.Response(status=204, headers=headers)

    async def send(self, request: web.Request) -> web.StreamResponse:
        write, envelope = _capability(request), await _body(request, ENVELOPE_BYTES)
        if len(envelope) != ENVELOPE_BYTES:
            raise WireError("an envelope of the wrong size")
        core = self._core
        expires = core.message_expiry()
        job = queues.send(
            write, envelope, core.database.incarnation, expires, core.limits, core.database.usage
        )

        def accepted(found: tuple[int, Position]) -> None:
            # Not later: mail is handed out in the order of its commits.
            core.counts.accepted += 1
            self._readings.arrived(found[0], Stored(found[1], envelope))

        await core.database.run(job, accepted)
        return web.Response(status=204)

    async def turn(self, request: web.Request) -> web.StreamResponse:
        """To whoever reads a queue here, and nobody else."""
        core = self._core
        await core.database.run(partial(queues.find_reader, read=_capability(request)))
        if core.options.turn is None:
            return web.Response(status=204)
        return web.json_response(core.options.turn.credentials(int(time.time())))

    async def put_card(self, request: web.Request) -> web.StreamResponse:
        owner, source = _capability(request), Reader(await _body(request, CARD_BYTES + 256))
        locator = source.fixed(HASH_BYTES)
        grant, seconds, sealed = source.opaque(GRANT_BYTES, 1), source.uint(4), source.fixed(CARD_BYTES)
        source.end()
        core = self._core
        expires = core.expiry(seconds, core.limits.card_age_s)
        usage, paid_by = core.database.usage, core.grant(grant)
        await core.database.run(
            cards.put(owner, locator, sealed, expires, paid_by, core.now(), core.limits, usage)
        )
        return web.Response(status=204)

    async def get_card(self, request: web.Request) -> web.StreamResponse:
        sealed = await self._core.database.run(cards.get(_capability(request), self._core.now()))
        return web.Response(body=sealed, content_type="application/octet-stream")

    async def delete_card(self, request: web.Request) -> web.StreamResponse:
        await self._core.database.run(cards.delete(_capability(request), self._core.database.usage))
        return web.Response(status=204)

    async def put_chunk(self, request: web.Request) -> web.StreamResponse:
        """Written to a file of its own, synced, and only then entered: a crash leaves no half chunk."""
        core, write = self._core, _capability(request)
        size = (request.content_length or 0) - _CHUNK_HEAD
        if size not in CHUNK_SIZES:
            raise WireError("a chunk of the wrong size")
        source = Reader(await request.content.readexactly(_CHUNK_HEAD))
        authority, read_hash, delete_hash = (source.fixed(32) for _ in range(3))
        expires = core.expiry(source.uint(4), core.limits.chunk_age_s)
        usage = core.database.usage
        if core.uploads.locked():
            raise Refusal(Code.FULL, 1_000)
        async with core.uploads, asyncio.timeout(core.limits.upload_s):
            await core.database.run(chunks.admit(write, authority, size, core.limits, usage))
            name = secrets.token_bytes(16)
            try:
                await _receive(request, core.files.path(name), size, core.files.step)
                await asyncio.to_thread(core.files.settle)
            except BaseException:
                core.remove_files((name,))
                raise
            hashes = read_hash, delete_hash
            job = chunks.enter(write, hashes, authority, size, expires, name, core.limits, usage)
            # Whoever gives up waiting does not stop it halfway.
            await asyncio.shield(self._enter(job, name))
        core.counts.chunks_in += 1
        return web.Response(status=204)

    def _enter(self, job: Callable[[sqlite3.Connection], bytes | None], name: bytes) -> asyncio.Future[None]:
        async def enter() -> None:
            entered, files = False, self._core.files
            try:
                other = await self._core.database.run(job)
                entered = other is None
                if other is not None:
                    await asyncio.to_thread(files.check_same, name, other)
            finally:
                if not entered:
                    self._core.remove_files((name,))

        return asyncio.ensure_future(enter())

    async def has_chunk(self, request: web.Request) -> web.StreamResponse:
        await self._core.database.run(chunks.has(_capability(request)))
        return web.Response(status=204)

    async def get_chunk(self, request: web.Request) -> web.StreamResponse:
        name, _ = await self._core.database.run(chunks.find(_capability(request), self._core.now()))
        path = self._core.files.path(name)
        if not path.exists():
            raise Refusal(Code.NO)
        self._core.counts.chunks_out += 1
        response = web.FileResponse(path, chunk_size=_PIECE)
        response.content_type = "application/octet-stream"
        return response

    async def delete_chunk(self, request: web.Request) -> web.StreamResponse:
        name = await self._core.database.run(chunks.delete(_capability(request), self._core.database.usage))
        await asyncio.to_thread(self._core.files.remove, name)
        return web.Response(status=204)


async def _body(request: web.Request, limit: int) -> bytes:
    if request.content_length is None or request.content_length > limit:
        raise WireError("a body of the wrong size")
    return await request.read()


async def _receive(request: web.Request, path: Path, size: int, step: Step) -> None:
    """Streams the rest of the body into a synced file."""
    left = size
    with path.open("xb") as file:
        step("chunk begun")
        while left:
            piece = await request.content.readany()
            if not piece or len(piece) > left:
                raise WireError("a chunk of the wrong size")
            file.write(piece)
            left -= len(piece)
        file.flush()
        step("chunk written")
        await asyncio.to_thread(os.fsync, file.fileno())
    step("chunk synced")
