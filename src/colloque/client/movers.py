"""Moving documents: chunks up and down, a few at a time, counted as they are through, so that a break costs little."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Final

from colloque.client.ahead import Ahead
from colloque.client.errands import sha256
from colloque.client.line import Lines
from colloque.client.relay.errors import NoQueue, RelayError, Unreachable, refusal
from colloque.store.client.home import Home
from colloque.store.client.spool import Check, chunk_path, part_path
from colloque.store.client.transfers import Transfer
from colloque.wire.codec import WireError
from colloque.wire.frames.answers import Code

SIDE_BY_SIDE: Final = 4
COUNT_S: Final = 0.2
"""How often what is through is written down; each time costs the disk a commit."""
CHUNK_SECONDS: Final = 30 * 86_400

FIRST_LOOK_S: Final = 0.02
LAST_LOOK_S: Final = 2.0

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

    async def move(self, transfer: Transfer) -> None:
        """All of one document, or as far as the line carries; raises `RelayError` where it broke."""
        if transfer.upload:
            await self._up(transfer)
        else:
            await self._down(transfer)

    async def _up(self, transfer: Transfer) -> None:
        document = transfer.document
        of = transfer.conversation, transfer.message
        authority = self._home.talk_queue(transfer.conversation)
        http, folder = self._lines.to(document.relay).http, self._home.spool.folder(*of)

        async def one(index: int) -> None:
            hashes = sha256(document.read_capability(index)), sha256(document.delete_capability(index))
            write, path = document.write_capability(index), chunk_path(folder, index)
            await http.put_chunk(write, authority, *hashes, CHUNK_SECONDS, path)
            self._home.database_step("chunk uploaded")

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
        sent = self._home.messages.get(transfer.message)
        if not self._home.keeps_own or sent is None or sent.state == "retracted":
            await asyncio.to_thread(self._home.spool.drop, *of)

    async def _down(self, transfer: Transfer) -> None:
        document = transfer.document
        of = transfer.conversation, transfer.message
        http, folder = self._lines.to(document.relay).http, self._home.spool.make(*of)
        check, arrivals = Check(folder, document, self._ahead.begin(of)), _Arrivals()
        loop, counted_at = asyncio.get_running_loop(), 0.0

        async def one(index: int) -> None:
            with part_path(folder, index).open("wb") as file:
                read = document.read_capability(index)
                await self._when_there(transfer, arrivals, lambda: http.get_chunk(read, file))
                if file.tell() != document.chunk_bytes:
                    raise refusal(Code.NO)
            arrivals.came()
            await asyncio.to_thread(self._home.spool.keep_chunk, folder, index)

        async def count(done: int) -> None:
            await asyncio.to_thread(self._home.spool.keep_names, folder)
            self._home.transfers.advance(transfer, done)

        async def through(done: int) -> None:
            nonlocal counted_at
            if loop.time() - counted_at >= COUNT_S:
                counted_at = loop.time()
                await count(done)
            await asyncio.to_thread(check.run, done)

        try:
            await each(range(transfer.done, document.chunks), one, through, every=0)
            await asyncio.to_thread(check.end)
            await asyncio.to_thread(self._home.spool.keep_names, folder)
        except (NoQueue, WireError):
            self._home.transfers.damaged(transfer)
            self._ahead.drop(of)
            await asyncio.to_thread(self._home.spool.drop, *of)
        except BaseException:
            self._ahead.drop(of)
            raise
        else:
            if check.written:
                self._ahead.whole(of)
            else:
                self._ahead.drop(of)
            self._home.transfers.arrived(self._home.context(), transfer)

    async def _when_there(
        self, transfer: Transfer, arrivals: _Arrivals, fetch: Callable[[], Awaitable[None]]
    ) -> None:
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
    numbers: range, one: Callable[[int], Awaitable[None]], through: Through, every: float = COUNT_S
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
            while len(running) < SIDE_BY_SIDE and (index := next(left, None)) is not None:
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
