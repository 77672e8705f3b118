"""Nobody at the desk: the screen locks after 15 minutes. The computer slept: the keys are dropped."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Final

from colloque.desk.desk import Desk, Standing

IDLE_S: Final = 15 * 60.0
JUMP_S: Final = 60.0
LOOK_S: Final = 2.0
GONE_S: Final = 60.0
"""How long a consultation outlives its page: long enough for a refresh."""


class Idle:
    """`ran` does not count sleep on Linux, and does on macOS and Windows: there the gap between two looks tells it."""

    def __init__(
        self,
        desk: Desk,
        watched: Callable[[], bool],
        ran: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._desk, self._watched = desk, watched
        self._ran, self._wall = ran, wall
        self._last = ran(), wall()
        self._seen_at = ran()

    async def run(self) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            await self.look()

    async def look(self) -> None:
        (ran, wall), self._last = self._last, (self._ran(), self._wall())
        now, walled = self._last
        if self._watched():
            self._seen_at = now
        if now - self._seen_at > GONE_S:
            self._desk.consulting = False
        if now - ran > JUMP_S or (walled - wall) - (now - ran) > JUMP_S:
            await self._desk.drop_keys()
        elif self._desk.standing is Standing.OPEN and not self._desk.consulting and self._idle(now):
            self._desk.lock()

    def _idle(self, now: float) -> bool:
        return now - self._desk.used_at > IDLE_S
