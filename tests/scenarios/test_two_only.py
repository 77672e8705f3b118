"""A conversation of two stays one, and what one types for somebody goes on meaning them (`spec/sessions.md` S5, S8, S10)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from colloque.mls import api as mls
from colloque.protocol.session.greet import Host
from colloque.protocol.session.keys import key_package, new_queue, policy
from colloque.protocol.session.model import Context, Identity
from colloque.protocol.session.receive import Unreadable, receive
from colloque.protocol.session.roster import take_roster
from colloque.store.client.people import NotFound
from colloque.wire.codec import WireError
from colloque.wire.content.roster import Entry, Roster
from colloque.wire.links import Link
from colloque.wire.profile import Profile
from tests.scenarios.world import World, lines, notices, talk_of, texts, until


async def test_nobody_is_let_into_it(here: World) -> None:
    anne, bruno, chloe = [await here.person(n) for n in ("anne", "bruno", "chloe")]
    pair = await here.pair(anne, bruno, "bruno")
    await here.pair(anne, chloe, "chloe")
    with pytest.raises(WireError, match="two"):
        anne.add(pair, ["chloe"])
    with pytest.raises(WireError, match="two"):
        anne.remove(pair, ["bruno"])
    with pytest.raises(WireError, match="two"):
        anne.name_second_host(pair, "bruno")
    with pytest.raises(WireError, match="two"):
        bruno.take_over(pair)
    await anne.send(pair, text="Between us.")
    assert await texts(bruno, 1) == ["Between us."]
    assert not lines(chloe, chloe.contacts()[0].conversation)


async def test_a_host_that_lets_a_third_in_is_not_followed(here: World) -> None:
    """Whatever the host's program does: the reader refuses the roster and the commit, and stays where it was."""
    anne, bruno = await here.person("anne"), await here.person("bruno")
    pair = await here.pair(anne, bruno, "bruno")
    host, member, ctx = talk_of(anne, pair), talk_of(bruno, pair), anne.home.context()
    third = Context(Identity(b"t" * 32, Profile("Third"), here.relay.url, b""), ctx.now, ctx.random)
    package, _ = key_package(third)
    staged = host.group.with_policy(policy(anne.home.identity.key)).commit(
        ctx.random, ctx.seconds, add=[mls.KeyPackage.from_bytes(package.to_bytes())]
    )
    with pytest.raises(Unreadable):
        receive(bruno.home.context(), member, staged.message)
    queue = new_queue(third, here.relay.url, b"")
    others = tuple(
        Entry(key, Profile("Dr Somebody"), queue.offer.address(0), place)
        for place, key in enumerate((anne.home.identity.key, third.identity.key))
    )
    roster = Roster(member.conversation.revision + 1, "x", anne.home.identity.key, b"", bytes(32), others)
    with pytest.raises(WireError, match="two"):
        take_roster(bruno.home.context(), member, anne.home.identity.key, roster)
    take_roster(bruno.home.context(), member, anne.home.identity.key, replace(roster, entries=others[:1]))


async def test_a_stranger_does_not_take_a_name_that_means_somebody(here: World) -> None:
    anne, martin = await here.person("anne"), await here.person("martin", "Dr Bruno Martin")
    await here.pair(anne, martin, "Bruno Martin")
    meant = anne.find("bruno")
    card = await anne.card()
    stranger = await here.person("stranger", "Bruno")
    await stranger.accept(card.link, "Hello.")
    await until(anne, lambda: len(anne.contacts()) == 2)
    with pytest.raises(NotFound, match="more than one"):
        anne.find("bruno")
    with pytest.raises(NotFound, match="more than one"):
        await anne.send("Bruno", text="For Bruno Martin.")
    assert anne.find("Bruno Martin") == meant
    assert anne.find("bruno-2") != meant
    assert anne.find("martin") == meant
    assert "bruno" not in {contact.short for contact in anne.contacts()}


@pytest.mark.parametrize(
    "name", ["dr anne payet", "Dr  Anne  Payet", "Dr Аnne Payet", "PAYET Anne", "Anné Payet"]
)
async def test_names_that_look_alike_are_said_aloud(here: World, name: str) -> None:
    host, known = await here.person("host"), await here.person("known", "Dr Anne Payet")
    await here.pair(host, known, "Anne")
    other = await here.person("other", name)
    await other.accept((await host.card()).link)
    await until(host, lambda: len(host.contacts()) == 2)
    assert "same-name" in await notices(host)


async def test_who_comes_second_with_a_personal_link_is_told(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S5"""
    anne, bruno, late = [await here.person(n) for n in ("anne", "bruno", "late")]
    link = (await anne.invite("Bruno")).link
    looked = await late.look(link)
    await bruno.accept(link)
    await until(bruno, lambda: bruno.contacts()[0].phase.value == "open")
    await anne.settle(10)

    async def look(_text: str) -> tuple[Link, Host]:
        """As if it had looked before the link was used."""
        return looked

    monkeypatch.setattr(late, "look", look)
    await late.accept(link)
    await until(late, lambda: late.contacts()[0].phase.value == "removed")
    assert await notices(late) == ["link-used"]
    with pytest.raises(WireError):
        await late.send(late.contacts()[0].conversation, text="x")


async def test_a_public_card_followed_twice_is_one_conversation(here: World) -> None:
    anne, bruno = await here.person("anne"), await here.person("bruno")
    card = (await anne.card()).link
    first = await bruno.accept(card)
    await until(bruno, lambda: bruno.contacts()[0].phase.value == "open")
    assert await bruno.accept(card) == first
    assert len(bruno.contacts()) == 1
