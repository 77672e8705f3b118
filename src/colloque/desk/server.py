"""The desk's server: one home, on this machine only."""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from aiohttp import web

from colloque.desk import pages
from colloque.desk.asked import JSON_BYTES
from colloque.desk.call_api import CallApi
from colloque.desk.call_line import CallLine
from colloque.desk.changes import Changes
from colloque.desk.desk import Desk
from colloque.desk.document_api import DocumentApi
from colloque.desk.gate import Gate, add_headers
from colloque.desk.idle import Idle
from colloque.desk.link_api import LinkApi
from colloque.desk.opening_api import OpeningApi, sweep
from colloque.desk.people_api import PeopleApi
from colloque.desk.refused import tell
from colloque.desk.report_api import ReportApi
from colloque.desk.talk_api import TalkApi
from colloque.desk.waiting import Waiting

ADDRESS_FILE: Final = "desk.json"
STOP_S: Final = 2.0


class AlreadyRuns(Exception):
    """A desk serves this home already; `address` opens it, where it could be read."""

    def __init__(self, address: str) -> None:
        super().__init__("a desk serves this home already")
        self.address = address


class DeskServer:
    """`async with DeskServer(home) as desk: desk.gate.address`. `port` 0: a free one. `ran` and `wall`: see `Idle`."""

    def __init__(
        self,
        home: Path,
        port: int = 0,
        *,
        ran: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
        page: Path = pages.FOLDER,
    ) -> None:
        self._port, self._page = port, page
        self.gate = Gate()
        self.desk = Desk(home, ran)
        self.waiting = Waiting(self.desk)
        self.changes = Changes(self.desk, lambda: self.waiting.version, lambda: self.waiting.here)
        self.calls = CallLine(self.desk, self.waiting.told)
        self.idle = Idle(self.desk, lambda: self.changes.watched, ran, wall)
        self._runner: web.AppRunner | None = None
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        folder = self.desk.folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not self.desk.lease.take():
            raise AlreadyRuns(running_address(folder))
        sweep(folder)
        try:
            await self._serve()
            self._tell_address()
        except BaseException:
            await self.__aexit__(None, None, None)
            raise
        loop = asyncio.get_running_loop()
        runs = (self.changes.run, self.calls.run, self.waiting.run, self.idle.run)
        self._tasks = [loop.create_task(run()) for run in runs]
        return self

    async def _serve(self) -> None:
        application = web.Application(middlewares=[self.gate.check, tell], client_max_size=JSON_BYTES)
        application.on_response_prepare.append(add_headers)
        application.router.add_get("/enter", self.gate.enter)
        application.router.add_get("/api/changes", self.changes.listen)
        application.router.add_get("/api/calls", self.calls.listen)
        for api in (OpeningApi, TalkApi, CallApi, DocumentApi, LinkApi, PeopleApi, ReportApi):
            application.add_routes(api(self.desk).routes())
        application.add_routes(self.waiting.routes())
        application.add_routes(pages.routes(self._page))
        self._runner = web.AppRunner(
            application, access_log=None, handle_signals=False, shutdown_timeout=STOP_S, keepalive_timeout=30
        )
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        self.gate.port = self._runner.addresses[0][1]

    def _tell_address(self) -> None:
        """For a second `colloque desk`, and for nobody else on this machine."""
        path = self.desk.folder / ADDRESS_FILE
        path.unlink(missing_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump({"address": self.gate.address}, file)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.changes.close()
        await self.calls.close()
        if self._runner is not None:
            await self._runner.cleanup()
        try:
            await self.desk.drop_keys()
        finally:
            (self.desk.folder / ADDRESS_FILE).unlink(missing_ok=True)
            self.desk.lease.release()


def running_address(folder: Path) -> str:
    """How the desk that serves this home is opened; empty where that cannot be read."""
    try:
        address = json.loads((folder / ADDRESS_FILE).read_text("utf-8"))["address"]
    except (OSError, ValueError, KeyError, TypeError):
        return ""
    return address if isinstance(address, str) and address.startswith("http://127.0.0.1:") else ""
