"""Who may come in: bounded connections, and ten seconds to say what is wanted (`spec/relay.md` R7)."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import cast

from aiohttp import web

from colloque.protocol.mailbox.limits import Limits


class _TurnedAway(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        cast("asyncio.Transport", transport).abort()


class Door:
    """Makes the protocol of each new connection. Addresses are counted in memory while they are connected, and nowhere else."""

    def __init__(self, server: web.Server, limits: Limits, refused: Callable[[], None]) -> None:
        self._server = server
        self._limits = limits
        self._refused = refused
        self._silent: set[asyncio.BaseProtocol] = set()
        self._known = 0
        self.lines: Counter[str] = Counter()

    def __call__(self) -> asyncio.BaseProtocol:
        self._known += 1
        if self._known > self._limits.connections:
            # Counted on from the last count: those that left are noticed only here.
            self._known = len(self._server.connections) + 1
            if self._known > self._limits.connections:
                self._known -= 1
                self._refused()
                return _TurnedAway()
        protocol = self._server()
        self._silent.add(protocol)
        asyncio.get_running_loop().call_later(self._limits.handshake_s, self._look, protocol)
        return protocol

    def spoke(self, request: web.Request) -> None:
        """The connection has sent a whole request's head."""
        self._silent.discard(request.protocol)

    def _look(self, protocol: web.RequestHandler) -> None:
        if protocol not in self._silent:
            return
        self._silent.discard(protocol)
        transport = protocol.transport
        if transport is not None:
            self._refused()
            transport.abort()

    def take_line(self, address: str) -> bool:
        """Whether one more WebSocket from there fits; give it back with `leave_line`."""
        if self.lines[address] >= self._limits.connections_per_address:
            self._refused()
            return False
        self.lines[address] += 1
        return True

    def leave_line(self, address: str) -> None:
        self.lines[address] -= 1
        if not self.lines[address]:
            del self.lines[address]
