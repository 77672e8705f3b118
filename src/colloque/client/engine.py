"""The engine of a home: reads its queues, encrypts and sends what waits, runs errands, moves documents.

One program at a time runs it for a home (whoever holds the lease); the others write into the database and watch.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import aiohttp

from colloque.client import errands
from colloque.client.line import Line, Lines
from colloque.client.movers import Mover, pause_ms
from colloque.client.reader import QueueReader
from colloque.client.relay.errors import Full, Refused, RelayError, Unreachable
from colloque.store.client import errands as stored_errands
from colloque.store.client.home import Home
from colloque.store.client.outbox import Outgoing
from colloque.store.client.queues import Stored
from colloque.store.client.transfers import Transfer
from colloque.wire.envelope import seal

POLL_S: Final = 0.1
TICK_S: Final = 30.0
RECEIPT_DELAY_MS: Final = 200
MOVERS: Final = 2


class Engine:
    def __init__(self, home: Home, session: aiohttp.ClientSession, changed: Callable[[], None]) -> None:
        self._home = home
        self._lines = Lines(session)
        self._mover = Mover(home, self._lines)
        self._changed = changed
        self._awake = asyncio.Event()
        self._readers: dict[bytes, tuple[QueueReader, asyncio.Task[None]]] = {}
        self._movers: dict[bytes, asyncio.Task[None]] = {}
        self._ticked = -TICK_S
        self._version = -1

    def wake(self) -> None:
        self._awake.set()
        self._changed()

    async def run(self) -> None:
        """Until it is cancelled."""
        try:
            while True:
                self._awake.clear()
                if not await self._round():
                    await self._rest()
        finally:
            tasks = [task for _, task in self._readers.values()] + list(self._movers.values())
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._lines.close()

    async def _rest(self) -> None:
        """Until something happens here, or another program writes into this home, or a pause is over."""
        wait = min(POLL_S, max(0.01, self._lines.shortest_wait()))
        try:
            async with asyncio.timeout(wait):
                await self._awake.wait()
        except TimeoutError:
            pass
        version = self._home.database.version()
        if version != self._version:
            self._version = version
            self._changed()

    async def _round(self) -> bool:
        """Everything that can be done now; whether anything was."""
        progress = await self._queues()
        progress |= await self._errands()
        self._start_readers()
        progress |= self._encrypt()
        progress |= await self._send()
        self._start_movers()
        self._tick()
        if progress:
            self._changed()
        return progress

    def _tick(self) -> None:
        now = asyncio.get_running_loop().time()
        if now - self._ticked >= TICK_S:
            self._ticked = now
            ctx = self._home.context()
            self._home.upkeep.tick(ctx)
            self._home.invitations.renew_card(ctx)

    # --- queues and errands ---

    async def _queues(self) -> bool:
        progress = False
        for wanted in self._home.queues.in_state("wanted"):
            progress |= await self._try(self._lines.to(wanted.queue.relay), errands.make_queue, wanted)
        for unwanted in self._home.queues.unwanted():
            self._stop_reader(unwanted.queue.id)
            progress |= await self._try(self._lines.to(unwanted.queue.relay), errands.drop_queue, unwanted)
        return progress

    async def _try(
        self, line: Line, action: Callable[[Home, Line, Stored], Awaitable[None]], subject: Stored
    ) -> bool:
        try:
            await action(self._home, line, subject)
        except Refused as refused:
            self._home.note_refusal(str(refused))
            line.failed()
            return False
        except RelayError:
            return False
        return True

    async def _errands(self) -> bool:
        progress = False
        for errand in stored_errands.due(self._home.database, self._home.clock()):
            try:
                await errands.run_errand(self._home, self._lines, errand)
                progress = True
            except RelayError as error:
                if isinstance(error, Refused):
                    self._home.note_refusal(str(error))
                with self._home.database.transaction():
                    later = self._home.clock() + pause_ms(errand.tries)
                    stored_errands.later(self._home.database, errand.n, later)
        return progress

    def _start_readers(self) -> None:
        made = self._home.queues.in_state("made")
        for stored in made:
            known = self._readers.get(stored.queue.id)
            if known is not None and known[1].done():
                known[1].result()
            if known is None or known[1].done():
                reader = QueueReader(self._home, self._lines.to(stored.queue.relay), stored, self.wake)
                task = asyncio.get_running_loop().create_task(reader.run())
                self._readers[stored.queue.id] = (reader, task)

    def _stop_reader(self, queue: bytes) -> None:
        known = self._readers.pop(queue, None)
        if known is not None:
            known[1].cancel()

    def _drained(self, conversation: bytes) -> bool:
        queues = self._home.outbox.queues_of(conversation)
        readers = [self._readers.get(queue) for queue in queues]
        return bool(readers) and all(known is not None and known[0].drained for known in readers)

    # --- mail ---

    def _encrypt(self) -> bool:
        """Whatever is in line in conversations whose own queues are drained; receipts first, gathered for a moment."""
        home, ctx = self._home, self._home.context()
        for ident in home.outbox.owing(ctx.now - RECEIPT_DELAY_MS):
            if self._drained(ident):
                home.outbox.receipts(ctx, ident, home.tells_reading)
        count = 0
        for ident in home.outbox.to_encrypt(ctx.now):
            if self._drained(ident):
                count += home.outbox.encrypt(ctx, ident)
        return count > 0

    async def _send(self) -> bool:
        """The first envelope of every reader's line, side by side, until nothing moves."""
        progress = False
        while True:
            heads = [h for h in self._home.outbox.heads(self._home.clock()) if self._reachable(h.relay)]
            if not heads:
                return progress
            results = await asyncio.gather(*(self._send_one(head) for head in heads))
            if not any(results):
                return progress
            progress = True
            self._changed()

    def _reachable(self, relay: str) -> bool:
        line = self._lines.to(relay)
        return line.up or line.wait <= 0

    async def _send_one(self, head: Outgoing) -> bool:
        home, line = self._home, self._lines.to(head.relay)
        try:
            connection = await line.connection()
            await connection.send(head.write, seal(head.key, head.part, home.random))
        except Full as full:
            home.outbox.later(head, home.clock() + max(full.retry_after, pause_ms(head.tries)))
            return False
        except Refused:
            home.outbox.refused(home.context(), head)
            return True
        except Unreachable:
            return False
        except RelayError as error:
            home.note_refusal(str(error))
            return False
        home.database_step("sent")
        home.outbox.accepted(home.context(), head)
        return True

    # --- documents ---

    def _start_movers(self) -> None:
        for key in [key for key, task in self._movers.items() if task.done()]:
            del self._movers[key]
        for transfer in self._home.transfers.due(self._home.clock()):
            key = transfer.conversation + transfer.message
            ready = not transfer.upload or self._home.outbox.queues_of(transfer.conversation)
            if (
                key not in self._movers
                and len(self._movers) < MOVERS
                and ready
                and self._reachable(transfer.document.relay)
            ):
                self._movers[key] = asyncio.get_running_loop().create_task(self._move(transfer))

    async def _move(self, transfer: Transfer) -> None:
        try:
            await self._mover.move(transfer)
        except (RelayError, OSError) as error:
            if isinstance(error, Refused):
                self._home.note_refusal(str(error))
            self._home.transfers.later(transfer, self._home.clock() + pause_ms(transfer.tries))
        finally:
            self.wake()
