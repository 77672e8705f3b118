"""The engine of a home: reads its queues, encrypts and sends what waits, runs errands, moves documents.

One program at a time runs it for a home (whoever holds the lease); the others write into the database and watch.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Final

import aiohttp

from colloque.client.ahead import Ahead
from colloque.client.courier import Courier
from colloque.client.early import Early
from colloque.client.line import Lines
from colloque.client.movers import Mover, pause_ms
from colloque.client.pauses import Pauses
from colloque.client.reader import QueueReader
from colloque.client.relay.errors import Refused, RelayError
from colloque.store.client import errands as stored_errands
from colloque.store.client.home import Home
from colloque.store.client.transfers import Transfer
from colloque.wire.content.document import Document

POLL_S: Final = 0.1
TICK_S: Final = 30.0
RECEIPT_DELAY_MS: Final = 200
MOVERS: Final = 2


class Engine:
    def __init__(
        self, home: Home, session: aiohttp.ClientSession, changed: Callable[[], None], ahead: Ahead
    ) -> None:
        self._home = home
        self._lines = Lines(session)
        self._ahead = ahead
        self._mover = Mover(home, self._lines, ahead)
        self._pauses = Pauses()
        self._changed = changed
        self._awake = asyncio.Event()
        self._readers: dict[bytes, tuple[QueueReader, asyncio.Task[None]]] = {}
        self._movers: dict[bytes, tuple[Transfer, asyncio.Task[None]]] = {}
        self._couriers: dict[tuple[str, str], asyncio.Task[None]] = {}
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
                if not self._round():
                    await self._rest()
        finally:
            tasks = [task for _, task in (*self._readers.values(), *self._movers.values())]
            tasks += self._couriers.values()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._mover.close()
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

    def _round(self) -> bool:
        """Everything that can be done now is done, or begun; whether anything was done."""
        self._start_readers()
        progress = self._encrypt()
        self._start_couriers()
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

    # --- relays ---

    def _start_couriers(self) -> None:
        """For each relay one for its mail and one for its errands, while there is something to do."""
        now = self._home.clock()
        for relay in self._home.outbox.relays(now):
            self._start((relay, "mail"), lambda courier: courier.mail())
        for relay in stored_errands.relays(self._home.database, now):
            self._start((relay, "errands"), lambda courier: courier.errands(self._stop_reader))

    def _start(self, key: tuple[str, str], work: Callable[[Courier], Coroutine[None, None, bool]]) -> None:
        running = self._couriers.get(key)
        if running is not None and running.done():
            running.result()
        if (running is None or running.done()) and self._reachable(key[0]):
            courier = Courier(self._home, self._lines, key[0], self._pauses, self._changed)
            self._couriers[key] = asyncio.get_running_loop().create_task(self._courier(work(courier)))

    async def _courier(self, work: Coroutine[None, None, bool]) -> None:
        if await work:
            self.wake()

    # --- queues ---

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

    def reached(self) -> bool | None:
        """Whether every queue has been read to its end; False where a relay does not answer, None while that is not known."""
        made, wanted = self._home.queues.in_state("made"), self._home.queues.in_state("wanted")
        readers = [self._readers.get(stored.queue.id) for stored in made]
        lines = [self._lines.to(relay) for relay in {s.queue.relay for s in (*made, *wanted)}]
        if all(known is not None and known[0].drained for known in readers) and all(
            line.up for line in lines
        ):
            return True
        return False if any(line.wait > 0 and not line.up for line in lines) else None

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

    def _reachable(self, relay: str) -> bool:
        line = self._lines.to(relay)
        return line.up or line.wait <= 0

    # --- documents ---

    def early(self, conversation: bytes, message: bytes, document: Document) -> Early | None:
        """Where chunks of a large document may go up while it is sealed."""
        ready = self._home.outbox.queues_of(conversation) and self._reachable(document.relay)
        return self._mover.early(conversation, message, document) if ready else None

    async def never(self, message: bytes) -> None:
        """That message will not be kept: nor are its chunks."""
        await self._mover.never(message)

    def _start_movers(self) -> None:
        for key in [key for key, (_, task) in self._movers.items() if task.done()]:
            del self._movers[key]
        self._stop_retracted()
        for transfer in self._home.transfers.due(self._home.clock()):
            key = transfer.conversation + transfer.message
            ready = not transfer.upload or self._home.outbox.queues_of(transfer.conversation)
            if (
                key not in self._movers
                and len(self._movers) < MOVERS
                and ready
                and self._reachable(transfer.document.relay)
            ):
                task = asyncio.get_running_loop().create_task(self._move(transfer))
                self._movers[key] = transfer, task

    def _stop_retracted(self) -> None:
        """What its author has taken back is not fetched further, nor left where it was written ahead."""
        for transfer, task in self._movers.values():
            of = transfer.conversation, transfer.message
            # Once: what it has still to put away is not cut short.
            if not transfer.upload and not task.cancelling() and self._home.messages.is_retracted(*of):
                task.cancel()
        self._ahead.drop_retracted()

    async def _move(self, transfer: Transfer) -> None:
        try:
            await self._mover.move(transfer)
        except (RelayError, OSError) as error:
            if isinstance(error, Refused):
                self._home.note_refusal(str(error))
            self._home.transfers.later(transfer, self._home.clock() + pause_ms(transfer.tries))
        finally:
            self.wake()
