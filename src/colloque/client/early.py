"""Chunks that go up while their document is still being sealed, before its message is kept.

The errands that delete them at the relay are kept before the first one goes, and end with the message being kept: after a
stop, or where the document cannot be read to its end, nothing lies there that no message speaks of.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Final

from colloque.client.line import Lines
from colloque.client.relay.errors import RelayError
from colloque.client.uploads import put
from colloque.store.client.home import Home
from colloque.wire.content.document import Document

AT_ONCE: Final = 3


class Early:
    """Those of one document; `of`: its conversation and message."""

    def __init__(self, home: Home, lines: Lines, of: tuple[bytes, bytes], document: Document) -> None:
        self._home = home
        self._lines = lines
        self._of = of
        self._document = document
        self._ready: deque[int] = deque()
        self._running: dict[int, asyncio.Task[None]] = {}
        self._through: set[int] = set()
        self._ended = False

    def sealed(self, index: int) -> None:
        """That chunk lies in the spool."""
        self._ready.append(index)
        self._go_on()

    async def through(self, index: int) -> bool:
        """Whether that chunk is at the relay; one on its way is waited for. From now on none is begun."""
        self._ended = True
        running = self._running.get(index)
        if running is not None:
            await asyncio.wait([running])
        return index in self._through

    async def stop(self) -> None:
        self._ended = True
        running = list(self._running.values())
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    def _go_on(self) -> None:
        while self._ready and len(self._running) < AT_ONCE and not self._ended:
            index = self._ready.popleft()
            self._running[index] = asyncio.get_running_loop().create_task(self._one(index))

    async def _one(self, index: int) -> None:
        try:
            await put(self._home, self._lines, self._of, self._document, index)
            self._through.add(index)
        except (RelayError, OSError):
            # Whoever moves the document afterwards tries again, and says what is wrong.
            self._ended = True
        finally:
            del self._running[index]
            self._go_on()
