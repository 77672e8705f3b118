"""A real Firefox, driven by WebDriver BiDi (W3C), which it speaks itself: one window, one page, as a person uses it."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import itertools
import json
import os
import re
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

FIREFOX = shutil.which("firefox-esr") or shutil.which("firefox")
WAIT_S = 40
_LISTENING = re.compile(rb"WebDriver BiDi listening on (ws://127\.0\.0\.1:\d+)")
# In the middle of the window, and where it was two frames before: a page that still moves is clicked beside.
_STILL = """(async () => {
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  let before = NaN;
  for (let tries = 0; tries < 100; tries++) {
    const found = document.querySelector(CSS);
    found.scrollIntoView({ block: "center", behavior: "instant" });
    await frame();
    await frame();
    const { top } = found.getBoundingClientRect();
    if (top === before) return;
    before = top;
  }
})()"""
_PREFERENCES = {
    "intl.accept_languages": "fr-FR",
    "app.update.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "privacy.spoof_english": 1,
    "toolkit.telemetry.enabled": False,
}


def why_absent() -> str | None:
    return (
        None if FIREFOX else "no Firefox here: `apt-get install firefox-esr` (as root, `make test` does it)"
    )


class Refused(Exception):
    """What Firefox said of a command that it did not carry out."""


@dataclass
class Firefox:
    """`problems`: what the page's console complained of, and what it threw."""

    socket: aiohttp.ClientWebSocketResponse
    context: str = ""
    problems: list[str] = field(default_factory=list)
    _waiting: dict[int, asyncio.Future[Any]] = field(default_factory=dict)
    _numbers: Any = field(default_factory=lambda: itertools.count(1))

    async def listen(self) -> None:
        async for message in self.socket:
            said = json.loads(message.data)
            if said["type"] == "event":
                if said["params"].get("level") == "error":
                    self.problems.append(said["params"]["text"])
                continue
            future = self._waiting.pop(said["id"])
            if said["type"] == "success":
                future.set_result(said["result"])
            else:
                future.set_exception(Refused(f"{said['error']}: {said['message']}"))

    async def ask(self, method: str, **given: Any) -> Any:
        number = next(self._numbers)
        future = self._waiting[number] = asyncio.get_running_loop().create_future()
        await self.socket.send_json({"id": number, "method": method, "params": given})
        return await asyncio.wait_for(future, WAIT_S)

    async def open(self, url: str) -> None:
        await self.ask("browsingContext.navigate", context=self.context, url=url, wait="complete")

    async def reload(self) -> None:
        await self.ask("browsingContext.reload", context=self.context, wait="complete")

    async def run(self, expression: str) -> Any:
        """What it is worth, of plain values."""
        answer = await self.ask(
            "script.evaluate", expression=expression, target={"context": self.context}, awaitPromise=True
        )
        if answer["type"] == "exception":
            raise Refused(answer["exceptionDetails"]["text"])
        return answer["result"].get("value")

    async def until(self, expression: str) -> None:
        """Until it holds; fails after `WAIT_S`, with what the page says then."""
        end = asyncio.get_running_loop().time() + WAIT_S
        while not await self.run(expression):
            if asyncio.get_running_loop().time() > end:
                raise AssertionError(
                    f"{expression}\n{await self.run('document.body.innerText')}\n{self.problems}"
                )
            await asyncio.sleep(0.1)

    async def node(self, css: str) -> dict[str, Any]:
        await self.until(f"document.querySelector({json.dumps(css)}) !== null")
        await self.run(_STILL.replace("CSS", json.dumps(css)))
        found = await self.ask(
            "browsingContext.locateNodes", context=self.context, locator={"type": "css", "value": css}
        )
        return {"sharedId": found["nodes"][0]["sharedId"]}

    async def click(self, css: str) -> None:
        origin = {"type": "element", "element": await self.node(css)}
        moves = [
            {"type": "pointerMove", "x": 0, "y": 0, "origin": origin},
            {"type": "pointerDown", "button": 0},
            {"type": "pointerUp", "button": 0},
        ]
        await self._act({"type": "pointer", "id": "mouse", "actions": moves})

    async def type(self, css: str, text: str) -> None:
        await self.click(css)
        keys = [{"type": kind, "value": key} for key in text for kind in ("keyDown", "keyUp")]
        await self._act({"type": "key", "id": "keyboard", "actions": keys})

    async def _act(self, actions: dict[str, Any]) -> None:
        await self.ask("input.performActions", context=self.context, actions=[actions])

    async def choose(self, css: str, path: Path) -> None:
        """A file, in a field for files."""
        element = await self.node(css)
        await self.ask("input.setFiles", context=self.context, element=element, files=[str(path)])

    async def picture(self, path: Path) -> None:
        shot = await self.ask("browsingContext.captureScreenshot", context=self.context)
        path.write_bytes(base64.b64decode(shot["data"]))


@contextlib.asynccontextmanager
async def firefox(profile: Path, width: int = 360, height: int = 740) -> AsyncIterator[Firefox]:
    """Under a profile, and a home, of its own; ends with it."""
    assert FIREFOX is not None
    profile.mkdir(exist_ok=True)
    lines = (f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in _PREFERENCES.items())
    (profile / "user.js").write_text("".join(lines))
    process = await asyncio.create_subprocess_exec(
        *(FIREFOX, "--headless", "--no-remote", "--profile", str(profile), "--remote-debugging-port", "0"),
        env=os.environ | {"HOME": str(profile), "LANG": "fr_FR.UTF-8", "MOZ_CRASHREPORTER_DISABLE": "1"},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    tasks: list[asyncio.Task[Any]] = []
    try:
        assert process.stderr is not None
        async with asyncio.timeout(WAIT_S):
            while not (found := _LISTENING.search(await process.stderr.readline())):
                assert process.returncode is None, "Firefox ended before it began"
        tasks.append(asyncio.create_task(process.stderr.read()))
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(f"{found[1].decode()}/session", max_msg_size=64 << 20) as socket,
        ):
            driven = Firefox(socket)
            tasks.append(asyncio.create_task(driven.listen()))
            await driven.ask("session.new", capabilities={})
            await driven.ask("session.subscribe", events=["log.entryAdded"])
            driven.context = (await driven.ask("browsingContext.getTree"))["contexts"][0]["context"]
            await driven.ask(
                "browsingContext.setViewport",
                context=driven.context,
                viewport={"width": width, "height": height},
            )
            yield driven
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), 10)
        except TimeoutError:
            process.kill()
            await process.wait()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
