"""WebSockets of the desk's page: a few, told what there is to tell, and not waited for."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Final

from aiohttp import WSMsgType, web

PATIENCE_S: Final = 2


class Listeners:
    def __init__(self, most: int) -> None:
        self._most = most
        self._sockets: set[web.WebSocketResponse] = set()

    def __bool__(self) -> bool:
        return bool(self._sockets)

    async def listen(self, request: web.Request, first: str | None = None) -> web.StreamResponse:
        """Until the page goes; `first` is what it is told at once."""
        if len(self._sockets) >= self._most:
            return web.Response(status=503)
        socket = web.WebSocketResponse(max_msg_size=1024, heartbeat=20, compress=False)
        await socket.prepare(request)
        self._sockets.add(socket)
        try:
            if first is not None:
                await socket.send_str(first)
            async for message in socket:
                if message.type is not WSMsgType.TEXT:
                    break
        finally:
            self._sockets.discard(socket)
        return socket

    async def tell(self, words: str) -> None:
        """A page that does not listen is closed, and opens another line."""
        for socket in tuple(self._sockets):
            try:
                async with asyncio.timeout(PATIENCE_S):
                    await socket.send_str(words)
            except (TimeoutError, ConnectionError, RuntimeError):
                self._sockets.discard(socket)
                await _close(socket)

    async def close(self) -> None:
        for socket in tuple(self._sockets):
            await _close(socket)


async def _close(socket: web.WebSocketResponse) -> None:
    with contextlib.suppress(Exception):
        async with asyncio.timeout(PATIENCE_S):
            await socket.close(code=1001)
