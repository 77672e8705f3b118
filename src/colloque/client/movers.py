"""Moving documents: chunks up and down, a few at a time, counted as they are through, so that a break costs little."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Final, ParamSpec

from colloque.client.ahead import Ahead, Ident
from colloque.client.early import Early
from colloque.client.line import Lines
from colloque.client.relay.errors import NoQueue, RelayError, Unreachable, refusal
from colloque.client.uploads import CHUNK_SECONDS, put
from colloque.store.client.home import Home
from colloque.store.client.spool import Check
from colloque.store.client.transfers import Transfer
from colloque.wire.codec import WireError
from colloque.wire.content.document import Document
from colloque.wire.frames.answers import Code

SIDE_BY_SIDE: Final = 3
IN_HAND: Final = 6
"""Chunks of one document in memory: on the way here, or on the way to the disk while the next ones come."""
COUNT_S: Final = 0.2
"""How often what is through is written down; each time costs the disk a commit."""

FIRST_LOOK_S: Final = 0.02
LAST_LOOK_S: Final = 2.0

P = ParamSpec("P")
Through = Callable[[int], Awaitable[None]]


class _Unwanted(Exception):
    """The document was taken back, or is through already: nobody needs the rest of it at the relay."""


class NotYet(Unreachable):
    """A chunk is not at the relay yet, or not any more: which, nobody can tell."""


class Mover:
    def __init__(self, home: Home, lines: Lines, ahead: Ahead) -> None:
        self._home = home
        self._ahead = ahead
        self._lines = lines
        self._early: dict[bytes, Early] = {}

    def early(self, conversation: bytes, message: bytes, document: Document) -> Early | None:
        """For a document that is about to be sealed; None for a small one, which is through soon anyhow."""
        if not document.ahead:
            return None
        self._home.transfers.early(self._home.context(), document, message)
        early = self._early[message] = Early(self._home, self._lines, (conversation, message), document)
        return early

    async def never(self, message: bytes) -> None:
        """That document could not be sealed: what went up of it is deleted."""
        early = self._early.pop(message, None)
        if early is not None:
            await early.stop()
            self._home.transfers.never(message)

    async def close(self) -> None:
        for early in self._early.values():
            await early.stop()

    async def move(self, transfer: Transfer) -> None:
        """All of one document, or as far as the line carries; raises `RelayError` where it broke."""
        if transfer.upload:
            await self._up(transfer)
        else:
            await self._down(transfer)

    async def _up(self, transfer: Transfer) -> None:
        document = transfer.document
        of = transfer.conversation, transfer.message
        folder, early = self._home.spool.folder(*of), self._early.pop(transfer.message, None)

        async def one(index: int) -> None:
            if early is None or not await early.through(index):
                await put(self._home, self._lines, of, document, index)

        async def through(done: int) -> None:
            if not self._home.transfers.advance(transfer, done):
                raise _Unwanted
            if not self._home.keeps_own:
                await asyncio.to_thread(self._home.spool.drop_chunks, folder, done)

        try:
            await each(range(transfer.done, document.chunks), one, through)
        except _Unwanted:
            self._home.transfers.unwanted(transfer)
        else:
            self._home.transfers.uploaded(transfer)
        finally:
            if early is not None:
                await early.stop()
        sent = self._home.messages.get(transfer.message)
        if not self._home.keeps_own or sent is None or sent.state == "retracted":
            await asyncio.to_thread(self._home.spool.drop, *of)

    async def _down(self, transfer: Transfer) -> None:
        document, home = transfer.document, self._home
        of = transfer.conversation, transfer.message
        http, folder = self._lines.to(document.relay).http, home.spool.make(*of)
        check, arrivals = Check(folder, document, self._ahead.begin(of)), _Arrivals()
        room = [memoryview(bytearray(document.chunk_bytes)) for _ in range(IN_HAND)]
        gate, turns = asyncio.Semaphore(SIDE_BY_SIDE), _Turns()

        async def one(index: int) -> None:
            sealed, turn = room.pop(), turns.next()
            read = document.read_capability(index)
            async with gate:
                length = await self._when_there(transfer, arrivals, lambda: http.get_chunk(read, sealed))
            if length != document.chunk_bytes:
                raise refusal(Code.NO)
            arrivals.came()
            kept = asyncio.ensure_future(_whole(home.spool.keep_chunk, folder, index, sealed))
            try:
                async with turn:
                    await _whole(check.take, sealed)
            finally:
                await kept
            room.append(sealed)

        async def through(done: int) -> None:
            await asyncio.to_thread(home.spool.keep_names, folder)
            home.transfers.advance(transfer, done)

        try:
            await _whole(check.run, transfer.done)
            await each(range(transfer.done, document.chunks), one, through, IN_HAND)
            await _whole(check.end)
        except (NoQueue, WireError):
            home.transfers.damaged(transfer)
            await self._given_up(of, check)
            await asyncio.to_thread(home.spool.drop, *of)
        except BaseException:
            await self._given_up(of, check)
            raise
        else:
            await asyncio.to_thread(check.close)
            if check.written:
                self._ahead.whole(of)
            else:
                self._ahead.drop(of)
            home.transfers.arrived(home.context(), transfer)

    async def _given_up(self, of: Ident, check: Check) -> None:
        await _whole(check.close)
        self._ahead.drop(of)

    async def _when_there(
        self, transfer: Transfer, arrivals: _Arrivals, fetch: Callable[[], Awaitable[int]]
    ) -> int:
        """A large document's chunks may come after its description (`spec/wire.md` W34); raises `NotYet`."""
        pause = FIRST_LOOK_S
        while True:
            try:
                return await fetch()
            except NoQueue:
                age = self._home.clock() - self._home.transfers.came_at(transfer)
                if not transfer.document.ahead or age > 1000 * CHUNK_SECONDS:
                    raise
            if pause > LAST_LOOK_S:
                raise NotYet("the sender's end has not brought all of this document to the relay yet")
            pause = FIRST_LOOK_S if await arrivals.next(pause) else 2 * pause


