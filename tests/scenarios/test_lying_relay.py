"""A relay that lies: it may delay, drop and refuse, and never forge, alter or replay unnoticed (`SECURITY.md`)."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from colloque.client.client import Client
from colloque.store.relay.database import DATABASE
from colloque.wire.codec import WireError
from colloque.wire.links import Link
from tests.scenarios.world import PASSPHRASE, World, lines, until

Change = Callable[[sqlite3.Connection, list[int]], object]


@dataclass
class Told:
    texts: list[str]
    notices: list[str]
    missing: int


@asynccontextmanager
async def away(here: World, name: str) -> AsyncIterator[tuple[Client, Path, bytes]]:
    """Anne, and Bruno's home while he is away; five messages lie for him at the relay."""
    anne, home, conversation = await here.pair_away(name)
    sent = []
    for n in range(5):
        sent += await anne.send("Bruno", text=f"{n}")
    assert {e.state for e in await anne.wait_for(sent, "accepted", 20)} == {"accepted"}
    yield anne, home, conversation


async def told(here: World, change: Change) -> Told:
    """What Bruno is told after the relay's own hands were on his mail."""
    async with away(here, "bruno") as (_, home, conversation):
        with closing(sqlite3.connect(here.folder / "relay" / DATABASE, timeout=20)) as db:
            rows = [n for (n,) in db.execute("SELECT n FROM message ORDER BY n")][-5:]
            change(db, rows)
            db.commit()
        bruno = await here.open(home)
        await until(bruno, lambda: bool(lines(bruno, conversation)))
        await bruno.settle(2)
        await bruno.until(lambda: False, 1.0)
        history = bruno.home.messages.history(conversation)
        notices = [e.notice for e in history if e.notice]
        missing = sum(n["count"] for n in notices if n["what"] == "missing")
        return Told([e.text for e in history if e.kind == "text"], [n["what"] for n in notices], missing)


def swap(db: sqlite3.Connection, one: int, other: int) -> None:
    rows = dict(db.execute("SELECT n, envelope FROM message WHERE n IN (?, ?)", (one, other)))
    db.execute("UPDATE message SET envelope = ? WHERE n = ?", (rows[other], one))
    db.execute("UPDATE message SET envelope = ? WHERE n = ?", (rows[one], other))


def copy(db: sqlite3.Connection, source: int, target: int) -> None:
    (envelope,) = db.execute("SELECT envelope FROM message WHERE n = ?", (source,)).fetchone()
    db.execute("UPDATE message SET envelope = ? WHERE n = ?", (envelope, target))


def flip(db: sqlite3.Connection, row: int) -> None:
    (envelope,) = db.execute("SELECT envelope FROM message WHERE n = ?", (row,)).fetchone()
    db.execute(
        "UPDATE message SET envelope = ? WHERE n = ?",
        (envelope[:500] + bytes([envelope[500] ^ 1]) + envelope[501:], row),
    )


async def test_reordered(here: World) -> None:
    found = await told(here, lambda db, rows: swap(db, rows[1], rows[3]))
    assert sorted(found.texts) == ["0", "1", "2", "3", "4"]


async def test_dropped(here: World) -> None:
    found = await told(here, lambda db, rows: db.execute("DELETE FROM message WHERE n = ?", (rows[2],)))
    assert found.texts == ["0", "1", "3", "4"]
    assert found.missing == 1


async def test_replayed_in_place_of_another(here: World) -> None:
    found = await told(here, lambda db, rows: copy(db, rows[0], rows[2]))
    assert found.texts == ["0", "1", "3", "4"]
    assert found.missing == 1


async def test_altered(here: World) -> None:
    found = await told(here, lambda db, rows: flip(db, rows[2]))
    assert found.texts == ["0", "1", "3", "4"]
    assert "unreadable" in found.notices


async def test_an_envelope_of_another_queue(here: World) -> None:
    """What was sealed for one queue opens in no other."""
    anne = await here.person("anne")
    homes = [await here.home(name) for name in ("bruno", "chloe")]
    conversations = []
    for home in homes:
        async with Client.open(home, passphrase=PASSPHRASE) as guest:
            conversations.append(await here.pair(anne, guest, home.name))
            await guest.settle(10)
            await anne.settle(10)
    for home in homes:
        sent = await anne.send(home.name, text=f"for {home.name}")
        await anne.wait_for(sent, "accepted", 20)
    with closing(sqlite3.connect(here.folder / "relay" / DATABASE, timeout=20)) as db:
        first, second = [n for (n,) in db.execute("SELECT n FROM message ORDER BY n")][-2:]
        swap(db, first, second)
        db.commit()
    for home, conversation in zip(homes, conversations, strict=True):
        guest = await here.open(home)
        await until(
            guest,
            lambda guest=guest, c=conversation: any(e.notice for e in guest.home.messages.history(c)[1:]),
        )
        assert lines(guest, conversation) == []


async def test_another_card_is_not_taken(here: World) -> None:
    anne, mallory, bruno = [await here.person(n) for n in ("anne", "mallory", "bruno")]
    links = [Link.decode((await c.invite()).link) for c in (anne, mallory)]
    cards = [Link.decode((await c.card()).link) for c in (anne, mallory)]
    with closing(sqlite3.connect(here.folder / "relay" / DATABASE, timeout=20)) as db:
        rows = db.execute("SELECT owner, sealed FROM card").fetchall()
        for at, (owner, _) in enumerate(rows):
            db.execute("UPDATE card SET sealed = ? WHERE owner = ?", (rows[(at + 1) % len(rows)][1], owner))
        db.commit()
    for link in (*links, *cards):
        with pytest.raises(WireError):
            await bruno.accept(link.encode())
    assert bruno.contacts() == []
