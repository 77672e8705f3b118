"""One WebSocket connection: commands in, answers and mail out (`spec/relay.md` R4 to R7, R10 to R21)."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from typing import Any, Final

from aiohttp import WSMsgType, web

from colloque.protocol.mailbox.rules import Bucket, Refusal
from colloque.relay.core import Core
from colloque.relay.reading import Reading, Readings
from colloque.store.relay import grants, queues
from colloque.store.relay.following import Following
from colloque.store.relay.queues import Opened, Stored, sha256
from colloque.wire.codec import WireError
from colloque.wire.frames import answers as a
from colloque.wire.frames import commands as c
from colloque.wire.frames.position import Position

CROWDED: Final = 8
"""Frames that may wait for a slow line before its readings pause."""


Posted = (
    c.MakeQueue
    | c.AddWriters
    | c.DropWriters
    | c.Send
    | c.Read
    | c.StopReading
    | c.RotateRead
    | c.DropQueue
    | c.LendGrant
)


class LiveConnection:
    def __init__(self, core: Core, readings: Readings, socket: web.WebSocketResponse) -> None:
        self._core = core
        self._readings = readings
        self._socket = socket
        self._out: deque[bytes] = deque()
        self._sender: asyncio.Task[None] | None = None
        self._mine: dict[int, Reading] = {}
        self._handles = 0
        self.hungry: deque[Reading] = deque()
        self.fetching = False
        self._following = Following()
        self._creation: Bucket | None = None
        self._in_flight = 0
        self._room = asyncio.Event()
        self._room.set()

    # --- out ---

    @property
    def crowded(self) -> bool:
        return len(self._out) >= CROWDED

    def push(self, frame: bytes) -> None:
        self._out.append(frame)
        if self._sender is None:
            self._sender = asyncio.get_running_loop().create_task(self._send())

    async def _send(self) -> None:
        try:
            while self._out:
                await self._socket.send_bytes(self._out.popleft())
                if len(self._out) == CROWDED // 2:
                    self._readings.feed_line(self)
        except (ConnectionError, RuntimeError):
            self._out.clear()
        finally:
            self._sender = None
        self._readings.feed_line(self)

    def answer(self, request: int, answer: a.Answer) -> None:
        self._in_flight -= 1
        self._room.set()
        self.push(a.encode_answer(request, answer))

    # --- in ---

    async def run(self) -> None:
        """Until the client goes, or sends what is no command."""
        limit = self._core.limits.commands_in_flight
        try:
            async for message in self._socket:
                if message.type is not WSMsgType.BINARY:
                    break
                try:
                    request, command = c.decode_command(message.data)
                except WireError:
                    self._core.counts.malformed += 1
                    self.push(a.encode_answer(0, a.Refused(a.Code.BAD)))
                    await asyncio.sleep(0)
                    break
                self._in_flight += 1
                self._carry_out(request, command)
                while self._in_flight >= limit:
                    self._room.clear()
                    await self._room.wait()
        finally:
            for reading in list(self._mine.values()):
                self._readings.end(reading)
            self._mine.clear()
            if self._sender is not None:
                self._sender.cancel()

    def _carry_out(self, request: int, command: c.Command) -> None:
        if isinstance(command, c.Confirm):
            self._confirm(request, command)
            return
        try:
            if self._core.closing:
                raise Refusal(a.Code.CLOSING, 1_000)
            job, answer = self._job(command)
        except Refusal as refusal:
            self._refuse(request, refusal)
            return

        def done(found: Any, error: BaseException | None) -> None:
            if error is not None:
                self._fail(request, error)
            else:
                try:
                    self.answer(request, answer(found))
                except Refusal as refusal:
                    self._refuse(request, refusal)

        self._core.database.post(job, done)

    def _fail(self, request: int, error: BaseException | None) -> None:
        """What the store could not do may be tried again."""
        if not isinstance(error, Refusal):
            error = Refusal(a.Code.FULL, self._core.limits.retry_after_ms)
        self._refuse(request, error)

    def _refuse(self, request: int, refusal: Refusal) -> None:
        self._core.counts.refused += 1
        self.answer(request, a.Refused(refusal.code, refusal.retry_after))

    def _job(self, command: Posted) -> tuple[Callable[..., Any], Callable[[Any], a.Answer]]:
        core = self._core
        match command:
            case c.Send():
                return self._send_job(command)
            case c.Read():
                if len(self._mine) >= core.limits.readings_per_connection:
                    raise Refusal(a.Code.RATE, 1_000)
                return queues.open_reading(command.read, core.now(), core.database.usage), self._begin
            case c.StopReading():
                reading = self._mine.pop(command.handle, None)
                if reading is not None:
                    self._readings.end(reading)
                return _nothing, _done
            case c.MakeQueue():
                grant = self._grant(command.grant)
                made = a.Made(core.limits.queue_messages, core.limits.queue_idle_s)
                job = queues.make_queue(
                    command.read_hash, command.writers, grant and sha256(grant), core.now()
                )
                return job, lambda _: made
            case c.AddWriters():
                return queues.add_writers(command.read, command.writers), _done
            case c.DropWriters():
                return queues.drop_writers(command.read, command.hashes), _done
            case c.RotateRead():
                return queues.rotate(command.read, command.new_hash), _done
            case c.DropQueue():
                return queues.drop(command.read, core.database.usage), self._dropped
            case c.LendGrant():
                expires = core.expiry(command.seconds, core.limits.card_age_s)
                grant = self._grant(command.grant)
                return grants.lend(grant, command.new_hash, command.queues, expires, core.now()), _done

    def _grant(self, shown: bytes) -> bytes | None:
        """Where everybody may make queues, one connection may not take all of what the relay allows each minute."""
        if not shown and self._core.options.creation == "open":
            limit = self._core.limits.connection_queues_per_minute
            now = time.monotonic()
            self._creation = (self._creation or Bucket(limit, limit, now)).take(now)
        return self._core.grant(shown)

    def _send_job(self, command: c.Send) -> tuple[Callable[..., Any], Callable[[Any], a.Answer]]:
        core = self._core
        job = queues.send_in_turn(
            self._following,
            command.follows,
            command.write,
            command.envelope,
            core.database.incarnation,
            core.message_expiry(),
            core.limits,
            core.database.usage,
        )

        def accepted(found: tuple[int, Position]) -> a.Answer:
            core.counts.accepted += 1
            queue, position = found
            self._readings.arrived(queue, Stored(position, command.envelope))
            return a.Accepted()

        return job, accepted

    def _confirm(self, request: int, command: c.Confirm) -> None:
        """One confirmation of a reading is in the database at a time; those that come meanwhile go together after it."""
        reading = self._mine.get(command.handle)
        if reading is None or reading.over:
            self._refuse(request, Refusal(a.Code.NO))
        elif command.position > reading.handed:
            self._refuse(request, Refusal(a.Code.BEYOND))
        else:
            reading.confirming.append((request, command.position))
            if not reading.confirms:
                self._confirm_next(reading)

    def _confirm_next(self, reading: Reading) -> None:
        asked, reading.confirming = reading.confirming, []
        reading.confirms = bool(asked)
        if not asked:
            return

        def done(position: Position | None, error: BaseException | None) -> None:
            for request, _ in asked:
                if position is not None:
                    self.answer(request, a.Confirmed(position))
                else:
                    self._fail(request, error)
            if position is not None:
                self._core.counts.confirmed += reading.confirm(position)
                self._readings.feed(reading)
            self._confirm_next(reading)

        highest = max(position for _, position in asked)
        usage = self._core.database.usage
        self._core.database.post(queues.confirm(reading.queue, highest, reading.handed, usage), done)

    def _begin(self, opened: Opened) -> a.Answer:
        self._handles += 1
        reading = Reading(
            self._handles,
            opened.queue,
            self,
            self._core.limits.reading_window,
            handed=opened.confirmed,
        )
        self._mine[reading.handle] = reading
        asyncio.get_running_loop().call_soon(self._readings.begin, reading)
        return a.Reading(reading.handle, opened.confirmed, opened.waiting)

    def _dropped(self, queue: int) -> a.Answer:
        self._readings.dropped(queue)
        return a.Done()


def _nothing(_db: object) -> None:
    return None


def _done(_found: object) -> a.Answer:
    return a.Done()
