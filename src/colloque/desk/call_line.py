"""Pieces of calls, handed to the page that is open as they come, and kept nowhere (`spec/calls.md` C2)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Final

from aiohttp import web

from colloque.client.client import Client
from colloque.desk.desk import Desk, Standing
from colloque.desk.listeners import Listeners
from colloque.store.client.signals import Heard
from colloque.wire.content.content import ID_BYTES, Content

SOCKETS: Final = 4
HEAR_S: Final = 0.5


class CallLine:
    """`told`: of each piece, whoever listens or not."""

    def __init__(self, desk: Desk, told: Callable[[Client, Heard], None]) -> None:
        self._desk, self._told = desk, told
        self._listeners = Listeners(SOCKETS)

    async def listen(self, request: web.Request) -> web.StreamResponse:
        """The desk's own page, while it is open: what comes behind a locked screen is for nobody."""
        _ = self._desk.client
        return await self._listeners.listen(request)

    async def run(self) -> None:
        """Until it is cancelled. What the engine died of is told elsewhere."""
        while True:
            client = self._desk.running
            try:
                found = [] if client is None else await client.calls.hear(HEAR_S)
            except Exception:  # noqa: BLE001
                found = []
            if client is None or not found:
                await asyncio.sleep(0.05)
                continue
            for heard in found:
                self._told(client, heard)
                if self._desk.standing is Standing.OPEN:
                    await self._listeners.tell(_said(heard))

    async def close(self) -> None:
        await self._listeners.close()


def _said(heard: Heard) -> str:
    piece = Content(bytes(ID_BYTES), 0, heard.sent_at, heard.signal).encode()
    shape = {
        "conversation": heard.conversation.hex(),
        "author": heard.author.hex(),
        "piece": piece.hex(),
    }
    return json.dumps(shape)
