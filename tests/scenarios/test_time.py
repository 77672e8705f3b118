"""Days that pass, with real ends and a real relay (`spec/sessions.md` S25 to S27)."""

from __future__ import annotations

from pathlib import Path

import pytest

from colloque.client.client import Client, now_ms
from tests.scenarios.world import PASSPHRASE, World, lines, talk_of, until

HOUR_MS = 3_600_000


async def test_an_alarm_after_two_days_that_ends_when_the_message_arrives(here: World) -> None:
    """S27"""
    home, away = await here.home("anne"), await here.home("bruno")
    async with Client.open(home, passphrase=PASSPHRASE) as anne:
        async with Client.open(away, passphrase=PASSPHRASE) as bruno:
            conversation = await here.pair(anne, bruno, "Bruno")
            await bruno.settle(10)
            await anne.settle(10)
        sent = await anne.send("Bruno", text="Potassium 6.9")
        assert (await anne.wait_for(sent, "accepted", 20))[0].state == "accepted"
        assert anne.home.messages.overdue() == []
    async with Client.open(home, passphrase=PASSPHRASE, clock=lambda: now_ms() + 49 * HOUR_MS) as anne:
        await until(anne, lambda: [e.id for e in anne.home.messages.overdue()] == [sent[0].id])
        bruno = await here.open(away)
        await until(bruno, lambda: [e.text for e in lines(bruno, conversation)] == ["Potassium 6.9"])
        await until(anne, lambda: anne.home.messages.overdue() == [])
        entry = anne.home.messages.get(sent[0].id)
        assert entry is not None
        assert entry.overdue is False


@pytest.mark.parametrize("who", ["host", "member"])
async def test_keys_are_fresh_after_their_time(here: World, who: str) -> None:
    """S25, S26: the host's after a day, a member's after a week; and mail goes on."""
    home, away = await here.home("anne"), await here.home("bruno")
    async with (
        Client.open(home, passphrase=PASSPHRASE) as anne,
        Client.open(away, passphrase=PASSPHRASE) as bruno,
    ):
        conversation = await here.pair(anne, bruno, "Bruno")
        await bruno.settle(10)
        await anne.settle(10)
        before = {m.signature_key: m.encryption_key for m in talk_of(anne, conversation).group.members()}
    hours = {"host": (25, 0), "member": (7 * 24, 7 * 24 + 1)}[who]
    async with (
        Client.open(home, passphrase=PASSPHRASE, clock=lambda: now_ms() + hours[0] * HOUR_MS) as anne,
        Client.open(away, passphrase=PASSPHRASE, clock=lambda: now_ms() + hours[1] * HOUR_MS) as bruno,
    ):
        key = (anne if who == "host" else bruno).home.identity.key

        def fresh(client: Client) -> bool:
            now = {m.signature_key: m.encryption_key for m in talk_of(client, conversation).group.members()}
            return now[key] != before[key]

        await until(anne, lambda: fresh(anne))
        await until(bruno, lambda: fresh(bruno))
        sent = await anne.send("Bruno", text="Goes on.")
        assert (await anne.wait_for(sent, "delivered", 20))[0].state in ("delivered", "read")


async def test_a_home_put_back_before_it_ever_read_anything_is_found_out(here: World, tmp_path: Path) -> None:
    """S32: the relay's first position tells it, too."""
    home = await here.home("anne")
    bruno = await here.person("bruno")
    async with Client.open(home, passphrase=PASSPHRASE) as anne:
        conversation = await here.pair(anne, bruno, "Bruno")
        await anne.settle(10)
        await bruno.settle(10)
        own = talk_of(anne, conversation).conversation.queue.id
        assert anne.home.queues.position(own) == (0, 0)
        anne.home.database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        copy = {p.name: p.read_bytes() for p in home.iterdir() if p.name in ("colloque.db", "key.json")}
        await bruno.send(conversation, text="read, and forgotten")
        await until(anne, lambda: len(lines(anne, conversation)) == 1)
        await anne.settle(10)
    (tmp_path / "copy").mkdir()
    for name, data in copy.items():
        (tmp_path / "copy" / name).write_bytes(data)
    back = await here.open(tmp_path / "copy")
    await until(back, lambda: back.contacts()[0].phase.value == "lost")
