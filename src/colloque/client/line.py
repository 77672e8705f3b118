"""The way to one relay: a connection that is made when it is needed, and made again, patiently, when it broke."""

from __future__ import annotations

import asyncio
import random
from typing import Final

import aiohttp

from colloque.client.relay.connection import Connection
from colloque.client.relay.errors import RelayError, Unreachable
from colloque.client.relay.http import RelayHttp

FIRST_PAUSE_S: Final = 0.2
LONGEST_PAUSE_S: Final = 60.0


class Line:
    """`connection()` gives a live one or raises `Unreachable` at once while a pause lasts; its numbers are checked first."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self.url = url
        self.http = RelayHttp(url, session)
        self._session = session
        self._connection: Connection | None = None
        self._lock = asyncio.Lock()
        self._checked = False
        self._pause = 0.0
        self._not_before = 0.0

    @property
    def up(self) -> bool:
        return self._connection is not None and not self._connection.closed.is_set()

    @property
    def wait(self) -> float:
        """Seconds until it is worth trying again."""
        return max(0.0, self._not_before - asyncio.get_running_loop().time())

    async def connection(self) -> Connection:
        async with self._lock:
            if self._connection is not None and not self._connection.closed.is_set():
                return self._connection
            if self.wait > 0:
                raise Unreachable("the relay did not answer; it is tried again soon")
            try:
                if not self._checked:
                    await self.http.capabilities()
                    self._checked = True
                self._connection = await Connection.open(self.url, self._session)
            except RelayError:
                self.failed()
                raise
            self._pause = 0.0
            return self._connection

    def failed(self) -> None:
        """A pause before the next try: longer each time, and never the same for everybody."""
        self._pause = min(LONGEST_PAUSE_S, max(FIRST_PAUSE_S, self._pause * 2))
        jitter = random.SystemRandom().uniform(0.5, 1.0)
        self._not_before = asyncio.get_running_loop().time() + self._pause * jitter

    async def close(self) -> None:
        if self._connection is not None:
            await self._connection.close()


class Lines:
    """One line for each relay in use."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session
        self._lines: dict[str, Line] = {}

    def to(self, url: str) -> Line:
        line = self._lines.get(url)
        if line is None:
            line = self._lines[url] = Line(url, self._session)
        return line

    def shortest_wait(self) -> float:
        waits = [line.wait for line in self._lines.values() if not line.up]
        return min(waits, default=LONGEST_PAUSE_S)

    async def close(self) -> None:
        for line in self._lines.values():
            await line.close()
