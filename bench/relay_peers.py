"""What is measured side by side: our relay, and a bare program that stores the same bytes without any of its promises."""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import psutil

from bench import relay_line

BYTES = 16_384
HOST = "127.0.0.1"
Taken = Callable[[bytes], None]


class Sender(Protocol):
    async def send(self, reader: int, payload: bytes) -> None: ...

    def close(self) -> None: ...


class Peer(Protocol):
    name: str
    process: subprocess.Popen[bytes]

    async def start(self, readers: int) -> None: ...

    async def sender(self) -> Sender: ...

    async def listen(self, reader: int, taken: Taken) -> Sender:
        """Every payload is confirmed, and `taken` gets it."""
        ...

    async def idle(self) -> Sender: ...

    def stop(self) -> None: ...


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


async def wait_for_port(port: int) -> None:
    for _ in range(200):
        try:
            _, writer = await asyncio.open_connection(HOST, port)
        except OSError:
            await asyncio.sleep(0.05)
            continue
        writer.close()
        return
    raise RuntimeError("a program that was to be measured did not start")


class _Program:
    name: str

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix=f"bench-{self.name}-"))
        self.port = free_port()
        self.process: subprocess.Popen[bytes]

    def spawn(self, *command: str) -> None:
        self.process = subprocess.Popen([sys.executable, *command], stdout=subprocess.DEVNULL)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(20)
        shutil.rmtree(self.folder, ignore_errors=True)

    def proportional_bytes(self) -> int:
        return int(psutil.Process(self.process.pid).memory_full_info().pss)

    def cpu_seconds(self) -> float:
        times = psutil.Process(self.process.pid).cpu_times()
        return float(times.user + times.system)


class _ColloqueSender:
    def __init__(self, line: relay_line.Line, writers: list[bytes]) -> None:
        self._line, self._writers = line, writers

    async def send(self, reader: int, payload: bytes) -> None:
        answer = await self._line.ask(b"\x04" + self._writers[reader] + b"\0" + payload)
        if answer[:1] != b"\x82":
            raise RuntimeError(f"not accepted: {answer[:6].hex()}")

    def close(self) -> None:
        self._line.close()


class Colloque(_Program):
    """The relay as a host runs it, from its command."""

    name = "colloque"

    async def start(self, readers: int) -> None:
        self.spawn(
            *("-m", "colloque.cli", "relay", "--data", str(self.folder)),
            *("--listen", f"{HOST}:{self.port}", "--creation", "open"),
        )
        await wait_for_port(self.port)
        self.reads = [os.urandom(32) for _ in range(readers)]
        self.writes = [os.urandom(32) for _ in range(readers)]
        line = await relay_line.connect(HOST, self.port)
        for read, write in zip(self.reads, self.writes, strict=True):
            hashes = hashlib.sha256(read).digest() + b"\0\1" + hashlib.sha256(write).digest() + b"\0\0"
            answer = await line.ask(b"\x01\0" + hashes)
            assert answer[:1] == b"\x81", answer.hex()
        line.close()

    async def sender(self) -> Sender:
        return _ColloqueSender(await relay_line.connect(HOST, self.port), self.writes)

    async def listen(self, reader: int, taken: Taken) -> Sender:
        lines: list[relay_line.Line] = []

        def push(body: bytes) -> None:
            # op, handle, incarnation, sequence, envelope
            if body[:1] == b"\x84":
                lines[0].ask(b"\x06" + body[1:21]).add_done_callback(_nothing)
                taken(body[21:])

        line = await relay_line.connect(HOST, self.port, push)
        lines.append(line)
        await line.ask(b"\x05" + self.reads[reader])
        return _ColloqueSender(line, self.writes)

    async def idle(self) -> Sender:
        return _ColloqueSender(await relay_line.connect(HOST, self.port), self.writes)


def _nothing(answer: asyncio.Future[bytes]) -> None:
    if not answer.cancelled():
        answer.exception()


class _BareLine(asyncio.Protocol):
    """Speaks the bare program's four-byte lengths: S sends, A answers, R reads, M hands out, K deletes."""

    def __init__(self, taken: Taken | None) -> None:
        self._taken = taken
        self._buffer = b""
        self._number = 0
        self._waiting: dict[bytes, asyncio.Future[None]] = {}

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._write = transport.write  # type: ignore[attr-defined]
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        buffer, at = self._buffer + data if self._buffer else data, 0
        while len(buffer) - at >= 4:
            length = int.from_bytes(buffer[at : at + 4], "big")
            if len(buffer) - at - 4 < length:
                break
            body = buffer[at + 4 : at + 4 + length]
            at += 4 + length
            if body[:1] == b"A":
                self._waiting.pop(body[1:5]).set_result(None)
            elif self._taken is not None:
                self._write(b"\0\0\0\x09K" + body[1:9])
                self._taken(body[9:])
        self._buffer = buffer[at:]

    async def send(self, reader: int, payload: bytes) -> None:
        self._number += 1
        number = self._number.to_bytes(4, "big")
        answer = self._waiting[number] = asyncio.get_running_loop().create_future()
        head = (len(payload) + 9).to_bytes(4, "big") + b"S" + number + reader.to_bytes(4, "big")
        self._write(head + payload)
        await answer

    def read(self, reader: int) -> None:
        self._write(b"\0\0\0\x05R" + reader.to_bytes(4, "big"))

    def close(self) -> None:
        self._transport.close()


class Bare(_Program):
    """The yardstick: asyncio, one SQLite writer thread, the same bytes; no capability, no quota, no HTTP."""

    name = "bare"

    def __init__(self, program: Path) -> None:
        super().__init__()
        self._program = program

    async def start(self, readers: int) -> None:
        del readers
        self.spawn(str(self._program), "relay", str(self.port), str(self.folder / "q.db"))
        await wait_for_port(self.port)

    async def _line(self, taken: Taken | None = None) -> _BareLine:
        loop = asyncio.get_running_loop()
        return (await loop.create_connection(lambda: _BareLine(taken), HOST, self.port))[1]

    async def sender(self) -> Sender:
        return await self._line()

    async def listen(self, reader: int, taken: Taken) -> Sender:
        line = await self._line(taken)
        line.read(reader)
        return line

    async def idle(self) -> Sender:
        return await self.listen(1_000_000, lambda _: None)
