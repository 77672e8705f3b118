"""What runs full, runs out, or runs wrong: queues, disks, clocks, and a relay put back to an older day."""

from __future__ import annotations

import shutil
from pathlib import Path

import aiohttp
import pytest

from colloque.client.client import Client, now_ms
from colloque.client.relay.connection import Connection
from colloque.protocol.mailbox.limits import Limits
from colloque.relay.core import Options
from colloque.relay.server import RelayServer
from colloque.wire.codec import WireError
from colloque.wire.profile import Profile
from tests.scenarios.world import PASSPHRASE, World, lines, talk_of, texts, until, world

DAY_MS = 86_400_000


async def test_a_full_queue_keeps_the_rest_here_and_in_order(tmp_path: Path) -> None:
    limits = Limits(writer_messages=8, retry_after_ms=300)
    async with world(tmp_path, Options("open", limits)) as here:
        anne, away, conversation = await here.pair_away("bruno")
        sent = []
        for n in range(20):
            sent += await anne.send("Bruno", text=f"{n}")
        states = [e.state for e in await anne.wait_for(sent, "accepted", 1.5)]
        assert states[:5] == ["accepted"] * 5
        assert states[-5:] == ["waiting"] * 5
        bruno = await here.open(away)
        await until(bruno, lambda: len(lines(bruno, conversation)) == 20)
        assert [e.text for e in lines(bruno, conversation)] == [f"{n}" for n in range(20)]


async def test_a_queue_that_expired_is_made_again_and_what_was_refused_is_said(here: World) -> None:
    """`spec/sessions.md` S23, S35"""
    anne, away, conversation = await here.pair_away("bruno")
    async with Client.open(away, passphrase=PASSPHRASE, engine=False) as bruno:
        read = talk_of(bruno, conversation).conversation.queue.read
    async with aiohttp.ClientSession() as session:
        connection = await Connection.open(here.relay.url, session)
        await connection.drop_queue(read)
        await connection.close()
    lost = await anne.send("Bruno", text="Nobody is there.")
    assert (await anne.wait_for(lost, "accepted", 20))[0].state == "failed"
    bruno = await here.open(away)
    await until(bruno, lambda: all(q.queue.read != read for q in bruno.home.queues.in_state("wanted")))
    await bruno.until(lambda: False, 1.5)
    after = await anne.send("Bruno", text="And now?")
    assert (await anne.wait_for(after, "delivered", 20))[0].state in ("delivered", "read")
    assert [e.text for e in lines(bruno, conversation)] == ["And now?"]
    notices = [e.notice for e in bruno.home.messages.history(conversation) if e.notice]
    assert [n["count"] for n in notices if n["what"] == "missing"] == [1]


