"""A relay to test against: in this process, or as the program that a host runs."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import aiohttp

from colloque.client.relay.connection import Connection, Delivered, Reading
from colloque.client.relay.http import RelayHttp
from colloque.protocol.mailbox.limits import Limits
from colloque.relay.core import Options
from colloque.relay.server import RelayServer
from colloque.wire.frames.commands import WriterSpec
from colloque.wire.sizes import ENVELOPE_BYTES


def digest(capability: bytes) -> bytes:
    return hashlib.sha256(capability).digest()


def envelope() -> bytes:
    return os.urandom(ENVELOPE_BYTES)


@dataclass
class Box:
    """A queue's capabilities."""

    read: bytes = field(default_factory=lambda: os.urandom(32))
    write: bytes = field(default_factory=lambda: os.urandom(32))

    async def make(self, connection: Connection, grant: bytes = b"", quota: int = 0) -> Box:
        await connection.make_queue(grant, digest(self.read), [WriterSpec(digest(self.write), quota)])
        return self


@contextlib.asynccontextmanager
async def running(
    data: Path, creation: str = "open", limits: dict[str, Any] | None = None, **more: Any
) -> AsyncIterator[tuple[RelayServer, aiohttp.ClientSession]]:
    options = Options(creation, replace(Limits(), **(limits or {})))
    async with RelayServer(data, options=options, **more) as server, aiohttp.ClientSession() as session:
        yield server, session


@contextlib.asynccontextmanager
async def line(server: RelayServer, session: aiohttp.ClientSession) -> AsyncIterator[Connection]:
    connection = await Connection.open(server.url, session)
    try:
        yield connection
    finally:
        await connection.close()


def http(server: RelayServer, session: aiohttp.ClientSession) -> RelayHttp:
    return RelayHttp(server.url, session)


async def take(reading: Reading, count: int, *, confirm: bool = False) -> list[Delivered]:
    """The next `count`; fails where they do not come within 20 s."""
    found: list[Delivered] = []
    async with asyncio.timeout(20):
        while len(found) < count:
            found.append(await anext(reading))
            if confirm:
                await reading.confirm(found[-1].position)
    return found


class Program:
    """`colloque relay` as its own process."""

    def __init__(self, process: asyncio.subprocess.Process, url: str) -> None:
        self.process = process
        self.url = url

    @classmethod
    async def start(cls, data: Path, *more: str, code: str | None = None) -> Program:
        """`code`: Python to run in place of the command; it prints the same line."""
        command = ("-c", code) if code is not None else ("-m", "colloque.cli", "relay")
        given = (
            () if code is not None else ("--data", str(data), "--listen", "127.0.0.1:0", "--creation", "open")
        )
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *(*command, *given, *more),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        assert process.stdout is not None
        async with asyncio.timeout(30):
            first = (await process.stdout.readline()).decode().strip()
        assert first.startswith("relay ready at http://"), first
        return cls(process, first.removeprefix("relay ready at "))

    async def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        await self.process.wait()

    async def stop(self) -> str:
        """SIGTERM, and what it wrote to its log."""
        self.process.terminate()
        _, log = await asyncio.wait_for(self.process.communicate(), 20)
        return log.decode()
