"""A tab that is brought back as it was, a lost answer, and what is left of a page that was told to forget (S5, S18, S32)."""

from __future__ import annotations

import asyncio
import re

from playwright.async_api import Browser, WebSocketRoute, expect

from colloque.client.client import Client
from tests.scenarios.world import PASSPHRASE, World, texts, until
from tests.web.browser import Patient

_SEND, _MESSAGE = 4, 0


async def forget(patient: Patient) -> None:
    await patient.page.get_by_text("Réglages").click()
    await patient.page.get_by_role("button", name="Tout effacer de cet appareil").click()
    await patient.page.get_by_role("button", name="Oui").click()
    await expect(patient.page.get_by_role("heading", name="Tout est effacé")).to_be_visible()


async def test_a_tab_brought_back_uses_no_key_twice(place: World, browser: Browser) -> None:
    """S32: the relay cannot tell, since nothing was read meanwhile; the page does."""
    home = await place.home("anne", "Dr Anne Payet")
    async with Client.open(home, passphrase=PASSPHRASE) as anne:
        marie = await (await Patient.new(browser)).open((await anne.invite("Marie")).link)
        await marie.accept(keep=False)
        await marie.write("Un")
        assert await texts(anne, 1) == ["Un"]
        await marie.sees("Un", "remis|lu")
        await anne.settle(10)
        [contact] = anne.contacts()
        await marie.page.goto(f"{place.relay.url}/")
        kept = await marie.page.evaluate("({...sessionStorage})")
    # Nobody answers while this is sent.
    await marie.page.goto(f"{place.relay.url}/i")
    await marie.write("Deux")
    await marie.sees("Deux", "envoyé")
    await marie.page.goto(f"{place.relay.url}/")
    await marie.page.evaluate(
        "(kept) => { sessionStorage.clear(); Object.assign(sessionStorage, kept); }", kept
    )
    await marie.page.goto(f"{place.relay.url}/i")
    await expect(marie.page.get_by_text("Cette page a perdu ses clés")).to_be_visible(timeout=20_000)
    await marie.write("Trois")
    back = await place.open(home)
    assert await texts(back, 1) == ["Deux"]
    await until(back, lambda: back.contacts()[0].phase.value == "returning")
    back.let_back(contact.conversation)
    assert await texts(back, 1) == ["Trois"]


async def test_a_tab_that_is_not_behind_goes_on(place: World, browser: Browser) -> None:
    """Also where the page died between the two places in which it counts."""
    anne = await place.person("anne", "Dr Anne Payet")
    marie = await (await Patient.new(browser)).open((await anne.invite("Marie")).link)
    await marie.accept(keep=False)
    await marie.write("Un")
    assert await texts(anne, 1) == ["Un"]
    for words in ("Deux", "Trois"):
        await marie.page.reload()
        await marie.write(words)
        assert await texts(anne, 1) == [words]
    assert await marie.page.get_by_text("Cette page a perdu ses clés").count() == 0


async def test_the_answer_to_a_hello_is_lost_and_the_welcome_is_late(place: World, browser: Browser) -> None:
    """S5: the link is used up by this very hello; nobody is told that it was somebody else."""
    anne = await place.person("anne", "Dr Anne Payet")
    patient = await Patient.new(browser)
    lines: list[WebSocketRoute] = []
    heard, sent_again = {"way": "deaf"}, asyncio.Event()

    def through(page: WebSocketRoute) -> None:
        relay, deaf = page.connect_to_server(), False
        lines.append(page)

        def to_relay(frame: str | bytes) -> None:
            nonlocal deaf
            assert isinstance(frame, bytes)
            if frame[4] == _SEND:
                deaf = deaf or heard["way"] == "deaf"
                if heard["way"] == "no mail":
                    sent_again.set()
            relay.send(frame)

        def to_page(frame: str | bytes) -> None:
            # First nothing that comes after a hello; then everything but what the queue hands out.
            assert isinstance(frame, bytes)
            if not deaf and (heard["way"] == "open" or int.from_bytes(frame[:4], "big") != _MESSAGE):
                page.send(frame)

        page.on_message(to_relay)
        relay.on_message(to_page)

    await patient.context.route_web_socket(re.compile("/v1/live"), through)
    await patient.open((await anne.invite("Marie")).link)
    await patient.accept()
    await until(anne, lambda: len(anne.contacts()) == 1)
    await anne.settle(10)
    heard["way"] = "no mail"
    await lines[-1].close()
    await asyncio.wait_for(sent_again.wait(), 20)
    await patient.page.wait_for_timeout(1_000)
    assert await patient.page.get_by_text("Ce lien a déjà servi").count() == 0
    heard["way"] = "open"
    await lines[-1].close()
    await expect(patient.page.get_by_text("vous a ouvert la conversation")).to_be_visible(timeout=20_000)
    await patient.write("C'est moi")
    assert await texts(anne, 1) == ["C'est moi"]


async def test_after_forgetting_the_same_tab_may_begin_anew(place: World, browser: Browser) -> None:
    anne = await place.person("anne", "Dr Anne Payet")
    for keep in (True, False):
        marie = await (await Patient.new(browser)).open((await anne.invite("Marie")).link)
        await marie.accept(keep=keep)
        await forget(marie)
        # The same document: only what follows the # of its address differs.
        await marie.page.evaluate("(link) => { location.href = link; }", (await anne.invite("Marie")).link)
        await marie.accept("Marie de retour", keep=keep)
        await marie.write("De retour")
        assert "De retour" in await texts(anne, 1)
        assert not marie.problems


async def test_forgetting_does_not_wait_for_another_tab(place: World, browser: Browser) -> None:
    """One tab that forgets when it is closed, one that keeps; the second is told to forget."""
    anne = await place.person("anne", "Dr Anne Payet")
    one = await (await Patient.new(browser)).open((await anne.invite("Un")).link)
    await one.accept("Un", keep=False)
    two = Patient(one.context, await one.context.new_page())
    await two.open((await anne.invite("Deux")).link)
    await two.accept("Deux", keep=True)
    await two.write("De l'autre onglet")
    assert await texts(anne, 1) == ["De l'autre onglet"]
    await forget(two)
    await two.page.reload()
    await expect(two.page.get_by_role("heading", name="Il n'y a rien ici")).to_be_visible()
    await one.page.reload()
    await one.write("Toujours là")
    assert await texts(anne, 1) == ["Toujours là"]


async def test_what_cannot_be_read_is_said(place: World, browser: Browser) -> None:
    anne = await place.person("anne", "Dr Anne Payet")
    marie = await (await Patient.new(browser)).open((await anne.invite("Marie")).link)
    await marie.accept()
    await marie.page.goto(f"{place.relay.url}/")
    await marie.page.evaluate(
        """() => new Promise((resolve) => {
          const open = indexedDB.open("colloque");
          open.onsuccess = () => {
            const change = open.result.transaction("records", "readwrite");
            change.objectStore("records").put(new Uint8Array(40), "talk/damaged");
            change.oncomplete = () => { open.result.close(); resolve(); };
          };
        })"""
    )
    await marie.page.goto(f"{place.relay.url}/i")
    await expect(marie.page.get_by_role("heading", name="n'ont pas pu être ouverts")).to_be_visible()
    await marie.picture("broken")
    await marie.page.get_by_role("button", name="Tout effacer de cet appareil").click()
    await marie.page.get_by_role("button", name="Oui").click()
    await expect(marie.page.get_by_role("heading", name="Tout est effacé")).to_be_visible()
    await marie.open((await anne.invite("Marie")).link)
    await marie.accept()