async def test_a_relay_whose_disk_is_full_takes_nothing_new_and_hands_out_all(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    anne, away, conversation = await here.pair_away("bruno")
    before = await anne.send("Bruno", text="before")
    assert (await anne.wait_for(before, "accepted", 20))[0].state == "accepted"
    usage = here.relay.core.database.usage
    free, usage.free = usage.free, 0
    meanwhile = await anne.send("Bruno", text="meanwhile")
    assert (await anne.wait_for(meanwhile, "accepted", 1.0))[0].state == "waiting"
    bruno = await here.open(away)
    await until(bruno, lambda: [e.text for e in lines(bruno, conversation)] == ["before"])
    usage.free = free
    with anne.home.database.transaction():
        anne.home.database.execute("UPDATE outgoing SET not_before = 0")
    await until(bruno, lambda: [e.text for e in lines(bruno, conversation)] == ["before", "meanwhile"])


async def test_a_home_whose_disk_is_full_loses_nothing(here: World) -> None:
    """SQLite is told that the file may not grow: what a full disk says, at the same places."""
    anne, away, conversation = await here.pair_away("bruno")
    words = [f"{n} " + "x" * 9_000 for n in range(8)]
    sent = []
    for text in words:
        sent += await anne.send("Bruno", text=text)
    await anne.wait_for(sent, "accepted", 20)
    with pytest.raises(Exception, match="full"):
        async with Client.open(away, passphrase=PASSPHRASE) as bruno:
            pages = bruno.home.database.one("PRAGMA page_count")[0]
            bruno.home.database.execute(f"PRAGMA max_page_count = {pages + 4}")
            await bruno.until(lambda: False, 5.0)
    bruno = await here.open(away)
    await until(bruno, lambda: [e.text for e in lines(bruno, conversation)] == words)


@pytest.mark.parametrize("days", [-2, 2])
async def test_clocks_that_are_days_apart(here: World, days: int) -> None:
    """Order is by numbers, not by clocks (`spec/sessions.md` S17, S28)."""
    away = await here.home("bruno")
    anne = await here.person("anne")
    async with Client.open(away, passphrase=PASSPHRASE, clock=lambda: now_ms() + days * DAY_MS) as bruno:
        conversation = await here.pair(anne, bruno, "Bruno")
        sent = await anne.send("Bruno", text="What time is it?")
        assert (await anne.wait_for(sent, "delivered", 20))[0].state in ("delivered", "read")
        back = await bruno.send(conversation, text="Not yours.")
        assert (await bruno.wait_for(back, "delivered", 20))[0].state in ("delivered", "read")
        assert [e.text for e in lines(bruno, conversation)] == ["What time is it?", "Not yours."]
        assert [e.text for e in lines(anne, conversation)] == ["What time is it?", "Not yours."]


async def test_a_clock_far_ahead_finds_the_invitation_expired_and_says_so(here: World) -> None:
    anne, away = await here.person("anne"), await here.home("bruno")
    invited = await anne.invite("Bruno")
    async with Client.open(away, passphrase=PASSPHRASE, clock=lambda: now_ms() + 60 * DAY_MS) as bruno:
        with pytest.raises(WireError, match="expired"):
            await bruno.accept(invited.link)


async def test_a_relay_put_back_to_an_older_day(tmp_path: Path) -> None:
    """Its host restored a copy: nothing is shown twice, and writing goes on, both ways (`spec/sessions.md` S32)."""
    data = tmp_path / "relay"
    homes = [tmp_path / "anne", tmp_path / "bruno"]
    async with RelayServer(data, options=Options("open")) as relay:
        port = int(relay.url.rsplit(":", 1)[1])
        for home in homes:
            await Client.create(home, relay=relay.url, profile=Profile(home.name), passphrase=PASSPHRASE)
        async with (
            Client.open(homes[0], passphrase=PASSPHRASE) as anne,
            Client.open(homes[1], passphrase=PASSPHRASE) as bruno,
        ):
            conversation = await bruno.accept((await anne.invite()).link)
            await until(bruno, lambda: talk_of(bruno, conversation).conversation.revision > 0)
            first = await anne.send(conversation, text="first")
            await anne.wait_for(first, "delivered", 20)
            await bruno.settle(10)
            await anne.settle(10)
    shutil.copytree(data, tmp_path / "older")
    async with (
        RelayServer(data, port=port, options=Options("open")),
        Client.open(homes[0], passphrase=PASSPHRASE) as anne,
        Client.open(homes[1], passphrase=PASSPHRASE) as bruno,
    ):
        for n in range(5):
            sent = await anne.send(conversation, text=f"second {n}")
            await anne.wait_for(sent, "delivered", 20)
        assert await texts(bruno, 6) == ["first", *(f"second {n}" for n in range(5))]
        await bruno.settle(10)
        await anne.settle(10)
    shutil.rmtree(data)
    (tmp_path / "older").rename(data)
    async with (
        RelayServer(data, port=port, options=Options("open")),
        Client.open(homes[0], passphrase=PASSPHRASE) as anne,
        Client.open(homes[1], passphrase=PASSPHRASE) as bruno,
    ):
        sent = await anne.send(conversation, text="third")
        assert (await anne.wait_for(sent, "delivered", 20))[0].state in ("delivered", "read")
        back = await bruno.send(conversation, text="I read you.")
        assert (await bruno.wait_for(back, "delivered", 20))[0].state in ("delivered", "read")
        assert await texts(bruno, 1) == ["third"]
