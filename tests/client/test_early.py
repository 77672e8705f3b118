"""Chunks of a large document that go up while it is still being sealed (`spec/wire.md` W34)."""

from __future__ import annotations

import asyncio
import io
import threading
from pathlib import Path

import pytest

from colloque.client.client import Client
from colloque.wire.codec import WireError
from tests.scenarios.conftest import here
from tests.scenarios.world import World, lines, until

__all__ = ["here"]
SIZE = 30_000_000


class _Slow(io.RawIOBase):
    """A file of zeros whose second half is given only once it is let go on, or never."""

    def __init__(self, size: int) -> None:
        self._left = size
        self._half = size // 2
        self.go_on = threading.Event()
        self.broken = False

    def readable(self) -> bool:
        return True

    def readinto(self, into: memoryview) -> int:  # type: ignore[override]
        if self._left <= self._half:
            self.go_on.wait(30)
            if self.broken:
                raise OSError("the stick was pulled out")
        count = min(len(into), self._left, 1 << 20)
        into[:count] = bytes(count)
        self._left -= count
        return count


async def _half(here: World) -> tuple[Client, Client, bytes, _Slow, asyncio.Task[object]]:
    """A document half of which lies at the relay, and which is not sent yet."""
    anne, bruno = await here.person("anne"), await here.person("bruno")
    pair = await here.pair(anne, bruno, "bruno")
    file = _Slow(SIZE)
    task: asyncio.Task[object] = asyncio.get_running_loop().create_task(
        anne.attach(pair, file, SIZE, "scan.pdf", "application/pdf")  # type: ignore[arg-type]
    )
    await until(anne, lambda: here.relay.core.counts.chunks_in >= 2)
    assert lines(anne, pair) == []
    return anne, bruno, pair, file, task


async def test_they_are_not_sent_twice(here: World, tmp_path: Path) -> None:
    anne, bruno, pair, file, task = await _half(here)
    file.go_on.set()
    await task
    await until(bruno, lambda: any(e.state == "here" for e in lines(bruno, pair)))
    (entry,) = lines(bruno, pair)
    assert bruno.save(entry, tmp_path / "out").read_bytes() == bytes(SIZE)
    assert entry.document is not None
    assert here.relay.core.counts.chunks_in == entry.document.chunks
    await until(bruno, lambda: here.relay.core.database.usage.total == 0)
    assert anne.home.spool.folders() == []


async def test_a_document_that_breaks_off_leaves_nothing(here: World) -> None:
    anne, _, pair, file, task = await _half(here)
    file.broken = True
    file.go_on.set()
    with pytest.raises(OSError, match="pulled out"):
        await task
    await until(anne, lambda: here.relay.core.database.usage.total == 0)
    assert lines(anne, pair) == []
    assert anne.home.spool.folders() == []


async def test_a_conversation_that_ends_meanwhile_leaves_nothing(here: World) -> None:
    anne, _, pair, file, task = await _half(here)
    anne.leave(pair)
    file.go_on.set()
    with pytest.raises(WireError, match="over"):
        await task
    await until(anne, lambda: here.relay.core.database.usage.total == 0)
    assert anne.home.spool.folders() == []
