"""A team: people come, go, are taken out; hosts sleep, leave and are followed (`spec/sessions.md` S10 to S15, S29, S30)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from colloque.client.client import Client
from colloque.client.courier import Courier
from colloque.wire.codec import WireError
from tests.scenarios.world import PASSPHRASE, World, lines, notices, talk_of, texts, until


async def team(here: World, host: Client, guests: list[Client], name: str = "Équipe") -> bytes:
    for guest in guests:
        await here.pair(host, guest, guest.home.folder.name)
    conversation = host.convene(name, [guest.home.folder.name for guest in guests])
    for guest in guests:
        await joined(guest, conversation, len(guests))
    return conversation


async def joined(client: Client, conversation: bytes, others: int) -> None:
    def there() -> bool:
        talk = client.home.talks.load(conversation)
        peers = talk.conversation.peers if talk is not None else ()
        return talk is not None and talk.conversation.phase.value == "open" and len(peers) == others

    await until(client, there)


async def test_a_team_of_five(here: World) -> None:
    anne = await here.person("anne")
    guests = [await here.person(n) for n in ("bruno", "chloe", "david", "emma")]
    conversation = await team(here, anne, guests)
    everybody = [anne, *guests]
    for author in everybody:
        name = author.home.folder.name
        await author.send(conversation, text=f"bonjour de {name}")
        for reader in everybody:
            if reader is not author:
                assert await texts(reader, 1) == [f"bonjour de {name}"]
    views = [sorted(m.signature_key for m in talk_of(c, conversation).group.members()) for c in everybody]
    assert all(view == views[0] for view in views)


async def test_a_queue_is_made_before_it_is_offered(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """S15: otherwise the host's Welcome is refused by the relay, and lost."""
    anne, bruno = await here.person("anne"), await here.person("bruno")
    pair, real, held = await here.pair(anne, bruno, "bruno"), Courier.errands, True
    await bruno.settle(10)

    async def slow(courier: Courier, stop_reader: Callable[[bytes], None]) -> bool:
        return False if held and courier._home is bruno.home else await real(courier, stop_reader)

    monkeypatch.setattr(Courier, "errands", slow)
    conversation = anne.convene("Équipe", ["bruno"])
    await until(bruno, lambda: bool(bruno.home.queues.in_state("wanted")))
    for _ in range(3):
        assert bruno.home.outbox.encrypt(bruno.home.context(), pair) == 0
    assert bruno.home.database.one("SELECT count(*) FROM writing")[0] == 1
    held = False
    await joined(bruno, conversation, 1)
    await bruno.send(conversation, text="bonjour")
    assert await texts(anne, 1) == ["bonjour"]


async def test_taken_out_and_still_writing(here: World) -> None:
    anne = await here.person("anne")
    bruno, chloe, david = [await here.person(n) for n in ("bruno", "chloe", "david")]
    conversation = await team(here, anne, [bruno, chloe, david])
    before = chloe.home.talks.load(conversation)
    assert before is not None
    addresses = {p.key: p.address for p in before.conversation.peers}
    anne.remove(conversation, ["chloe"])
    await until(chloe, lambda: chloe.gatherings()[0].phase.value == "removed")
    await joined(bruno, conversation, 2)
    await joined(david, conversation, 2)
    await bruno.settle(10)
    await anne.settle(10)
    with pytest.raises(WireError):
        await chloe.send(conversation, text="x")
    # What she still holds of the others' queues opens nothing any more.
    from colloque.client.line import Line
    from colloque.client.relay.errors import NoQueue

    for client in (anne, bruno):
        address = addresses[client.home.identity.key]
        assert address is not None
        line = Line(address.relay, chloe._session)
        connection = await line.connection()
        with pytest.raises(NoQueue):
            await connection.send(address.write, bytes(16_384))
        await line.close()
    await david.send(conversation, text="among us")
    assert await texts(bruno, 1) == ["among us"]
    assert "among us" not in [e.text for e in lines(chloe, conversation)]


async def test_added_later_and_leaving(here: World) -> None:
    anne = await here.person("anne")
    bruno, chloe = await here.person("bruno"), await here.person("chloe")
    conversation = await team(here, anne, [bruno])
    await bruno.send(conversation, text="before")
    assert await texts(anne, 1) == ["before"]
    await here.pair(anne, chloe, "chloe")
    anne.add(conversation, ["chloe"])
    await joined(chloe, conversation, 2)
    await joined(bruno, conversation, 2)
    await chloe.send(conversation, text="here I am")
    assert await texts(bruno, 1) == ["here I am"]
    bruno.leave(conversation)
    await joined(chloe, conversation, 1)
    await anne.send(conversation, text="two of us")
    assert await texts(chloe, 1) == ["two of us"]
    assert [e.text for e in lines(chloe, conversation)] == ["here I am", "two of us"]
    anne.add(conversation, ["bruno"])
    await joined(bruno, conversation, 2)
    await bruno.send(conversation, text="back again")
    assert await texts(chloe, 1) == ["back again"]


async def test_the_host_sleeps_and_everybody_writes(here: World) -> None:
    home = await here.home("anne")
    bruno, chloe = await here.person("bruno"), await here.person("chloe")
    async with Client.open(home, passphrase=PASSPHRASE) as anne:
        conversation = await team(here, anne, [bruno, chloe])
        await anne.settle(10)
    for turn in range(5):
        await bruno.send(conversation, text=f"{turn}")
        assert await texts(chloe, 1) == [f"{turn}"]
    anne = await here.open(home)
    assert await texts(anne, 5) == ["0", "1", "2", "3", "4"]


async def test_the_second_host_carries_on(here: World) -> None:
    home = await here.home("anne")
    bruno, chloe, david = [await here.person(n) for n in ("bruno", "chloe", "david")]
    async with Client.open(home, passphrase=PASSPHRASE) as anne:
        conversation = await team(here, anne, [bruno, chloe, david])
        with pytest.raises(WireError, match="second host"):
            anne.leave(conversation)
        anne.name_second_host(conversation, "bruno")
        key = bruno.home.identity.key
        for guest in (bruno, chloe, david):
            await until(
                guest,
                lambda guest=guest: talk_of(guest, conversation).conversation.second_host == key,
            )
        await anne.settle(10)
    with pytest.raises(WireError):
        chloe.take_over(conversation)
    bruno.take_over(conversation)
    for guest in (chloe, david):
        await until(
            guest,
            lambda guest=guest: talk_of(guest, conversation).group.members()[0].signature_key == key,
        )
    for client in (bruno, chloe, david):
        await until(
            client,
            lambda client=client: len(talk_of(client, conversation).group.members()) == 3,
        )
    await chloe.send(conversation, text="to the new group")
    assert "to the new group" in await texts(bruno, 1)
    assert "to the new group" in await texts(david, 1)
    assert "host-changed" in await notices(chloe) or "host-changed" in [
        e.notice["what"] for e in chloe.home.messages.history(conversation) if e.notice
    ]
