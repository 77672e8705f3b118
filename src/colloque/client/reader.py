"""Reading one queue: every envelope is written durably here before it is confirmed there (`spec/sessions.md` S18)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from colloque.client.line import Line
from colloque.client.relay.connection import Delivered, Reading
from colloque.client.relay.errors import NoQueue, Refused, RelayError, TakenOver
from colloque.store.client.home import Home
from colloque.store.client.queues import Stored
from colloque.wire.frames.position import Position

TAKEN_OVER_PAUSE_S = 15.0
LOST_PAUSE_S = 0.5
_BURST = 32


class QueueReader:
    """Runs until it is cancelled. `drained`: everything that waited when the reading began has been taken in."""

    def __init__(self, home: Home, line: Line, stored: Stored, wake: Callable[[], None]) -> None:
        self._home = home
        self._line = line
        self._queue = stored.queue
        self._wake = wake
        self.drained = False

    async def run(self) -> None:
        while True:
            pause = 0.05
            try:
                await self._read()
            except TakenOver:
                pause = TAKEN_OVER_PAUSE_S
            except NoQueue:
                # It expired while this home was away, or the relay lost it. Made again with the same capabilities it is
                # the one that everybody's end knows; what was refused meanwhile shows by its numbers.
                await asyncio.sleep(LOST_PAUSE_S)
                self._home.queues.set_state(self._queue.id, "wanted")
                self._wake()
                return
            except Refused:
                pause = 5.0
            except RelayError:
                pause = max(pause, self._line.wait)
            finally:
                self.drained = False
            await asyncio.sleep(pause)

    async def _read(self) -> None:
        connection = await self._line.connection()
        reading = await connection.read(self._queue.read)
        self._home.upkeep_queue_position(self._queue.id, reading.confirmed)
        left = reading.waiting
        self._set_drained(left)
        while True:
            burst = [await anext(reading)]
            while len(burst) < _BURST and (more := reading.next_now()) is not None:
                burst.append(more)
            last = self._take(burst)
            left -= len(burst)
            self._set_drained(left)
            await self._confirm(reading, last)

    def _set_drained(self, left: int) -> None:
        if left <= 0 and not self.drained:
            self.drained = True
            self._wake()

    def _take(self, burst: list[Delivered]) -> Position:
        ctx = self._home.context()
        with self._home.database.transaction():
            for item in burst:
                at = item.position
                self._home.signals.is_live = self.drained
                self._home.intake.take(ctx, self._queue.id, at.incarnation, at.sequence, item.envelope)
        self._wake()
        return burst[-1].position

    async def _confirm(self, reading: Reading, position: Position) -> None:
        self._home.database_step("before confirm")
        await reading.confirm(position)
        self._home.database_step("after confirm")