class _Turns:
    """Each turn waits for the one that was taken before it."""

    def __init__(self) -> None:
        self._last: asyncio.Future[None] | None = None

    @contextlib.asynccontextmanager
    async def _turn(
        self, before: asyncio.Future[None] | None, mine: asyncio.Future[None]
    ) -> AsyncIterator[None]:
        """Where one fails, those behind it wait until they are stopped."""
        if before is not None:
            await asyncio.shield(before)
        yield
        mine.set_result(None)

    def next(self) -> AbstractAsyncContextManager[None]:
        before, self._last = self._last, asyncio.get_running_loop().create_future()
        return self._turn(before, self._last)


async def _whole(job: Callable[P, None], *args: P.args, **kwargs: P.kwargs) -> None:
    """In a thread; whoever is stopped meanwhile waits for its end, so that nothing works on beside what comes next."""
    running = asyncio.ensure_future(asyncio.to_thread(job, *args, **kwargs))
    try:
        await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.wait([running])
        raise


class _Arrivals:
    """Where one chunk has come, the next are not far: whoever waits for one looks again."""

    def __init__(self) -> None:
        self._next = asyncio.Event()

    def came(self) -> None:
        self._next.set()
        self._next = asyncio.Event()

    async def next(self, seconds: float) -> bool:
        """Whether another chunk came within this time."""
        try:
            async with asyncio.timeout(seconds):
                return await self._next.wait()
        except TimeoutError:
            return False


async def each(
    numbers: range,
    one: Callable[[int], Awaitable[None]],
    through: Through,
    at_once: int = SIDE_BY_SIDE,
    every: float = COUNT_S,
) -> None:
    """Runs `one` for every number, a few side by side; tells `through`, one call at a time, every so many seconds and at the
    end, how many of the first ones are done. What `one` raises goes on to the caller, once the others are stopped."""
    loop, done = asyncio.get_running_loop(), numbers.start
    left, told_at = iter(numbers), loop.time()
    running: deque[asyncio.Future[None]] = deque()
    telling: asyncio.Future[None] | None = None

    async def told() -> None:
        if telling is not None:
            await telling

    try:
        while True:
            while len(running) < at_once and (index := next(left, None)) is not None:
                running.append(asyncio.ensure_future(one(index)))
            if not running:
                break
            await running[0]
            running.popleft()
            done += 1
            if loop.time() - told_at >= every and (telling is None or telling.done()):
                told_at = loop.time()
                await told()
                telling = asyncio.ensure_future(through(done))
        await told()
        await through(done)
    except RelayError:
        await told()
        await through(done)
        raise
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, *([telling] if telling is not None else []), return_exceptions=True)


def pause_ms(tries: int) -> int:
    return min(60_000, 500 << min(tries, 7))
