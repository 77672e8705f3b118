"""A plain TCP tap between a client and a relay: keeps every byte, unmasked where the WebSocket masks them."""

from __future__ import annotations

import asyncio
import contextlib
import re
from types import TracebackType
from typing import Self

SEND_HEAD = 5 + 32 + 1
"""Bytes of a Send before its envelope (`spec/relay.md`)."""


class Tap:
    """`seen`: all bytes of both ways, WebSocket frames unmasked. `envelopes`: the sizes of what was sent to queues.

    With `keep=False` it only passes on."""

    def __init__(self, target: str, *, keep: bool = True) -> None:
        self._keep = keep
        self._host, self._port = target.removeprefix("http://").rsplit(":", 1)
        self.seen = bytearray()
        self.envelopes: list[int] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._writers: list[asyncio.StreamWriter] = []

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for writer in self._writers:
            writer.close()
        await asyncio.gather(*(w.wait_closed() for w in self._writers), return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, out = await asyncio.open_connection(self._host, int(self._port))
        self._writers += [writer, out]
        tasks = [
            asyncio.get_running_loop().create_task(self._copy(reader, out, True)),
            asyncio.get_running_loop().create_task(self._copy(there, writer, False)),
        ]
        self._tasks.update(tasks)
        for task in tasks:
            task.add_done_callback(self._tasks.discard)

    async def _copy(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, from_client: bool
    ) -> None:
        frames = Frames(from_client)
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(65_536):
                for plain in frames.feed(data) if self._keep else ():
                    self.seen += plain
                    if from_client and len(plain) > SEND_HEAD and plain[4:5] == b"\x04" and frames.started:
                        self.envelopes.append(len(plain) - SEND_HEAD)
                writer.write(data)
                await writer.drain()
        writer.close()


class Frames:
    """Splits one direction's bytes: an HTTP head, then WebSocket frames if it was an upgrade."""

    def __init__(self, from_client: bool) -> None:
        self._buffer = bytearray()
        self._http = True
        self._head = re.compile(rb"upgrade: *websocket", re.IGNORECASE)
        self.started = False
        del from_client

    def feed(self, data: bytes) -> list[bytes]:
        if not self._http:
            self._buffer += data
            return self._frames()
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if end >= 0 and self._head.search(self._buffer[:end]):
            head = bytes(self._buffer[: end + 4])
            del self._buffer[: end + 4]
            self._http, self.started = False, True
            return [head, *self._frames()]
        if end >= 0 or len(self._buffer) > 65_536:
            plain = bytes(self._buffer)
            self._buffer.clear()
            return [plain]
        return []

    def _frames(self) -> list[bytes]:
        found = []
        while len(self._buffer) >= 2:
            length, at = self._buffer[1] & 0x7F, 2
            if length == 126:
                length, at = int.from_bytes(self._buffer[2:4], "big"), 4
            elif length == 127:
                length, at = int.from_bytes(self._buffer[2:10], "big"), 10
            masked = self._buffer[1] & 0x80
            start = at + (4 if masked else 0)
            if len(self._buffer) < start + length:
                break
            payload = bytes(self._buffer[start : start + length])
            if masked:
                mask = bytes(self._buffer[at : at + 4])
                key = (mask * (length // 4 + 1))[:length]
                payload = (int.from_bytes(payload, "big") ^ int.from_bytes(key, "big")).to_bytes(
                    length, "big"
                )
            del self._buffer[: start + length]
            found.append(payload)
        return found
