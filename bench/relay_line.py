"""A WebSocket line as lean as a load generator needs it: what is measured shall be the relay, not its client.

Frames go out masked with the key 0, which RFC 6455 (section 5.3) allows on the wire, so that the generator spends nothing
on masking while the relay does all its work. One line carries commands by number and hands every push to a callback.
"""

from __future__ import annotations

import asyncio
import base64
import os
from collections.abc import Callable
from typing import cast

_BINARY, _CLOSE, _PING = 0x2, 0x8, 0x9


def frame(payload: bytes, opcode: int = _BINARY) -> bytes:
    """One masked frame holding the whole message."""
    head = bytes([0x80 | opcode])
    if len(payload) < 126:
        return head + bytes([0x80 | len(payload)]) + b"\0\0\0\0" + payload
    return head + b"\xfe" + len(payload).to_bytes(2, "big") + b"\0\0\0\0" + payload


class Line(asyncio.Protocol):
    """`push(body)` is called for what comes unasked; `ask` gives a future of the answer to a command."""

    def __init__(self, host: str, push: Callable[[bytes], None] | None = None) -> None:
        loop = asyncio.get_running_loop()
        self.opened: asyncio.Future[None] = loop.create_future()
        self.closed: asyncio.Future[None] = loop.create_future()
        self.push = push
        self._host = host
        self._buffer = b""
        self._request = 0
        self._waiting: dict[bytes, asyncio.Future[bytes]] = {}

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        transport = self.transport
        key = base64.b64encode(os.urandom(16)).decode()
        transport.write(
            f"GET /v1/live HTTP/1.1\r\nHost: {self._host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )

    def connection_lost(self, _error: Exception | None) -> None:
        gone = ConnectionError("the relay closed the line")
        if not self.opened.done():
            self.opened.set_exception(gone)
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(gone)
        if not self.closed.done():
            self.closed.set_result(None)

    def data_received(self, data: bytes) -> None:
        buffer = self._buffer + data if self._buffer else data
        at = 0
        if not self.opened.done():
            end = buffer.find(b"\r\n\r\n")
            if end < 0:
                self._buffer = buffer
                return
            if not buffer.startswith(b"HTTP/1.1 101"):
                self.transport.close()
                return
            at = end + 4
            self.opened.set_result(None)
        while len(buffer) - at >= 2:
            length, head = buffer[at + 1] & 127, 2
            if length == 126:
                length, head = int.from_bytes(buffer[at + 2 : at + 4], "big"), 4
            if len(buffer) - at < head + length:
                break
            opcode = buffer[at] & 15
            payload = buffer[at + head : at + head + length]
            at += head + length
            self._take(opcode, payload)
        self._buffer = buffer[at:]

    def _take(self, opcode: int, payload: bytes) -> None:
        if opcode == _BINARY:
            request = payload[:4]
            if request == b"\0\0\0\0":
                if self.push is not None:
                    self.push(payload[4:])
                return
            waiting = self._waiting.pop(request, None)
            if waiting is not None and not waiting.done():
                waiting.set_result(payload[4:])
        elif opcode == _PING:
            self.transport.write(frame(payload, 0xA))
        elif opcode == _CLOSE:
            self.transport.close()

    def ask(self, body: bytes) -> asyncio.Future[bytes]:
        """`body`: op and fields of a command. The answer's op and fields come as the future's result."""
        self._request += 1
        request = self._request.to_bytes(4, "big")
        answer = self._waiting[request] = asyncio.get_running_loop().create_future()
        self.transport.write(frame(request + body))
        return answer

    def close(self) -> None:
        self.transport.close()


async def connect(host: str, port: int, push: Callable[[bytes], None] | None = None) -> Line:
    """Raises `OSError` where the relay does not take the line."""
    loop = asyncio.get_running_loop()
    _, line = await loop.create_connection(lambda: Line(f"{host}:{port}", push), host, port)
    await line.opened
    return line
