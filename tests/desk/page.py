"""A page at the desk, as a browser is one: a cookie, an Origin, JSON, and one WebSocket."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from colloque.desk.server import DeskServer
from tests.scenarios.world import PASSPHRASE


class Page:
    def __init__(self, server: DeskServer, session: aiohttp.ClientSession) -> None:
        self.server, self.session = server, session

    async def ask(self, method: str, path: str, body: Any = None, **more: Any) -> tuple[int, Any]:
        """Status and JSON of one request, as the desk's own page makes it."""
        headers = {"Origin": self.server.gate.origin} | more.pop("headers", {})
        given = {"json": body} if body is not None else {}
        url = self.server.gate.origin + path
        async with self.session.request(method, url, headers=headers, **given, **more) as answer:
            is_json = answer.content_type == "application/json"
            return answer.status, await answer.json() if is_json else await answer.read()

    async def get(self, path: str) -> Any:
        status, body = await self.ask("GET", path)
        assert status == 200, (status, body)
        return body

    async def post(self, path: str, **body: Any) -> Any:
        status, found = await self.ask("POST", path, body)
        assert status == 200, (status, found)
        return found

    async def refused(self, method: str, path: str, body: Any = None) -> tuple[int, str]:
        """Status and code; what people are told is there in both languages, and is not the same in both."""
        status, found = await self.ask(method, path, body)
        assert status >= 400, found
        error = found["error"]
        assert error["en"] != error["fr"], error
        return status, error["code"]

    async def until(self, path: str, reached: Callable[[Any], bool], seconds: float = 20) -> Any:
        end = time.monotonic() + seconds
        while True:
            found = await self.get(path)
            if reached(found):
                return found
            assert time.monotonic() < end, found
            await asyncio.sleep(0.1)


@asynccontextmanager
async def page(home: Path, **more: Any) -> AsyncIterator[Page]:
    """A desk, and a browser that has entered."""
    jar = aiohttp.CookieJar(unsafe=True)
    async with DeskServer(home, **more) as server, aiohttp.ClientSession(cookie_jar=jar) as session:
        async with session.get(server.gate.address, allow_redirects=False) as answer:
            assert (answer.status, answer.headers["Location"]) == (303, "/")
        yield Page(server, session)


async def begin(at: Page, relay: str, name: str = "Dr Anne Payet") -> list[str]:
    """First start; the words of the recovery sheet."""
    found = await at.post(
        "/api/first", name=name, profession="Médecin", rpps="", relay=relay, token="", passphrase=PASSPHRASE
    )
    return list(found["words"]["fr"])
