"""The desk goes on answering while a passphrase is stretched or a backup is copied."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from colloque.store.client import vault
from colloque.store.client.vault import DatabaseKey
from tests.desk.page import Page, begin, page
from tests.desk.test_locking import form
from tests.desk.test_talk import met
from tests.scenarios.world import PASSPHRASE, World

LARGE = 100 << 20


def _seconds(run: Callable[[], object]) -> float:
    began = time.monotonic()
    run()
    return time.monotonic() - began


async def _answers(slow: Awaitable[Any], ask: Callable[[], Awaitable[object]], step: float) -> Any:
    """What `slow` gives; fails where it takes from one answer beside it to the next as long as half a `step` (seconds)."""
    task, longest, last = asyncio.ensure_future(slow), 0.0, time.monotonic()
    while not task.done():
        await ask()
        await asyncio.sleep(0.01)
        longest, last = max(longest, time.monotonic() - last), time.monotonic()
    assert longest < step / 2, (
        f"from one answer to the next it took {longest:.2f} s beside a step of {step:.2f} s"
    )
    return await task


@pytest.fixture
def _stretched(monkeypatch: pytest.MonkeyPatch, _quick: None) -> None:
    monkeypatch.setattr(vault, "_MEMORY_KIB", 65_536)
    monkeypatch.setattr(vault, "_ITERATIONS", 20)


@pytest.mark.usefixtures("_stretched")
async def test_while_a_passphrase_is_stretched(here: World, tmp_path: Path) -> None:
    async with page(here.folder / "desk") as desk:

        async def state() -> None:
            await desk.get("/api/state")

        secret, new = PASSPHRASE, "une autre phrase"
        step = _seconds(lambda: vault.wrap(tmp_path, DatabaseKey(bytes(32)), secret, os.urandom))
        words = await _answers(begin(desk, here.relay.url), state, step)
        sheet = await _answers(desk.post("/api/sheet", passphrase=secret), state, step)
        assert sheet["words"]["fr"] == words
        await desk.post("/api/lock", keys=True)
        await _answers(desk.post("/api/unlock", passphrase=secret), state, step)
        await _answers(desk.post("/api/passphrase", old=secret, new=new), state, step)
        await _answers(desk.post("/api/passphrase", words=" ".join(words), new=secret), state, step)


async def test_while_a_backup_is_made_and_restored(here: World, tmp_path: Path, desk: Page) -> None:
    """Messages are written meanwhile, too: the copy holds nobody up."""
    sheet = await desk.post("/api/sheet", passphrase=PASSPHRASE)
    _, conversation = await met(here, desk)
    home = desk.server.desk.client.home
    with home.database.transaction():
        home.database.execute("INSERT INTO setting VALUES ('large', randomblob(?))", LARGE)

    async def write() -> None:
        await desk.post(f"/api/conversations/{conversation}/messages", text="pendant la sauvegarde")

    step = _seconds(lambda: home.backup(tmp_path / "before", None))
    content = await _answers(desk.get("/api/backup"), write, step)
    assert len(content) > LARGE
    (tmp_path / "backup").write_bytes(content)
    async with page(tmp_path / "again") as other:

        async def state() -> None:
            await other.get("/api/state")

        words = " ".join(sheet["words"]["fr"])
        with (tmp_path / "backup").open("rb") as file:
            status, body = await _answers(
                other.ask("POST", "/api/restore", data=form(words, PASSPHRASE, file)), state, step
            )
        assert status == 200, body
        (line,) = await other.get("/api/conversations")
        assert line["phase"] == "lost"
