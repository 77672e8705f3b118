"""Whoever asks a home again and again, without waiting, leaves the engine its turns."""

from __future__ import annotations

import asyncio
from pathlib import Path

from colloque.client.client import Client
from colloque.wire.profile import Profile


async def test_looking_without_waiting_lets_others_run(tmp_path: Path) -> None:
    home = tmp_path / "anne"
    await Client.create(home, relay="http://127.0.0.1:9", profile=Profile("Anne"), passphrase="x")
    async with Client.open(home, passphrase="x", engine=False) as client:
        ran = asyncio.Event()
        task = asyncio.create_task(run(ran))
        assert not await client.until(lambda: False, 0.0)
        assert ran.is_set()
        await task


async def run(ran: asyncio.Event) -> None:
    ran.set()
