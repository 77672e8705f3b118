"""A whole story of hosts: one leaves, the second carries on, loses its device, and comes back (S29 to S33)."""

from __future__ import annotations

from pathlib import Path

import pytest

from colloque.client.client import Client
from colloque.wire.codec import WireError
from tests.scenarios.test_return import restore
from tests.scenarios.test_several import joined, team
from tests.scenarios.world import PASSPHRASE, World, lines, notices, talk_of, texts, until


async def test_the_second_host_takes_over_loses_all_and_comes_back(here: World, tmp_path: Path) -> None:
    """`spec/sessions.md` S29 to S33"""
    anne, chloe, away = await here.person("anne"), await here.person("chloe"), await here.home("bruno")
    async with Client.open(away, passphrase=PASSPHRASE) as bruno:
        key = bruno.home.identity.key
        conversation = await team(here, anne, [bruno, chloe])
        anne.name_second_host(conversation, "bruno")
        await until(bruno, lambda: talk_of(bruno, conversation).conversation.second_host == key)
        await until(chloe, lambda: talk_of(chloe, conversation).conversation.second_host == key)
        await bruno.send(conversation, text="with Anne")
        assert await texts(chloe, 1) == ["with Anne"]
        anne.leave(conversation)
        await joined(bruno, conversation, 1)
        await until(bruno, lambda: len(talk_of(bruno, conversation).group.members()) == 2)
        await joined(chloe, conversation, 1)
        await until(chloe, lambda: talk_of(chloe, conversation).conversation.host == key)
        await bruno.send(conversation, text="without Anne")
        assert await texts(chloe, 1) == ["without Anne"]
        await bruno.settle(10)
        bruno.home.backup(tmp_path / "backup", PASSPHRASE)
    bruno = await here.open(restore(tmp_path / "new", tmp_path / "backup"))
    assert talk_of(bruno, conversation).conversation.phase.value == "lost"
    await until(chloe, lambda: "return-asked" in _told(chloe, conversation))
    chloe.let_back(conversation)
    await until(bruno, lambda: talk_of(bruno, conversation).conversation.phase.value == "open")
    await bruno.send(conversation, text="here again")
    assert await texts(chloe, 1) == ["here again"]
    await chloe.send(conversation, text="welcome back")
    assert "welcome back" in await texts(bruno, 1)
    chloe.leave(conversation)
    await until(bruno, lambda: not talk_of(bruno, conversation).conversation.peers)
    bruno.leave(conversation)
    await until(bruno, lambda: bruno.has_left(conversation))
    assert "lost" not in await notices(bruno)


def _told(client: Client, conversation: bytes) -> list[str]:
    return [e.notice["what"] for e in client.home.messages.history(conversation) if e.notice]


async def test_who_is_alone_is_told_so_and_can_leave(here: World) -> None:
    """S29: nothing waits for ever for somebody who is gone."""
    anne, bruno = await here.person("anne"), await here.person("bruno")
    conversation = await team(here, anne, [bruno])
    (sent,) = await anne.send(conversation, text="Take this back later.")
    assert await texts(bruno, 1) == ["Take this back later."]
    bruno.leave(conversation)
    await until(anne, lambda: not talk_of(anne, conversation).conversation.peers)
    with pytest.raises(WireError, match="nobody else"):
        await anne.send(conversation, text="Is anybody there?")
    anne.retract(sent.id)
    anne.leave(conversation)
    await until(anne, lambda: anne.has_left(conversation))
    assert [e.state for e in lines(anne, conversation)] == ["retracted"]
