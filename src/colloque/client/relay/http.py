"""Cards and chunks at a relay, and what it says of itself, over plain HTTP."""

from __future__ import annotations

import asyncio
import base64
import json
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Final

import aiohttp

from colloque.client.relay.errors import Full, RelayError, Unreachable, UnsafeRelay, refusal
from colloque.wire.codec import Writer
from colloque.wire.frames.answers import Code
from colloque.wire.sizes import CARD_BYTES, CHUNK_SIZES, ENVELOPE_BYTES, GRANT_BYTES, HASH_BYTES

DAY: Final = 86_400
_CODES: Final = {403: Code.GRANT, 404: Code.NO, 409: Code.BAD, 429: Code.RATE, 503: Code.FULL}
_PIECE: Final = 1 << 20
_READ_AHEAD: Final = 1 << 19


@dataclass(frozen=True, slots=True)
class RelayLimits:
    """What a relay says of itself, checked. Ages in seconds."""

    software: str
    creation: str
    queue_messages: int
    message_age_s: int
    chunk_age_s: int
    card_age_s: int


@dataclass(frozen=True, slots=True)
class Body:
    """A chunk to be sent piece by piece, so that others run between, and only pieces of it are in memory."""

    head: bytes
    sealed: bytes | BinaryIO
    chunk_bytes: int

    @property
    def size(self) -> int:
        return len(self.head) + self.chunk_bytes

    async def pieces(self) -> AsyncIterator[bytes]:
        yield self.head
        if isinstance(self.sealed, bytes):
            for at in range(0, len(self.sealed), _PIECE):
                yield self.sealed[at : at + _PIECE]
            return
        while piece := await asyncio.to_thread(self.sealed.read, _PIECE):
            yield piece


@dataclass(frozen=True, slots=True)
class TurnServer:
    """`seconds`: how long this name and credential are taken. `only`: media go no other way."""

    urls: tuple[str, ...]
    username: str
    credential: str = field(repr=False)
    seconds: int
    only: bool


def turn_server(data: bytes) -> TurnServer:
    """Raises `UnsafeRelay`."""
    try:
        said = json.loads(data)
        urls = tuple(said["urls"])
        found = TurnServer(urls, said["username"], said["credential"], said["seconds"], said["only"])
    except (ValueError, KeyError, TypeError):
        raise UnsafeRelay("this relay's TURN server is none") from None
    texts = (*urls, found.username, found.credential)
    fits = (
        1 <= len(urls) <= 8
        and all(isinstance(text, str) and len(text) <= 300 for text in texts)
        and all(re.match(r"turns?:", url) for url in urls)
        and type(found.seconds) is int
        and type(found.only) is bool
    )
    if not fits:
        raise UnsafeRelay("this relay's TURN server is none")
    return found


