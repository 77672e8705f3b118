"""One WebSocket to one relay: commands and their answers, and the queues read over it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, TypeVar

import aiohttp

from colloque.client.relay.errors import RelayError, TakenOver, Unreachable, refusal
from colloque.wire.codec import WireError
from colloque.wire.frames import answers as a
from colloque.wire.frames import commands as c
from colloque.wire.frames.position import Position
from colloque.wire.sizes import FRAME_BYTES

A = TypeVar("A", bound=a.Answer)

HEARTBEAT_S: Final = 20
ANSWER_S: Final = 60
LARGEST_WINDOW: Final = 4_096
"""Envelopes of one reading that may be out and unconfirmed: a queue's limit."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """One envelope, at its position."""

    position: Position
    envelope: bytes = field(repr=False)


class Reading:
    """Envelopes of one queue, in order: `async for delivered in reading`. Ends by `TakenOver` or `Unreachable`."""

    def __init__(self, connection: Connection, answer: a.Reading) -> None:
        self._connection = connection
        self._handle = answer.handle
        self.confirmed = answer.confirmed
        self.waiting = answer.waiting
        self._arrived: asyncio.Queue[Delivered | RelayError] = asyncio.Queue()

    def __aiter__(self) -> Reading:
        return self

    async def __anext__(self) -> Delivered:
        item = await self._arrived.get()
        if isinstance(item, RelayError):
            self._arrived.put_nowait(item)
            raise item
        return item

    def next_now(self) -> Delivered | None:
        """What has arrived already, without waiting."""
        if self._arrived.empty():
            return None
        item = self._arrived.get_nowait()
        if isinstance(item, RelayError):
            self._arrived.put_nowait(item)
            return None
        return item

    @property
    def overrun(self) -> bool:
        """Whether the relay has sent more than any window allows."""
        return self._arrived.qsize() > LARGEST_WINDOW

    def put(self, item: Delivered | RelayError) -> None:
        self._arrived.put_nowait(item)

    async def confirm(self, position: Position) -> None:
        """Only what was written durably here may be confirmed: the relay then deletes it."""
        await self._connection.call(c.Confirm(self._handle, position))

    async def stop(self) -> None:
        self._connection.forget(self._handle)
        await self._connection.call(c.StopReading(self._handle))


class Connection:
    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._request = 0
        self._waiting: dict[int, asyncio.Future[a.Answer]] = {}
        self._readings: dict[int, Reading] = {}
        self.closed = asyncio.Event()
        self._reader = asyncio.get_running_loop().create_task(self._read())

    @classmethod
    async def open(cls, url: str, session: aiohttp.ClientSession) -> Connection:
        """Raises `Unreachable`."""
        try:
            socket = await session.ws_connect(
                f"{url}/v1/live",
                heartbeat=HEARTBEAT_S,
                compress=0,
                max_msg_size=FRAME_BYTES,
                timeout=aiohttp.ClientWSTimeout(ws_close=2),
            )
        except (aiohttp.ClientError, OSError, TimeoutError):
            raise Unreachable("the relay does not answer") from None
        return cls(socket)

    async def close(self) -> None:
        with contextlib.suppress(Exception):
            await self._socket.close()
        await self._reader

    async def _read(self) -> None:
        try:
            async for message in self._socket:
                if message.type is not aiohttp.WSMsgType.BINARY:
                    break
                self._take(*a.decode_answer(message.data))
        except (WireError, aiohttp.ClientError, OSError):
            pass
        finally:
            self._lost()
            with contextlib.suppress(Exception):
                await self._socket.close()

    def _lost(self) -> None:
        self.closed.set()
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(Unreachable("the line to the relay broke"))
        self._waiting.clear()
        for reading in self._readings.values():
            reading.put(Unreachable("the line to the relay broke"))
        self._readings.clear()

    def _take(self, request: int, answer: a.Answer) -> None:
        if isinstance(answer, a.Message):
            reading = self._readings.get(answer.handle)
            if reading is not None:
                reading.put(Delivered(answer.position, answer.envelope))
                if reading.overrun:
                    raise WireError("the relay sends more than was asked for")
        elif isinstance(answer, a.TakenOver):
            gone = self._readings.pop(answer.handle, None)
            if gone is not None:
                gone.put(TakenOver("another program reads this queue now"))
        else:
            future = self._waiting.pop(request, None)
            if isinstance(answer, a.Reading) and future is not None:
                self._readings[answer.handle] = Reading(self, answer)
            if future is not None and not future.done():
                future.set_result(answer)

    def forget(self, handle: int) -> None:
        self._readings.pop(handle, None)

    async def call(self, command: c.Command) -> a.Answer:
        """Raises `Unreachable` or `Refused`."""
        if self.closed.is_set():
            raise Unreachable("the line to the relay broke")
        self._request = self._request % 0xFFFFFFFF + 1
        request = self._request
        future: asyncio.Future[a.Answer] = asyncio.get_running_loop().create_future()
        self._waiting[request] = future
        try:
            await self._socket.send_bytes(c.encode_command(request, command))
            async with asyncio.timeout(ANSWER_S):
                answer = await future
        except (aiohttp.ClientError, OSError, RuntimeError, TimeoutError):
            raise Unreachable("the line to the relay broke") from None
        finally:
            self._waiting.pop(request, None)
        if isinstance(answer, a.Refused):
            raise refusal(answer.code, answer.retry_after)
        return answer

    # --- commands ---

    async def make_queue(self, grant: bytes, read_hash: bytes, writers: Sequence[c.WriterSpec]) -> a.Made:
        answer = await self.call(c.MakeQueue(grant, read_hash, tuple(writers)))
        return _expect(answer, a.Made)

    async def add_writers(self, read: bytes, writers: Sequence[c.WriterSpec]) -> None:
        await self.call(c.AddWriters(read, tuple(writers)))

    async def drop_writers(self, read: bytes, hashes: Sequence[bytes]) -> None:
        await self.call(c.DropWriters(read, tuple(hashes)))

    async def send(self, write: bytes, envelope: bytes, follows: bool = False) -> None:
        """Returns once the relay has the envelope on its disk. `follows`: only if the one before it, by this capability, got
        there too; so that many may be under way."""
        _expect(await self.call(c.Send(write, envelope, follows)), a.Accepted)

    async def read(self, read: bytes) -> Reading:
        answer = _expect(await self.call(c.Read(read)), a.Reading)
        reading = self._readings.get(answer.handle)
        if reading is None:
            raise Unreachable("the line to the relay broke")
        return reading

    async def rotate_read(self, read: bytes, new_hash: bytes) -> None:
        await self.call(c.RotateRead(read, new_hash))

    async def drop_queue(self, read: bytes) -> None:
        await self.call(c.DropQueue(read))

    async def lend_grant(self, grant: bytes, new_hash: bytes, queues: int, seconds: int) -> None:
        await self.call(c.LendGrant(grant, new_hash, queues, seconds))


def _expect(answer: a.Answer, kind: type[A]) -> A:
    if not isinstance(answer, kind):
        raise Unreachable("the relay gave another answer than was asked for")
    return answer
