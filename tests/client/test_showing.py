"""What came is shown once, however many programs ask for it, and in the order in which it was written (S17, S22)."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from colloque.client.client import Client
from tests.scenarios.conftest import here
from tests.scenarios.world import PASSPHRASE, World, texts, until

__all__ = ["here"]


async def test_two_programs_show_each_message_once(here: World) -> None:
    anne, bruno = await here.person("anne"), await here.person("bruno")
    await here.pair(anne, bruno, "Bruno")
    shown: list[str] = []

    async def follow(client: Client) -> None:
        async for entry in client.receive(follow=True):
            if entry.kind == "text":
                assert not entry.again
                shown.append(entry.text)
            await asyncio.sleep(0)

    async with Client.open(bruno.home.folder, passphrase=PASSPHRASE) as beside:
        both = [asyncio.ensure_future(follow(client)) for client in (bruno, beside)]
        for n in range(20):
            await anne.send("bruno", text=f"{n}")
        await until(bruno, lambda: len(shown) >= 20)
        await asyncio.sleep(0.3)
        assert shown == [f"{n}" for n in range(20)]
        both[0].cancel()
        await asyncio.gather(both[0], return_exceptions=True)
        await anne.send("bruno", text="and the other goes on")
        await until(beside, lambda: shown[-1] == "and the other goes on")
        both[1].cancel()
        await asyncio.gather(*both, return_exceptions=True)


async def test_a_text_does_not_overtake_the_file_before_it(here: World, tmp_path: Path) -> None:
    anne, bruno = await here.person("anne"), await here.person("bruno")
    await here.pair(anne, bruno, "Bruno")
    (tmp_path / "image.bin").write_bytes(os.urandom(8_000_000))
    await anne.send("bruno", files=[tmp_path / "image.bin"])
    await anne.send("bruno", text="See the file above.")
    assert await texts(bruno, 2) == ["image.bin", "See the file above."]


async def test_a_file_whose_way_is_blocked_holds_nothing_back(here: World, tmp_path: Path) -> None:
    anne, bruno = await here.person("anne"), await here.person("bruno")
    await here.pair(anne, bruno, "Bruno")
    (tmp_path / "image.bin").write_bytes(os.urandom(80_000))
    await anne.send("bruno", files=[tmp_path / "image.bin"])
    await anne.send("bruno", text="See the file above.")
    assert await texts(bruno, 2) == ["image.bin", "See the file above."]
    db, messages, now = bruno.home.database, bruno.home.messages, bruno.home.clock()
    with db.transaction():
        db.execute("UPDATE message SET shown = 0, state = 'arriving' WHERE kind = 'file'")
        db.execute("UPDATE message SET shown = 0 WHERE kind = 'text'")
        db.execute(
            "INSERT INTO transfer SELECT id, conversation, 0, 0, 0, ? FROM message WHERE kind = 'file'",
            1 << 50,
        )
    assert messages.unshown(now) == []
    assert [e.text for e in messages.unshown(now + 60_000)] == ["See the file above."]
    with db.transaction():
        db.execute("UPDATE transfer SET tries = 1")
    assert [e.text for e in messages.unshown(now)] == ["See the file above."]
