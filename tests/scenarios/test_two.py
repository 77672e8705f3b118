"""Two professionals: the whole of the main road (`spec/sessions.md` S1 to S24)."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from colloque.client.client import Client
from colloque.client.saving import save_document
from colloque.wire.codec import WireError
from tests.scenarios.world import PASSPHRASE, World, lines, notices, talk_of, texts, until


async def test_link_text_and_pdf_across(here: World, tmp_path: Path) -> None:
    anne, bruno = await here.person("anne"), await here.person("bruno")
    conversation = await here.pair(anne, bruno, "Bruno")
    assert anne.safety_number(anne.contacts()[0]) == bruno.safety_number(bruno.contacts()[0])
    pdf = tmp_path / "compte rendu.pdf"
    pdf.write_bytes(os.urandom(3_000_000))
    sent = await anne.send("bruno", text="bonjour", files=[pdf])
    states = [e.state for e in await anne.wait_for(sent, "delivered", 20)]
    assert states == ["delivered", "delivered"]
    assert await texts(bruno, 2) == ["bonjour", "compte rendu.pdf"]
    entry = lines(bruno, conversation)[1]
    assert save_document(bruno.home, entry, tmp_path / "in").read_bytes() == pdf.read_bytes()
    answer = await bruno.send(conversation, text="merci")
    assert await texts(anne, 1) == ["merci"]
    assert (await bruno.wait_for(answer, "read", 20))[0].state == "read"


async def test_what_is_written_before_the_welcome_waits(here: World) -> None:
    home = await here.home("anne")
    async with Client.open(home, passphrase=PASSPHRASE) as anne:
        link = (await anne.invite("Bruno")).link
    bruno = await here.person("bruno")
    conversation = await bruno.accept(link, "first words")
    sent = await bruno.send(conversation, text="one")
    sent += await bruno.send(conversation, text="two")
    await asyncio.sleep(0.5)
    assert {e.state for e in await bruno.wait_for(sent, "accepted", 0.1)} == {"waiting"}
    anne = await here.open(home)
    assert await texts(anne, 3) == ["first words", "one", "two"]


async def test_public_card_serves_many_and_an_invitation_one(here: World) -> None:
    anne, bruno, chloe = [await here.person(n) for n in ("anne", "bruno", "chloe")]
    card = await anne.card()
    assert (await anne.card()).link == card.link
    for guest in (bruno, chloe):
        await guest.send(await guest.accept(card.link), text=guest.home.identity.profile.name)
    assert sorted(await texts(anne, 2)) == ["Dr Bruno", "Dr Chloe"]
    invited = await anne.invite()
    await here.pair(anne, bruno, "again")
    await bruno.accept(invited.link)
    await until(anne, lambda: anne.home.invitations.state(invited.id) == "used")
    await anne.settle(10)
    with pytest.raises(WireError, match="used already"):
        await chloe.accept(invited.link)
    with pytest.raises(WireError, match="your own"):
        await anne.accept(card.link)


async def test_retraction_and_the_same_key_twice(here: World) -> None:
    anne, bruno = await here.person("anne"), await here.person("bruno")
    conversation = await here.pair(anne, bruno, "Bruno")
    first = await anne.send("bruno", text="a result", key="lab-1")
    again = await anne.send("bruno", text="a result", key="lab-1")
    assert [e.id for e in first] == [e.id for e in again]
    assert await texts(bruno, 1) == ["a result"]
    anne.retract(first[0].id)
    await until(bruno, lambda: lines(bruno, conversation)[0].state == "retracted")
    assert lines(bruno, conversation)[0].text == ""
    assert "retracted" in await notices(bruno)
    with pytest.raises(WireError):
        bruno.retract(first[0].id)


async def test_a_thousand_messages_to_somebody_away(here: World) -> None:
    home = await here.home("bruno")
    anne = await here.person("anne")
    async with Client.open(home, passphrase=PASSPHRASE) as bruno:
        await here.pair(anne, bruno, "Bruno")
    count = 1_000
    with anne.home.database.transaction():
        for n in range(count):
            sent = await anne.send("bruno", text=f"number {n}")
    assert (await anne.wait_for(sent, "accepted", 120))[0].state == "accepted"
    bruno = await here.open(home)
    assert await texts(bruno, count, 60) == [f"number {n}" for n in range(count)]


async def test_keys_are_renewed_and_mail_goes_on(here: World) -> None:
    anne, bruno = await here.person("anne"), await here.person("bruno")
    conversation = await here.pair(anne, bruno, "Bruno")
    for turn in range(3):
        epoch = talk_of(bruno, conversation).group.epoch
        bruno.renew(conversation)
        anne.renew(conversation)
        await until(
            bruno,
            lambda epoch=epoch: talk_of(bruno, conversation).group.epoch >= epoch + 2,
        )
        await anne.send("bruno", text=f"{turn} from anne")
        await bruno.send(conversation, text=f"{turn} from bruno")
        assert await texts(bruno, 1) == [f"{turn} from anne"]
        assert await texts(anne, 1) == [f"{turn} from bruno"]
    assert "unreadable" not in await notices(anne) + await notices(bruno)


async def test_leaving_ends_a_conversation_of_two(here: World) -> None:
    anne, bruno = await here.person("anne"), await here.person("bruno")
    conversation = await here.pair(anne, bruno, "Bruno")
    bruno.leave(conversation)
    await until(anne, lambda: anne.contacts()[0].phase.value == "left")
    with pytest.raises(WireError, match="over"):
        await bruno.send(conversation, text="x")


async def test_two_programs_on_one_home(here: World) -> None:
    home = await here.home("anne")
    bruno = await here.person("bruno")
    first, second = await here.open(home), await here.open(home)
    conversation = await here.pair(first, bruno, "Bruno")
    sent = await second.send("bruno", text="from the second program")
    assert (await second.wait_for(sent, "delivered", 20))[0].state == "delivered"
    await bruno.send(conversation, text="to whichever")
    await until(second, lambda: any(e.text == "to whichever" for e in lines(second, conversation)))
    shown = [e.text async for e in first.receive(1)] + [e.text async for e in second.receive(1)]
    assert shown.count("to whichever") == 1
