"""A poor line: a UDP proxy that holds back, drops and slows what passes, each client and each way by itself."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import cast

QUEUE_S = 0.5


@dataclass
class Shape:
    """`bits_per_s` each way (0: as much as comes); `delay_s` each way; `loss` from 0 to 1; `broken`: nothing passes."""

    bits_per_s: int = 0
    delay_s: float = 0.0
    loss: float = 0.0
    broken: bool = False
    passed: int = 0


@dataclass
class _Way:
    shape: Shape
    random: random.Random
    free_at: float = 0.0

    def when(self, size: int, now: float) -> float | None:
        """When a packet comes out; None where it is lost: by chance, or because too much waits already."""
        shape = self.shape
        if shape.broken or self.random.random() < shape.loss:
            return None
        start = max(now, self.free_at)
        if start - now > QUEUE_S:
            return None
        self.free_at = start + (8 * (size + 28) / shape.bits_per_s if shape.bits_per_s else 0.0)
        shape.passed += size
        return self.free_at + shape.delay_s


@dataclass
class _Client(asyncio.DatagramProtocol):
    proxy: Proxy
    address: tuple[str, int]
    up: _Way
    down: _Way
    transport: asyncio.DatagramTransport | None = None
    early: list[bytes] = field(default_factory=list)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.DatagramTransport", transport)
        for data in self.early:
            self.transport.sendto(data)

    def datagram_received(self, data: bytes, _: object) -> None:
        self.proxy.later(self.down, data, lambda: self.proxy.answer(data, self.address))

    def send(self, data: bytes) -> None:
        def pass_on() -> None:
            if self.transport is None:
                self.early.append(data)
            else:
                self.transport.sendto(data)

        self.proxy.later(self.up, data, pass_on)


class Proxy(asyncio.DatagramProtocol):
    def __init__(self, target: tuple[str, int], shape: Shape) -> None:
        self.target = target
        self.shape = shape
        self.port = 0
        self._random = random.Random(7)
        self._clients: dict[tuple[str, int], _Client] = {}
        self._transport: asyncio.DatagramTransport | None = None
        self._opening: set[asyncio.Task[object]] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)
        self.port = transport.get_extra_info("sockname")[1]

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        client = self._clients.get(address)
        if client is None:
            up, down = _Way(self.shape, self._random), _Way(self.shape, self._random)
            client = self._clients[address] = _Client(self, address, up, down)
            opened = client
            loop = asyncio.get_running_loop()
            task: asyncio.Task[object] = loop.create_task(
                loop.create_datagram_endpoint(lambda: opened, remote_addr=self.target)
            )
            self._opening.add(task)
            task.add_done_callback(self._opening.discard)
        client.send(data)

    def later(self, way: _Way, data: bytes, work: object) -> None:
        assert callable(work)
        loop = asyncio.get_running_loop()
        when = way.when(len(data), loop.time())
        if when is not None:
            loop.call_at(when, work)

    def answer(self, data: bytes, address: tuple[str, int]) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.sendto(data, address)

    def close(self) -> None:
        for task in self._opening:
            task.cancel()
        for client in self._clients.values():
            if client.transport is not None:
                client.transport.close()
        if self._transport is not None:
            self._transport.close()


@asynccontextmanager
async def udp_proxy(port: int, shape: Shape) -> AsyncIterator[Proxy]:
    """In front of 127.0.0.1:`port`; `shape` may be changed while it runs."""
    loop = asyncio.get_running_loop()
    _, proxy = await loop.create_datagram_endpoint(
        lambda: Proxy(("127.0.0.1", port), shape), local_addr=("127.0.0.1", 0)
    )
    try:
        yield proxy
    finally:
        proxy.close()
