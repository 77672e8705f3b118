"""The relay: one process, one port, one data folder."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.metadata
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Self

from aiohttp import web

from colloque.relay import pages
from colloque.relay.core import Core, Options
from colloque.relay.http_api import HttpApi, guard
from colloque.relay.live import LiveConnection
from colloque.relay.reading import Readings
from colloque.store.relay.database import RelayDatabase, Step, no_step
from colloque.store.relay.sweep import measure, sweep
from colloque.wire.sizes import ENVELOPE_BYTES, FRAME_BYTES

SWEEP_EVERY_S = 1.0
BODY_BYTES = 8 << 20


def software() -> str:
    return f"colloque {importlib.metadata.version('colloque')}"


class RelayServer:
    """`async with RelayServer(data, "127.0.0.1", 0) as relay: relay.url`."""

    def __init__(
        self,
        data: Path,
        host: str = "127.0.0.1",
        port: int = 0,
        options: Options | None = None,
        *,
        metrics: tuple[str, int] | None = None,
        clock: Callable[[], float] | None = None,
        step: Step = no_step,
    ) -> None:
        self._data = data
        self._host, self._port = host, port
        self._options = options or Options()
        self._metrics = metrics
        self._clock = clock
        self._step = step
        self._sockets: set[web.WebSocketResponse] = set()
        self._addresses: Counter[str] = Counter()
        self._runners: list[web.AppRunner] = []
        self.url = ""
        self.core: Core

    async def __aenter__(self) -> Self:
        database = RelayDatabase(self._data, self._step)
        extra = {} if self._clock is None else {"clock": self._clock}
        self.core = Core(self._data, database, self._options, **extra)
        self.readings = Readings(database, self._handed_out)
        await self._recount()
        self._port = await self._serve(self._application(), self._host, self._port)
        host = f"[{self._host}]" if ":" in self._host else self._host
        self.url = f"http://{host}:{self._port}"
        if self._metrics is not None:
            application = web.Application()
            application.router.add_get("/metrics", self._show_metrics)
            await self._serve(application, *self._metrics)
        self._sweeper = asyncio.get_running_loop().create_task(self._sweep())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Takes nothing new, answers what it has taken, closes every line, and leaves nothing half-written."""
        self.core.closing = True
        self._sweeper.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._sweeper
        for socket in list(self._sockets):
            with contextlib.suppress(Exception):
                await asyncio.wait_for(socket.close(code=1001), 2)
        for runner in self._runners:
            await runner.cleanup()
        await self.core.database.close()

    def _handed_out(self, count: int) -> None:
        self.core.counts.handed_out += count

    def _application(self) -> web.Application:
        application = web.Application(middlewares=[guard], client_max_size=BODY_BYTES)
        application.router.add_get("/v1/live", self._live)
        application.add_routes(HttpApi(self.core, self.readings, software()).routes())
        application.add_routes(pages.routes())
        return application

    async def _serve(self, application: web.Application, host: str, port: int) -> int:
        runner = web.AppRunner(
            application, access_log=None, handle_signals=False, shutdown_timeout=5, keepalive_timeout=30
        )
        await runner.setup()
        self._runners.append(runner)
        site = web.TCPSite(runner, host, port, backlog=4096)
        await site.start()
        return int(runner.addresses[0][1])

    async def _live(self, request: web.Request) -> web.StreamResponse:
        core, address = self.core, request.remote or ""
        limits = core.limits
        if (
            core.closing
            or len(self._sockets) >= limits.connections
            or self._addresses[address] >= limits.connections_per_address
        ):
            core.counts.connections_refused += 1
            return web.Response(status=503, headers={"Retry-After": "30"})
        socket = web.WebSocketResponse(
            compress=False, max_msg_size=FRAME_BYTES, heartbeat=45, writer_limit=65_536
        )
        await asyncio.wait_for(socket.prepare(request), limits.handshake_s)
        self._sockets.add(socket)
        self._addresses[address] += 1
        core.counts.connections += 1
        try:
            await LiveConnection(core, self.readings, socket).run()
        finally:
            self._sockets.discard(socket)
            self._addresses[address] -= 1
            if not self._addresses[address]:
                del self._addresses[address]
            core.counts.connections -= 1
            if not socket.closed:
                await socket.close()
        return socket

    async def _recount(self) -> None:
        core = self.core
        known = await core.database.run(measure(core.usage, ENVELOPE_BYTES, core.measure_disk()))
        for path in core.files.stray(known):
            path.unlink(missing_ok=True)

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_EVERY_S)
            core = self.core
            core.usage.free = core.measure_disk()
            more = True
            while more:
                swept = await core.database.run(sweep(core.now(), core.limits, core.usage))
                core.counts.expired += swept.messages
                for queue in swept.queues:
                    self.readings.dropped(queue)
                for name in swept.chunks:
                    await asyncio.to_thread(core.files.remove, name)
                more = swept.more

    async def _show_metrics(self, _request: web.Request) -> web.StreamResponse:
        lines = [f"colloque_relay_{name} {value}" for name, value in asdict(self.core.counts).items()]
        lines += [f"colloque_relay_stored_bytes {self.core.usage.total}"]
        return web.Response(text="\n".join(lines) + "\n", content_type="text/plain")
