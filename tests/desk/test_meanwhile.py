"""The desk goes on answering while a passphrase is stretched or a backup is copied."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from colloque.store.client import vault
from tests.desk.page import Page, begin, page
from tests.desk.test_locking import form
from tests.desk.test_talk import met
from tests.scenarios.world import PASSPHRASE, World

LARGE = 100 << 20


async def _answers(slow: Awaitable[Any], ask: Callable[[], Awaitable[Any]]) -> Any:
    """What `slow` gives; fails where any `ask` beside it had to wait for most of it."""
    task, began, longest, count = asyncio.ensure_future(slow), time.monotonic(), 0.0, 0
    while not task.done():
        asked = time.monotonic()
        await ask()
        longest, count = max(longest, time.monotonic() - asked), count + 1
        await asyncio.sleep(0.01)
    took = time.monotonic() - began
    assert count >= 5, f"{count} answers in {took:.2f} s"
    assert longest < took / 2, f"one answer took {longest:.2f} s of {took:.2f} s"
    return await task


@pytest.fixture
def _stretched(monkeypatch: pytest.MonkeyPatch, _quick: None) -> None:
    monkeypatch.setattr(vault, "_MEMORY_KIB", 65_536)
    monkeypatch.setattr(vault, "_ITERATIONS", 15)


@pytest.mark.usefixtures("_stretched")
async def test_while_a_passphrase_is_stretched(here: World) -> None:
    async with page(here.folder / "desk") as desk:

        async def state() -> None:
            await desk.get("/api/state")

        words = await _answers(begin(desk, here.relay.url), state)
        sheet = await _answers(desk.post("/api/sheet", passphrase=PASSPHRASE), state)
        assert sheet["words"]["fr"] == words
        await desk.post("/api/lock", keys=True)
        await _answers(desk.post("/api/unlock", passphrase=PASSPHRASE), state)
        new = "une autre phrase"
        await _answers(desk.post("/api/passphrase", old=PASSPHRASE, new=new), state)
        await _answers(desk.post("/api/passphrase", words=" ".join(words), new=PASSPHRASE), state)


async def test_while_a_backup_is_made_and_restored(here: World, tmp_path: Path, desk: Page) -> None:
    """Messages are written meanwhile, too: the copy holds nobody up."""
    sheet = await desk.post("/api/sheet", passphrase=PASSPHRASE)
    _, conversation = await met(here, desk)
    database = desk.server.desk.client.home.database
    with database.transaction():
        database.execute("INSERT INTO setting VALUES ('large', randomblob(?))", LARGE)

    async def write() -> None:
        await desk.post(f"/api/conversations/{conversation}/messages", text="pendant la sauvegarde")

    content = await _answers(desk.get("/api/backup"), write)
    assert len(content) > LARGE
    (tmp_path / "backup").write_bytes(content)
    async with page(tmp_path / "again") as other:

        async def state() -> None:
            await other.get("/api/state")

        words = " ".join(sheet["words"]["fr"])
        with (tmp_path / "backup").open("rb") as file:
            status, body = await _answers(
                other.ask("POST", "/api/restore", data=form(words, PASSPHRASE, file)), state
            )
        assert status == 200, body
        (line,) = await other.get("/api/conversations")
        assert line["phase"] == "lost"
