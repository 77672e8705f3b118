"""`send` with a key of one's own: as often as one likes, one message; and only for what it was first used."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from colloque.client.client import Client
from colloque.wire.codec import WireError
from tests.scenarios.conftest import here
from tests.scenarios.world import PASSPHRASE, World, lines

__all__ = ["here"]


@pytest.fixture
async def labo(here: World) -> Client:
    labo = await here.person("labo")
    for name in ("anne", "bruno"):
        await here.pair(labo, await here.person(name), name.title())
    return labo


async def test_again_sends_nothing(labo: Client, tmp_path: Path) -> None:
    file = tmp_path / "result.bin"
    file.write_bytes(os.urandom(70_000))
    first = await labo.send("anne", text="Result", files=[file], key="4711")
    again = await labo.send("anne", text="Result", files=[file], key="4711")
    assert [e.id for e in first] == [e.id for e in again]
    file.unlink()
    assert [e.id for e in await labo.send("anne", text="Result", files=[file], key="4711")] == [
        e.id for e in first
    ]
    assert len(lines(labo, labo.find("anne"))) == 2
    assert len(labo.home.spool.folders()) <= 1


async def test_for_somebody_or_something_else_it_is_refused(labo: Client, tmp_path: Path) -> None:
    file = tmp_path / "result.bin"
    file.write_bytes(b"one")
    await labo.send("anne", text="Result", files=[file], key="4711")
    with pytest.raises(WireError, match="key"):
        await labo.send("bruno", text="Result", key="4711")
    with pytest.raises(WireError, match="key"):
        await labo.send("anne", text="Another", key="4711")
    file.write_bytes(b"two")
    with pytest.raises(WireError, match="key"):
        await labo.send("anne", text="Result", files=[file], key="4711")
    assert not lines(labo, labo.find("bruno"))
    assert len(lines(labo, labo.find("anne"))) == 2


async def test_several_programs_at_once_send_once(labo: Client, tmp_path: Path) -> None:
    file = tmp_path / "result.bin"
    file.write_bytes(os.urandom(3_000_000))

    async def send() -> list[bytes]:
        async with Client.open(labo.home.folder, passphrase=PASSPHRASE) as beside:
            return [e.id for e in await beside.send("anne", text="Result", files=[file], key="4711")]

    found = await asyncio.gather(*(send() for _ in range(5)))
    assert all(ids == found[0] for ids in found)
    assert len(lines(labo, labo.find("anne"))) == 2
    assert len(labo.home.spool.folders()) <= 1


async def test_all_or_nothing_where_one_file_cannot_be_read(labo: Client, tmp_path: Path) -> None:
    file = tmp_path / "result.bin"
    file.write_bytes(b"one")
    with pytest.raises(OSError, match="missing"):
        await labo.send("anne", text="Result", files=[file, tmp_path / "missing"])
    assert not lines(labo, labo.find("anne"))
    assert not labo.home.spool.folders()
