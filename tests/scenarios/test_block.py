"""Somebody's way to write here, cut off and opened again (`spec/sessions.md` S36)."""

from __future__ import annotations

import aiohttp
import pytest

from colloque.client.client import Client
from colloque.client.relay.errors import NoQueue
from colloque.client.relay.http import RelayHttp
from colloque.wire.sizes import ENVELOPE_BYTES
from tests.scenarios.world import World, talk_of, texts, until


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
    async with aiohttp.ClientSession() as session:
        for writer in queue.writers:
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
