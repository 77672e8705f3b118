"""Moving documents: chunks up and down, a few at a time, each counted when it is through, so that a break costs one chunk."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from colloque.client.errands import sha256
from colloque.client.line import Lines
from colloque.client.relay.errors import NoQueue, refusal
from colloque.store.client.home import Home
from colloque.store.client.transfers import Transfer, write_synced
from colloque.wire.frames.answers import Code

SIDE_BY_SIDE: Final = 4
CHUNK_SECONDS: Final = 30 * 86_400


class Mover:
    def __init__(self, home: Home, lines: Lines) -> None:
        self._home = home
        self._lines = lines

    async def move(self, transfer: Transfer) -> None:
        """All of one document, or as far as the line carries; raises `RelayError` where it broke."""
        if transfer.upload:
            await self._up(transfer)
        else:
            await self._down(transfer)

    async def _up(self, transfer: Transfer) -> None:
        document = transfer.document
        authority = self._home.talk_queue(transfer.conversation)
        http = self._lines.to(document.relay).http

        async def one(index: int) -> None:
            path = self._home.transfers.chunk(transfer, index)
            sealed = await asyncio.to_thread(path.read_bytes)
            hashes = sha256(document.read_capability(index)), sha256(document.delete_capability(index))
            await http.put_chunk(document.write_capability(index), authority, *hashes, CHUNK_SECONDS, sealed)

        await self._each(transfer, one)
        self._home.transfers.uploaded(transfer)

    async def _down(self, transfer: Transfer) -> None:
        document = transfer.document
        http = self._lines.to(document.relay).http
        folder = self._home.transfers.folder(transfer.conversation, transfer.message)
        folder.mkdir(parents=True, exist_ok=True)

        async def one(index: int) -> None:
            sealed = await http.get_chunk(document.read_capability(index))
            if len(sealed) != document.chunk_bytes:
                raise refusal(Code.NO)
            await asyncio.to_thread(write_synced, self._home.transfers.chunk(transfer, index), sealed)

        try:
            await self._each(transfer, one)
        except NoQueue:
            self._home.transfers.lost(transfer)
            return
        self._home.transfers.arrived(self._home.context(), transfer)

    async def _each(self, transfer: Transfer, one: Callable[[int], Awaitable[None]]) -> None:
        """Runs `one` for every chunk that is not through yet."""
        at, total = transfer.done, transfer.document.chunks
        while at < total:
            step = range(at, min(at + SIDE_BY_SIDE, total))
            results = await asyncio.gather(*(one(i) for i in step), return_exceptions=True)
            for result in results:
                if isinstance(result, BaseException):
                    raise result
                at += 1
                self._home.transfers.advance(transfer, at)


def pause_ms(tries: int) -> int:
    return min(60_000, 500 << min(tries, 7))