class RelayHttp:
    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self._url = url
        self._session = session

    async def _call(
        self,
        method: str,
        path: str,
        capability: bytes | None = None,
        body: bytes | Body | None = None,
    ) -> bytes:
        found = bytearray()
        await self._stream(method, path, capability, body, found.extend, 65_536)
        return bytes(found)

    async def _stream(
        self,
        method: str,
        path: str,
        capability: bytes | None,
        body: bytes | Body | None,
        take: Callable[[bytes], None],
        limit: int,
    ) -> None:
        headers = {}
        if capability is not None:
            text = base64.urlsafe_b64encode(capability).rstrip(b"=").decode("ascii")
            headers["Authorization"] = f"Capability {text}"
        if isinstance(body, Body):
            headers["Content-Length"] = str(body.size)
        sent = body.pieces() if isinstance(body, Body) else body
        timeout = aiohttp.ClientTimeout(total=300, sock_connect=15, sock_read=60)
        try:
            async with self._session.request(
                method,
                self._url + path,
                data=sent,
                headers=headers,
                timeout=timeout,
                allow_redirects=False,
                read_bufsize=_READ_AHEAD,
            ) as response:
                if response.status >= 300:
                    raise _refused(response)
                if (response.content_length or 0) > limit:
                    raise UnsafeRelay("the relay sends more than was asked for")
                await _drain(response.content, take, limit)
        except (aiohttp.ClientError, OSError, TimeoutError):
            raise Unreachable("the relay does not answer") from None

    async def capabilities(self) -> RelayLimits:
        """Raises `UnsafeRelay` where a relay's numbers are not safe for mail, or it is none."""
        try:
            document = json.loads(await self._call("GET", "/v1/relay"))
        except ValueError:
            raise UnsafeRelay("that address is not a Colloque relay") from None
        except RelayError as error:
            if isinstance(error, (Unreachable, Full, UnsafeRelay)):
                raise
            raise UnsafeRelay("that address is not a Colloque relay") from None
        return check_document(document)

    async def put_card(
        self, owner: bytes, locator_hash: bytes, grant: bytes, seconds: int, sealed: bytes
    ) -> None:
        out = Writer().fixed(locator_hash, HASH_BYTES).opaque(grant, GRANT_BYTES, 1).uint(seconds, 4)
        await self._call("PUT", "/v1/cards", owner, out.fixed(sealed, CARD_BYTES).done())

    async def get_card(self, locator: bytes) -> bytes:
        return await self._call("GET", "/v1/cards", locator)

    async def delete_card(self, owner: bytes) -> None:
        await self._call("DELETE", "/v1/cards", owner)

    async def put_chunk(
        self,
        write: bytes,
        authority: bytes,
        read_hash: bytes,
        delete_hash: bytes,
        seconds: int,
        sealed: bytes | Path,
    ) -> None:
        """`sealed`: the chunk, or the file it lies in."""
        head = Writer().fixed(authority, 32).fixed(read_hash, HASH_BYTES).fixed(delete_hash, HASH_BYTES)
        first = head.uint(seconds, 4).done()
        if isinstance(sealed, bytes):
            await self._call("PUT", "/v1/chunks", write, Body(first, sealed, len(sealed)))
            return
        # Opened here, not where it is read: a line that breaks leaves the reading hanging.
        with sealed.open("rb") as file:
            await self._call("PUT", "/v1/chunks", write, Body(first, file, sealed.stat().st_size))

    async def has_chunk(self, write: bytes) -> bool:
        try:
            await self._call("HEAD", "/v1/chunks", write)
        except RelayError as error:
            if getattr(error, "code", None) is Code.NO:
                return False
            raise
        return True

    async def get_chunk(self, read: bytes, into: memoryview) -> int:
        """How many bytes of `into` are the chunk; raises `UnsafeRelay` where it does not fit. Where this raises, `into` may hold
        a part of it."""
        at = 0

        def take(piece: bytes) -> None:
            nonlocal at
            into[at : at + len(piece)] = piece
            at += len(piece)

        await self._stream("GET", "/v1/chunks", read, None, take, len(into))
        return at

    async def delete_chunk(self, capability: bytes) -> None:
        await self._call("DELETE", "/v1/chunks", capability)

    async def turn(self, read: bytes) -> TurnServer | None:
        """The server that relays media, for whoever reads a queue here; None where this relay names none."""
        data = await self._call("GET", "/v1/turn", read)
        return turn_server(data) if data else None

    async def send_once(self, write: bytes, envelope: bytes) -> None:
        await self._call("POST", "/v1/send", write, envelope)


async def _drain(source: aiohttp.StreamReader, take: Callable[[bytes], None], limit: int) -> None:
    """Piece by piece as it came off the line: joining them would copy them once more."""
    count = 0
    while not source.at_eof():
        piece, _ = await source.readchunk()
        count += len(piece)
        if count > limit:
            raise UnsafeRelay("the relay sends more than was asked for")
        take(piece)


def _refused(response: aiohttp.ClientResponse) -> RelayError:
    if response.status < 400:
        return UnsafeRelay("that address leads to another one: give the relay's own")
    code = _CODES.get(response.status)
    if code is None:
        return Unreachable(f"the relay answered with status {response.status}")
    after = response.headers.get("Retry-After", "")
    return refusal(code, 1000 * int(after) if after.isdecimal() and len(after) < 6 else 0)


def check_document(document: Any) -> RelayLimits:
    """The relay's capability document (`spec/relay.md` R2); raises `UnsafeRelay`."""
    if not isinstance(document, dict) or document.get("colloque") != 1:
        raise UnsafeRelay("that address is not a Colloque relay, or one of another version")

    def number(name: str, least: int) -> int:
        value = document.get(name)
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            raise UnsafeRelay(f"this relay is not safe for mail: its {name} is too small")
        return value

    if document.get("envelope_bytes") != ENVELOPE_BYTES or document.get("card_bytes") != CARD_BYTES:
        raise UnsafeRelay("this relay has envelopes or cards of another size")
    if document.get("chunk_bytes") != list(CHUNK_SIZES):
        raise UnsafeRelay("this relay has chunks of other sizes")
    if document.get("durability") != "fsync":
        raise UnsafeRelay("this relay does not keep mail on its disk before it accepts it")
    creation = document.get("creation")
    if creation not in ("open", "grant"):
        raise UnsafeRelay("this relay does not say who may make queues")
    return RelayLimits(
        str(document.get("software", ""))[:100],
        creation,
        number("queue_messages", 128),
        number("message_age_s", 7 * DAY),
        number("chunk_age_s", DAY),
        number("card_age_s", DAY),
    )
