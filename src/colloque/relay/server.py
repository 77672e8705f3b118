"""The relay: one process, one port, one data folder."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.metadata
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from aiohttp import web

from colloque.relay.core import Core, Options
from colloque.relay.door import Door
from colloque.relay.http_api import HttpApi, guard
from colloque.relay.live import LiveConnection
from colloque.relay.log import inner_logger, on_loop_error
from colloque.relay.pages import Pages, read_bundle
from colloque.relay.reading import Readings
from colloque.relay.sweeper import Sweeper
from colloque.store.relay.database import RelayDatabase
from colloque.store.step import Step, no_step
from colloque.wire.sizes import FRAME_BYTES

BODY_BYTES: Final = 8 << 20
READ_AHEAD: Final = 131_072
STOP_S: Final = 5.0


def software() -> str:
    return f"colloque {importlib.metadata.version('colloque')}"


class RelayServer:
    """`async with RelayServer(data, "127.0.0.1", 0) as relay: relay.url`.

    `wall` and `ran`: the clock on the wall, and one that does not jump. `step` is called between the store's writes.
    """

    def __init__(
        self,
        data: Path,
        host: str = "127.0.0.1",
        port: int = 0,
        options: Options | None = None,
        *,
        metrics: tuple[str, int] | None = None,
        wall: Callable[[], float] = time.time,
        ran: Callable[[], float] = time.monotonic,
        step: Step = no_step,
    ) -> None:
        self._data = data
        self._host, self._port = host, port
        self._options = options or Options()
        self._metrics = metrics
        self._clocks = wall, ran
        self._step = step
        self._sockets: set[web.WebSocketResponse] = set()
        self._runners: list[web.AppRunner] = []
        self._listening: list[asyncio.Server] = []
        self.url = ""
        self.metrics_url = ""
        self.core: Core

    async def __aenter__(self) -> Self:
        asyncio.get_running_loop().set_exception_handler(on_loop_error)
        database = RelayDatabase(self._data, self._step)
        self.core = Core(self._data, database, self._options)
        self.readings = Readings(database, self._handed_out)
        self.sweeper = Sweeper(self.core, self.readings, *self._clocks)
        await self.sweeper.start()
        try:
            self.url = await self._serve(self._application(), self._host, self._port, guarded=True)
            if self._metrics is not None:
                application = web.Application()
                application.router.add_get("/metrics", self._show_metrics)
                self.metrics_url = await self._serve(application, *self._metrics)
        except BaseException:
            await self.__aexit__(None, None, None)
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Takes nothing new, answers what it has taken, closes every line, and leaves nothing half-written."""
        self.core.closing = True
        for listening in self._listening:
            listening.close()
        await self.sweeper.stop()
        await self.core.database.run(lambda _: None)
        await asyncio.sleep(0)
        closing = [asyncio.ensure_future(socket.close(code=1001)) for socket in self._sockets]
        if closing:
            await asyncio.wait(closing, timeout=STOP_S)
        for runner in self._runners:
            await runner.cleanup()
        await self.core.settle()
        await self.core.database.close()

    def _handed_out(self, count: int) -> None:
        self.core.counts.handed_out += count

    def _refused(self) -> None:
        self.core.counts.connections_refused += 1

    def _application(self) -> web.Application:
        @web.middleware
        async def note(
            request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
        ) -> web.StreamResponse:
            self._door.spoke(request)
            return await handler(request)

        async def say_no_version(_request: web.Request, response: web.StreamResponse) -> None:
            response.headers["Server"] = "colloque"

        application = web.Application(middlewares=[note, guard], client_max_size=BODY_BYTES)
        application.on_response_prepare.append(say_no_version)
        application.router.add_get("/v1/live", self._live)
        application.add_routes(HttpApi(self.core, self.readings, software()).routes())
        application.add_routes(Pages(read_bundle()).routes())
        return application

    async def _serve(
        self, application: web.Application, host: str, port: int, *, guarded: bool = False
    ) -> str:
        runner = web.AppRunner(
            application,
            access_log=None,
            logger=inner_logger(),
            handle_signals=False,
            shutdown_timeout=STOP_S,
            keepalive_timeout=30,
            read_bufsize=READ_AHEAD,
        )
        await runner.setup()
        self._runners.append(runner)
        assert runner.server is not None
        factory: Callable[[], asyncio.BaseProtocol] = runner.server
        if guarded:
            factory = self._door = Door(runner.server, self.core.limits, self._refused)
        listening = await asyncio.get_running_loop().create_server(factory, host, port, backlog=4096)
        self._listening.append(listening)
        real = listening.sockets[0].getsockname()[1]
        return f"http://[{host}]:{real}" if ":" in host else f"http://{host}:{real}"

    async def _live(self, request: web.Request) -> web.StreamResponse:
        core, address = self.core, request.remote or ""
        if core.closing or not self._door.take_line(address):
            return web.Response(status=503, headers={"Retry-After": "30"})
        socket = web.WebSocketResponse(
            compress=False, max_msg_size=FRAME_BYTES, heartbeat=45, writer_limit=65_536
        )
        core.counts.connections += 1
        try:
            await socket.prepare(request)
            self._sockets.add(socket)
            await LiveConnection(core, self.readings, socket).run()
        finally:
            self._sockets.discard(socket)
            self._door.leave_line(address)
            core.counts.connections -= 1
            if socket.prepared and not socket.closed:
                with contextlib.suppress(ConnectionError):
                    await socket.close()
        return socket

    async def _show_metrics(self, _request: web.Request) -> web.StreamResponse:
        lines = [f"colloque_relay_{name} {value}" for name, value in asdict(self.core.counts).items()]
        usage = self.core.database.usage
        lines += [f"colloque_relay_stored_bytes {usage.total}", f"colloque_relay_free_bytes {usage.free}"]
        return web.Response(text="\n".join(lines) + "\n", content_type="text/plain")
