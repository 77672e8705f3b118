"""What the relay does every second: lets expired things go, looks how much room there is, follows the clock."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable
from typing import Final

from colloque.protocol.mailbox import clock
from colloque.relay.core import Core
from colloque.relay.log import LOGGER
from colloque.relay.reading import Readings
from colloque.store.relay.queues import touch
from colloque.store.relay.sweep import keep_time, kept_time, measure, sweep

EVERY_S: Final = 1.0
TIME_KEPT_S: Final = 600
TOUCHED_S: Final = 6 * 3_600


class Sweeper:
    """`wall`: the clock on the wall; `ran`: one that does not jump. Both in seconds."""

    def __init__(
        self, core: Core, readings: Readings, wall: Callable[[], float], ran: Callable[[], float]
    ) -> None:
        self._core = core
        self._readings = readings
        self._wall, self._ran = wall, ran
        self._kept = self._touched = 0.0
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Counts what lies there, removes files that a crash left, and goes on in the background."""
        core = self._core
        database = core.database
        core.clock = clock.start(await database.run(kept_time), self._wall(), self._ran())
        self._touched = core.clock.now
        known = await database.run(measure(database.usage, core.measure_disk()))
        for path in core.files.stray(known):
            core.files.remove_path(path)
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(EVERY_S)
            try:
                await self.once()
            except (OSError, sqlite3.Error):
                LOGGER.exception("sweep")

    async def once(self) -> None:
        core, database = self._core, self._core.database
        core.clock = core.clock.advance(self._wall(), self._ran())
        now = core.now()
        database.usage.free = core.measure_disk()
        more = True
        while more:
            swept = await database.run(sweep(now, core.limits, database.usage))
            core.counts.expired += swept.messages
            for queue in swept.queues:
                self._readings.dropped(queue)
            core.remove_files(swept.files)
            more = swept.more
        if now - self._kept >= TIME_KEPT_S:
            self._kept = now
            await database.run(keep_time(now))
        if now - self._touched >= TOUCHED_S:
            self._touched = now
            await database.run(touch(self._readings.queues(), now))
