"""Somebody's way to write here, cut off and opened again (`spec/sessions.md` S36)."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import aiohttp
import pytest

from colloque.client.client import Client, now_ms
from colloque.client.relay.errors import NoQueue
from colloque.client.relay.http import RelayHttp
from colloque.store.client.home import Home
from colloque.wire.codec import WireError
from colloque.wire.sizes import ENVELOPE_BYTES
from tests.scenarios.world import PASSPHRASE, World, talk_of, texts, until


async def _state(client: Client, ident: bytes) -> str:
    def known() -> str:
        entry = client.home.messages.get(ident)
        return "" if entry is None else entry.state

    await until(client, lambda: known() not in ("waiting", "uploading", "accepted"))
    return known()


async def test_a_host_blocks_its_guest_and_takes_from_them_again(here: World) -> None:
    anne, bruno = await here.person("anne"), await here.person("bruno")
    pair = await here.pair(anne, bruno, "bruno")
    await bruno.send(pair, text="One.")
    assert await texts(anne, 1) == ["One."]
    await _there_and_back(anne, bruno, pair)


async def test_a_guest_blocks_its_host_and_takes_from_them_again(here: World) -> None:
    """The host holds every capability of the guest's queue: none is left in use."""
    anne, bruno = await here.person("anne"), await here.person("bruno")
    pair = await here.pair(anne, bruno, "bruno")
    await anne.send(pair, text="One.")
    assert await texts(bruno, 1) == ["One."]
    queue = talk_of(bruno, pair).conversation.queue
    await _there_and_back(bruno, anne, pair)
    await _nobody_writes_to(here, queue.writers)


async def test_who_has_not_answered_is_left_and_not_blocked(here: World) -> None:
    """S36: refused in words, and nothing of it is done."""
    async with Client.open(await here.home("anne"), passphrase=PASSPHRASE) as anne:
        link = (await anne.invite("Bruno")).link
    bruno = await here.person("bruno")
    conversation = await bruno.accept(link)
    with pytest.raises(WireError, match="has not answered yet"):
        bruno.block(bruno.contacts()[0], True)
    assert bruno.contacts()[0].blocked is False
    bruno.leave(conversation)
    bruno.block(bruno.contacts()[0], True)
    assert bruno.contacts()[0].blocked is True


async def test_a_key_that_was_blocked_before_it_was_written_to_is_let_go(here: World) -> None:
    async with Client.open(await here.home("anne"), passphrase=PASSPHRASE) as anne:
        link, key = (await anne.invite("Bruno")).link, anne.home.identity.key
    bruno = await here.person("bruno")
    bruno.home.people.set_blocked(key, True)
    await bruno.accept(link)
    bruno.block(bruno.contacts()[0], False)
    assert (bruno.contacts()[0].blocked, bruno.contacts()[0].phase.value) == (False, "waiting")


@pytest.mark.parametrize("who", ["host", "guest"])
async def test_in_a_lost_conversation_blocking_works_and_is_not_half_undone(
    here: World, tmp_path: Path, who: str
) -> None:
    """S36: at the side that lost its state."""
    kept, lost, _ = await _one_has_lost(here, tmp_path, who)
    writers = talk_of(lost, lost.contacts()[0].conversation).conversation.queue.writers
    lost.block(lost.contacts()[0], True)
    await lost.settle(10)
    held = range(len(writers)) if who == "guest" else [_writer_of(lost, kept)]
    await _nobody_writes_to(here, [writers[i] for i in held])
    with pytest.raises(WireError, match="cannot be undone now"):
        lost.block(lost.contacts()[0], False)
    assert (lost.contacts()[0].blocked, lost.contacts()[0].phase.value) == (True, "lost")


async def test_who_asks_to_come_back_is_blocked_and_taken_back_after_they_came(
    here: World, tmp_path: Path
) -> None:
    """S36: at the side that is asked."""
    kept, lost, conversation = await _one_has_lost(here, tmp_path, "guest")
    kept.block(kept.contacts()[0], True)
    await kept.settle(10)
    with pytest.raises(WireError, match="cannot be undone now"):
        kept.block(kept.contacts()[0], False)
    assert (kept.contacts()[0].blocked, kept.contacts()[0].phase.value) == (True, "returning")
    kept.let_back(conversation)
    await until(lost, lambda: lost.contacts()[0].phase.value == "open")
    (sent,) = await lost.send(conversation, text="Am I heard?")
    assert await _state(lost, sent.id) == "failed"
    kept.block(kept.contacts()[0], False)
    assert await texts(kept, 1) == ["Am I heard?"]


async def _one_has_lost(here: World, folder: Path, who: str) -> tuple[Client, Client, bytes]:
    """Who kept the state and is asked; who lost it, the conversation's `who`; the conversation."""
    kept, home = await here.person("kept"), await here.home("lost")
    async with Client.open(home, passphrase=PASSPHRASE) as before:
        ends = (before, kept) if who == "host" else (kept, before)
        conversation = await here.pair(*ends, "other")
        await before.settle(10)
        before.home.backup(folder / "backup", PASSPHRASE)
    again = folder / "again"
    Home.restore(again, folder / "backup", PASSPHRASE, PASSPHRASE, random=os.urandom, clock=now_ms).close()
    lost = await here.open(again)
    await until(kept, lambda: kept.contacts()[0].phase.value == "returning")
    return kept, lost, conversation


def _writer_of(host: Client, guest: Client) -> int:
    peer = talk_of(host, host.contacts()[0].conversation).conversation.peer(guest.home.identity.key)
    assert peer is not None
    assert peer.my_writer is not None
    return peer.my_writer


async def _nobody_writes_to(here: World, writers: Sequence[bytes]) -> None:
    async with aiohttp.ClientSession() as session:
        for writer in writers:
            with pytest.raises(NoQueue):
                await RelayHttp(here.relay.url, session).send_once(writer, bytes(ENVELOPE_BYTES))


async def _there_and_back(blocker: Client, blocked: Client, pair: bytes) -> None:
    contact = blocker.contacts()[0]
    blocker.block(contact, True)
    await blocker.settle(10)
    (sent,) = await blocked.send(pair, text="And now?")
    assert await _state(blocked, sent.id) == "failed"
    blocker.block(blocker.contacts()[0], False)
    await blocker.settle(10)
    assert await texts(blocker, 1) == ["And now?"]
    await blocked.send(pair, text="Here again.")
    assert await texts(blocker, 1) == ["Here again."]
    await blocker.send(pair, text="Yes.")
    assert await texts(blocked, 1) == ["Yes."]
    assert await _state(blocked, sent.id) in ("delivered", "read")
