"""The waiting room (`spec/calls.md` C2, C12, C13), and what people see of a call, for everybody (axe)."""

from __future__ import annotations

import asyncio

from playwright.async_api import Browser, expect

from colloque.client.client import Client
from colloque.store.client.signals import Heard
from colloque.wire.content.call.presence import Presence, There
from colloque.wire.content.call.word import Word
from tests.scenarios.world import World
from tests.web.browser import Patient
from tests.web.call.people import answer, gathered, in_line, ring
from tests.web.test_accessible import flaws


async def _heard(anne: Client, count: int, seconds: float = 10) -> list[Heard]:
    found: list[Heard] = []
    end = asyncio.get_running_loop().time() + seconds
    while len(found) < count and asyncio.get_running_loop().time() < end:
        found += await anne.calls.hear(0.2)
    return found


async def test_presence_stays_in_its_conversation_and_is_kept_nowhere(place: World, devices: Browser) -> None:
    anne = await place.person("anne", "Dr Anne Payet")
    patients = []
    for name in ("Marie", "Luc"):
        patient = await (await Patient.new(devices)).open((await anne.invite(name)).link)
        patients.append(await patient.accept(name))
    marie, luc = patients
    for patient in patients:
        await expect(patient.page.get_by_text("vous a ouvert la conversation")).to_be_visible(timeout=20_000)
    by_name = {contact.profile.name: contact for contact in anne.contacts()}
    hers = by_name["Marie"]
    anne.calls.signal(hers.conversation, Presence(There.WITH_SOMEONE), hers.key)
    await expect(marie.page.get_by_text("Le cabinet est avec quelqu'un")).to_be_visible(timeout=20_000)
    [told] = await _heard(anne, 1)
    assert (told.conversation, told.author) == (hers.conversation, hers.key)
    assert told.signal == Presence(There.HERE)
    anne.calls.signal(hers.conversation, Word(False, 10, "Je finis avec une urgence"), hers.key)
    await expect(
        marie.page.get_by_text("Encore 10 min environ. « Je finis avec une urgence »")
    ).to_be_visible(timeout=20_000)
    # A second patient sees nothing of the first one's, and says nothing.
    assert await luc.page.locator("[data-there]").count() == 0
    assert await _heard(anne, 1, 2) == []
    # C2: no history, no notice, no receipt; and nothing of it after a reload.
    assert await marie.page.locator(".line").count() == 0
    await marie.page.reload()
    await expect(marie.page.get_by_text("vous a ouvert la conversation")).to_be_visible()
    assert await marie.page.locator("[data-there]").count() == 0
    assert "urgence" not in await marie.page.content()
    assert not marie.problems


async def test_what_came_too_late_does_not_ring(place: World, devices: Browser) -> None:
    """C2: a call of an hour ago, waiting at the relay, is dropped, by the browser and by Python."""
    anne = await place.person("anne", "Dr Anne Payet")
    marie = await (await Patient.new(devices)).open((await anne.invite("Marie")).link)
    await marie.accept("Marie")
    await expect(marie.page.get_by_text("vous a ouvert la conversation")).to_be_visible(timeout=20_000)
    [contact] = anne.contacts()
    await anne.settle(10)
    await marie.page.close()
    ring(anne, contact.conversation)
    await anne.send(contact.conversation, text="Je vous ai appelée.")
    await anne.settle(10)
    marie.page = await marie.context.new_page()
    marie.watch(marie.page)
    await marie.page.add_init_script("const real = Date.now.bind(Date); Date.now = () => real() + 3600000")
    await marie.page.goto(f"{place.relay.url}/i")
    await marie.sees("Je vous ai appelée.")
    await marie.page.wait_for_timeout(1_000)
    assert await marie.page.locator(".call").count() == 0
    # Handed out as it comes, it rings, whatever the clocks say.
    ring(anne, contact.conversation)
    await expect(marie.page.get_by_role("heading", name="vous appelle")).to_be_visible(timeout=20_000)


async def test_every_state_of_a_call(place: World, devices: Browser) -> None:
    anne, conversation, (marie, luc) = await gathered(place, [devices], ["Marie", "Luc"])
    await marie.page.get_by_text("Réglages").click()
    await marie.page.get_by_role("button", name="Essayer caméra").click()
    await marie.page.get_by_text("Réglages").click()
    assert not await flaws(marie), "the device check"
    await marie.page.get_by_role("button", name="Passer").click()
    ring(anne, conversation, telephone="+262 2 62 00 00 00")
    await expect(marie.page.get_by_role("heading", name="vous appelle")).to_be_visible(timeout=20_000)
    assert not await flaws(marie), "somebody calls"
    await answer(marie)
    await answer(luc)
    await in_line(marie, "Luc")
    assert not await flaws(marie), "a call"
    await marie.picture("call-two")
    await marie.page.get_by_role("button", name="Raccrocher").click()
    assert not await flaws(marie), "a call that is over"
