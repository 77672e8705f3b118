"""A browser's end among Python's: asked into a conversation of several, and what befalls it there (S10 to S15, S30, S33, S36)."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import Browser, expect

from colloque.client.client import Client
from tests.scenarios.test_return import restore
from tests.scenarios.test_several import joined
from tests.scenarios.world import PASSPHRASE, World, talk_of, texts, until
from tests.web.browser import Patient


async def opened(anne: Client, browser: Browser) -> Patient:
    """A patient whose conversation with Anne is open, with one word each way."""
    marie = await (await Patient.new(browser)).open((await anne.invite("marie")).link)
    await marie.accept()
    await marie.write("Bonjour")
    assert await texts(anne, 1) == ["Bonjour"]
    await marie.sees("Bonjour", "remis|lu")
    return marie


async def test_a_patient_is_asked_in_writes_and_is_taken_out(place: World, browser: Browser) -> None:
    anne, bruno = await place.person("anne", "Dr Anne Payet"), await place.person("bruno", "Dr Bruno Técher")
    await place.pair(anne, bruno, "bruno")
    marie = await opened(anne, browser)
    conversation = anne.convene("Genou de Marie", ["bruno", "marie"])
    await joined(bruno, conversation, 2)
    await until(anne, lambda: len(talk_of(anne, conversation).group.members()) == 3)
    await marie.page.get_by_role("button", name="Retour").click()
    await marie.page.get_by_role("button", name="Genou de Marie").click()
    await expect(marie.page.locator("#words")).to_be_visible()
    await marie.write("Bonjour à vous deux")
    for reader in (anne, bruno):
        assert await texts(reader, 1) == ["Bonjour à vous deux"]
    await bruno.send(conversation, text="Pliez-vous le genou ?")
    await marie.sees("Pliez-vous le genou ?")
    assert await texts(anne, 1) == ["Pliez-vous le genou ?"]
    # S14: known by the author of each line, as MLS has it.
    line = marie.page.locator(".line", has_text="Pliez-vous")
    await expect(line.get_by_role("heading")).to_have_text("Dr Bruno Técher")
    await marie.sees("Bonjour à vous deux", "remis|lu")
    await marie.picture("several")
    anne.remove(conversation, ["marie"])
    await expect(marie.page.get_by_text("Cette conversation est terminée")).to_be_visible(timeout=20_000)
    await anne.send(conversation, text="Entre nous")
    assert "Entre nous" in await texts(bruno, 1)
    assert "Entre nous" not in await marie.page.content()
    # S15: asked in again, by a host who was there then.
    anne.add(conversation, ["marie"])
    await expect(marie.page.locator("#words")).to_be_visible(timeout=20_000)
    await marie.write("Me revoilà")
    for reader in (anne, bruno):
        assert await texts(reader, 1) == ["Me revoilà"]
    await bruno.send(conversation, text="Bienvenue")
    await marie.sees("Bienvenue")
    assert "Entre nous" not in await marie.page.content()
    assert not marie.problems


async def test_a_host_blocks_a_patient_and_takes_that_back(place: World, browser: Browser) -> None:
    """S36: what was refused meanwhile is sent again, to the address of the new roster."""
    anne = await place.person("anne", "Dr Anne Payet")
    marie = await opened(anne, browser)
    await anne.settle(10)
    anne.block(anne.contacts()[0], True)
    await anne.settle(10)
    await marie.write("Êtes-vous là ?")
    await marie.sees("Êtes-vous là ?", "non remis")
    await marie.picture("not-delivered")
    anne.block(anne.contacts()[0], False)
    assert await texts(anne, 1) == ["Êtes-vous là ?"]
    await marie.sees("Êtes-vous là ?", "remis|lu")
    await marie.write("Merci")
    assert await texts(anne, 1) == ["Merci"]
    assert not marie.problems


async def test_fresh_keys_of_host_and_member(place: World, browser: Browser) -> None:
    """S25, S26: a commit with a path; a wish with a fresh key package, a Welcome, and words on both sides of it."""
    anne = await place.person("anne", "Dr Anne Payet")
    marie = await opened(anne, browser)
    [contact] = anne.contacts()
    before = talk_of(anne, contact.conversation).group.epoch
    anne.renew(contact.conversation)
    await anne.send(contact.conversation, text="Après le renouvellement")
    await marie.sees("Après le renouvellement")
    assert talk_of(anne, contact.conversation).group.epoch > before
    await anne.settle(10)
    await marie.page.close()
    # A week later by the browser's clock: as far as clocks may be apart (S28).
    marie.page = await marie.context.new_page()
    marie.watch(marie.page)
    await marie.page.add_init_script(
        f"const real = Date.now.bind(Date); Date.now = () => real() + {7 * 86_400_000}"
    )
    epoch = talk_of(anne, contact.conversation).group.epoch
    await marie.page.goto(f"{place.relay.url}/i")
    await until(anne, lambda: talk_of(anne, contact.conversation).group.epoch > epoch)
    await anne.send(contact.conversation, text="Avec vos nouvelles clés")
    await marie.sees("Avec vos nouvelles clés")
    await marie.write("Bien lu")
    assert await texts(anne, 1) == ["Bien lu"]
    assert await marie.page.get_by_text("n'a pas pu être lu").count() == 0
    assert not marie.problems


async def test_a_practice_that_lost_its_computer_comes_back(
    place: World, browser: Browser, tmp_path: Path
) -> None:
    """S33, S34: a human says yes; what was not delivered is sent again."""
    home = await place.home("anne", "Dr Anne Payet")
    async with Client.open(home, passphrase=PASSPHRASE) as anne:
        marie = await opened(anne, browser)
        await anne.settle(10)
        anne.home.backup(tmp_path / "backup", PASSPHRASE)
    await marie.write("Êtes-vous là ?")
    await marie.sees("Êtes-vous là ?", "envoyé")
    back = await place.open(restore(tmp_path / "new", tmp_path / "backup"))
    await expect(marie.page.get_by_text("Le cabinet a remplacé son ordinateur")).to_be_visible(timeout=20_000)
    await marie.picture("returning")
    await marie.page.get_by_role("button", name="Oui, reprendre").click()
    await until(back, lambda: back.contacts()[0].phase.value == "open")
    assert await texts(back, 1) == ["Êtes-vous là ?"]
    [contact] = back.contacts()
    await back.send(contact.conversation, text="De retour")
    await marie.sees("De retour")
    await marie.sees("Êtes-vous là ?", "remis|lu")


async def test_a_browser_put_back_to_an_earlier_state_asks_to_come_back(
    place: World, browser: Browser
) -> None:
    """S32: the relay says that it confirmed further than it remembers."""
    anne = await place.person("anne", "Dr Anne Payet")
    marie = await opened(anne, browser)
    [contact] = anne.contacts()
    await anne.settle(10)
    kept = await marie.page.evaluate(_COPY)
    await anne.send(contact.conversation, text="Vu avant le retour en arrière")
    await marie.sees("Vu avant le retour en arrière", "")
    await anne.settle(10)
    await marie.page.goto("about:blank")
    await marie.page.goto(f"{place.relay.url}/")
    await marie.page.evaluate(_PUT_BACK, kept)
    await marie.page.goto(f"{place.relay.url}/i")
    await expect(marie.page.get_by_text("Cette page a perdu ses clés")).to_be_visible(timeout=20_000)
    await marie.picture("lost")
    await until(anne, lambda: anne.contacts()[0].phase.value == "returning")
    anne.let_back(contact.conversation)
    await expect(marie.page.get_by_text("La conversation reprend")).to_be_visible(timeout=20_000)
    await marie.write("Me revoilà")
    assert await texts(anne, 1) == ["Me revoilà"]


_COPY = """() => new Promise((resolve) => {
  const open = indexedDB.open("colloque");
  open.onsuccess = () => {
    const store = open.result.transaction("records").objectStore("records");
    const [names, values] = [store.getAllKeys(), store.getAll()];
    values.onsuccess = () => resolve(names.result.map((name, at) => [name, [...values.result[at]]]));
  };
})"""
_PUT_BACK = """(kept) => new Promise((resolve) => {
  const open = indexedDB.open("colloque");
  open.onsuccess = () => {
    const change = open.result.transaction("records", "readwrite");
    change.objectStore("records").clear();
    for (const [name, value] of kept) change.objectStore("records").put(Uint8Array.from(value), name);
    change.oncomplete = () => { open.result.close(); resolve(); };
  };
})"""
