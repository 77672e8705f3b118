"""The one WebSocket: the page is told that something changed, never what; it asks then."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable
from typing import Final

from aiohttp import web

from colloque.client.client import Client
from colloque.desk.desk import Desk, Standing
from colloque.desk.listeners import Listeners

SOCKETS: Final = 8
POLL_S: Final = 0.1


class Changes:
    """`besides`: a number that grows where something changed that is in no database; `waiting`: how many people wait there."""

    def __init__(self, desk: Desk, besides: Callable[[], int], waiting: Callable[[], int]) -> None:
        self._desk, self._besides, self._waiting = desk, besides, waiting
        self._listeners = Listeners(SOCKETS)
        self._seen: tuple[int, ...] | None = None
        self._told: Standing | None = None
        self._unread: tuple[int, int] | None = None

    @property
    def watched(self) -> bool:
        """Whether a page is open."""
        return bool(self._listeners)

    async def listen(self, request: web.Request) -> web.StreamResponse:
        return await self._listeners.listen(request, _standing(self._desk.standing))

    async def run(self) -> None:
        """Until it is cancelled; what the engine died of closes the desk, and is not hidden."""
        while True:
            await asyncio.sleep(POLL_S)
            if self._told is not self._desk.standing:
                self._told = self._desk.standing
                await self._listeners.tell(_standing(self._told))
            client = self._desk.running
            if client is None:
                continue
            try:
                client.check_engine()
            except Exception:  # noqa: BLE001
                with contextlib.suppress(Exception):
                    await self._desk.drop_keys()
                await self._listeners.tell(json.dumps({"kind": "failed"}))
                continue
            database = client.home.database
            seen = (id(client), database.changes(), database.version(), self._besides())
            if seen != self._seen:
                self._seen = seen
                if self._desk.standing is Standing.OPEN:
                    await self._listeners.tell(json.dumps({"kind": "changed"}))
                if self._more_came(client):
                    await self._listeners.tell(json.dumps({"kind": "came"}))

    def _more_came(self, client: Client) -> bool:
        """Whether more is unread than at the last look, or more people wait: told behind a locked screen too."""
        before = self._unread
        now = self._unread = id(client), client.home.inbox.waiting() + self._waiting()
        return before is not None and before[0] == now[0] and now[1] > before[1]

    async def close(self) -> None:
        await self._listeners.close()


def _standing(standing: Standing) -> str:
    return json.dumps({"kind": "standing", "standing": standing.value})
