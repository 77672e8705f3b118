"""Pieces of calls between Python ends: heard at once, kept nowhere, and of use for a minute (`spec/calls.md` C1, C2)."""

from __future__ import annotations

import os
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from colloque.client.client import Client, now_ms
from colloque.protocol.session.effects import Signalled
from colloque.relay.core import Options
from colloque.relay.server import RelayServer
from colloque.store.client.signals import WAITING, Signals
from colloque.wire.content.call.hang_up import HangUp, Why
from colloque.wire.content.call.presence import Presence, There
from tests.scenarios.world import World, lines, quick_argon, talk_of, texts, until, world

LATER_MS = 61_000


def _left(client: Client, table: str) -> int:
    return int(client.home.database.one(f"SELECT count(*) FROM {table}")[0])


async def test_a_piece_is_heard_once_and_kept_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick_argon(monkeypatch)
    async with world(tmp_path) as place:
        anne, bruno = await place.person("anne"), await place.person("bruno")
        conversation = await place.pair(anne, bruno, "bruno")
        await anne.settle(10)
        ended = HangUp(os.urandom(16), Why.OVER)
        anne.calls.signal(conversation, ended, bruno.home.identity.key)
        [heard] = await bruno.calls.hear(10)
        assert (heard.conversation, heard.author, heard.signal) == (
            conversation,
            anne.home.identity.key,
            ended,
        )
        assert await bruno.calls.hear(0.5) == []
        assert not lines(bruno, conversation)
        await bruno.settle(10)
        for table in ("owed", "message WHERE kind != 'notice'", "raw"):
            assert _left(bruno, table) == 0, table
        # The numbers of messages to people are not counted on by it: nothing is missing.
        await anne.send(conversation, text="Bonjour")
        assert await texts(bruno, 1) == ["Bonjour"]
        assert talk_of(bruno, conversation).conversation.peers[0].head == 1


async def test_what_cannot_be_sent_within_a_minute_is_not_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick_argon(monkeypatch)
    async with AsyncExitStack() as people:
        async with RelayServer(tmp_path / "relay", options=Options("open")) as relay:
            place = World(tmp_path, relay, people)
            anne, bruno = await place.person("anne"), await place.person("bruno")
            conversation = await place.pair(anne, bruno, "bruno")
            await anne.settle(10)
            await bruno.settle(10)
            port = int(relay.url.rpartition(":")[2])
        anne.calls.signal(conversation, Presence(There.HERE), bruno.home.identity.key)
        assert _left(anne, "writing") + _left(anne, "outgoing") == 1
        anne.home.clock = lambda: now_ms() + LATER_MS
        async with RelayServer(tmp_path / "relay", port=port, options=Options("open")):
            await anne.send(conversation, text="Et après")
            assert await texts(bruno, 1, 60) == ["Et après"]
            await until(anne, lambda: _left(anne, "writing") + _left(anne, "outgoing") == 0)
            assert await bruno.calls.hear(0.5) == []
            await people.aclose()


async def test_what_is_encrypted_already_is_dropped_after_its_minute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick_argon(monkeypatch)
    async with world(tmp_path) as place:
        anne, home, conversation = await place.pair_away("bruno")
        ctx = anne.home.context()
        [peer] = talk_of(anne, conversation).conversation.peers
        anne.calls.signal(conversation, Presence(There.AWAY), peer.key)
        # The engine has not had its turn: encrypted by hand, and a minute late at the courier.
        anne.home.outbox.encrypt(ctx, conversation)
        assert _left(anne, "outgoing WHERE until IS NOT NULL") == 1
        anne.home.outbox.drop_outdated(ctx.now + 59_000)
        assert _left(anne, "outgoing") == 1
        anne.home.outbox.drop_outdated(ctx.now + LATER_MS)
        assert _left(anne, "outgoing") + _left(anne, "payload") == 0
        bruno = await place.open(home)
        await anne.send(conversation, text="Ensuite")
        assert await texts(bruno, 1) == ["Ensuite"]
        assert await bruno.calls.hear(0.2) == []


async def test_what_waited_is_judged_by_its_time_and_what_comes_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick_argon(monkeypatch)
    async with world(tmp_path) as place:
        anne, home, conversation = await place.pair_away("bruno")
        [peer] = talk_of(anne, conversation).conversation.peers
        anne.home.clock = lambda: now_ms() - LATER_MS
        anne.calls.signal(conversation, Presence(There.AWAY), peer.key)
        await anne.settle(10)
        bruno = await place.open(home)
        await anne.send(conversation, text="Bonjour")
        assert await texts(bruno, 1) == ["Bonjour"]
        assert await bruno.calls.hear(0.2) == []
        anne.calls.signal(conversation, Presence(There.HERE), peer.key)
        [heard] = await bruno.calls.hear(10)
        assert heard.signal == Presence(There.HERE)


def test_what_nobody_asks_for_is_bounded() -> None:
    signals = Signals()
    signals.is_live = True

    class Now:
        now = 5

    for number in range(WAITING + 3):
        signals.take(Now(), b"", Signalled(b"", number, Presence(There.HERE)))  # type: ignore[arg-type]
    found = signals.drain()
    assert len(found) == WAITING
    assert found[-1].sent_at == WAITING + 2
    assert signals.drain() == []
