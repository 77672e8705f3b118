"""The desk's pages: axe finds nothing on any page and state, a keyboard is enough, and nothing private is told outside them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from colloque.cli.sample_pdf import sample_pdf
from colloque.desk.server import DeskServer
from tests.scenarios.world import PASSPHRASE, World, texts
from tests.web.browser import Patient
from tests.web.desk import AtDesk, at_desk, becomes, inbox_line
from tests.web.test_accessible import AXE, flaws
from tests.web.test_documents import PICTURE

pytestmark = pytest.mark.skipif(
    not AXE.exists() and not os.environ.get("CI"), reason="axe is not here: `make web` (it wants npm)"
)


async def clean(anne: AtDesk, what: str) -> None:
    assert not await flaws(anne), what
    await anne.page.set_viewport_size({"width": 1280, "height": 800})
    if await anne.page.evaluate("document.documentElement.lang") != "fr":
        await anne.page.locator(".language").click()


async def test_every_opening_state(place: World, browser: Browser) -> None:
    async with DeskServer(place.folder / "desk") as server:
        anne = await AtDesk.at(browser, server)
        page = anne.page
        await page.get_by_role("button", name="J'ai une sauvegarde").click()
        await clean(anne, "restoring")
        await page.get_by_role("button", name="Retour").click()
        await page.get_by_role("button", name="Continuer").click()
        await clean(anne, "who, with a problem")
        await page.get_by_label("Nom affiché").fill("Dr Anne Payet")
        await page.get_by_role("button", name="Continuer").click()
        await clean(anne, "relay")
        await page.get_by_label("Adresse du relais").fill(place.relay.url)
        await page.get_by_role("button", name="Continuer").click()
        await clean(anne, "passphrase")
        await page.get_by_label("Phrase secrète").fill(PASSPHRASE)
        await page.get_by_label("La même, une seconde fois").fill(PASSPHRASE)
        await page.get_by_role("button", name="Créer mon poste").click()
        await page.get_by_label("Je l'ai imprimée").check()
        await clean(anne, "sheet")
        await page.get_by_role("button", name="Ouvrir mon poste").click()
        await clean(anne, "an empty inbox")
        await page.get_by_role("button", name="Verrouiller").click()
        await clean(anne, "locked")
        await page.get_by_role("button", name="Phrase secrète oubliée").click()
        await clean(anne, "forgotten")
    await expect(page.get_by_role("heading", name="Le programme ne répond pas")).to_be_visible()
    await clean(anne, "unreached")


async def test_every_open_state(place: World, browser: Browser, tmp_path: Path) -> None:
    async with at_desk(place, browser) as anne:
        marie = await anne.patient(browser, words="Bonjour, " + "très" * 40)
        await anne.patient(browser, "Jean Técher")
        other = await (await Patient.new(browser)).open((await anne.client.card()).link)
        await other.accept("Marie Hoarau")
        photo, report = tmp_path / "peau.png", tmp_path / ("compte-rendu-" * 9 + ".pdf")
        photo.write_bytes(PICTURE)
        report.write_bytes(sample_pdf(9_000, "Tout va bien"))
        await marie.page.get_by_label("Joindre un fichier").set_input_files([photo, report])
        page = anne.page
        await expect(page.get_by_role("button", name="1 personne demande")).to_be_visible(timeout=20_000)
        await clean(anne, "the inbox")
        await page.get_by_role("button", name="1 personne demande").click()
        await page.get_by_role("button", name="Bloquer").click()
        await clean(anne, "newcomers, and a question")
        await page.get_by_role("button", name="Oui", exact=True).click()
        await clean(anne, "blocked")
        await anne.choose("Marie Hoarau")
        await anne.write("Bonjour Marie")
        await anne.sees(report.name)
        await page.get_by_role("button", name="Retirer").first.click()
        await clean(anne, "a conversation, and a question")
        await page.get_by_role("button", name="Personnes", exact=True).click()
        await page.get_by_role("button", name="Vérifier l'identité").click()
        await page.locator(".number").wait_for()
        await clean(anne, "people, with a safety number")
        await page.locator(".tools").get_by_role("button", name="Chercher").click()
        await page.locator("#here").fill("bonjour")
        await page.locator("#search").fill("hoarau")
        await page.locator(".drawer .inbox-line").first.wait_for()
        await clean(anne, "searching, twice")
        await page.locator(".drawer .inbox-line").last.click()
        await page.locator(".sought").wait_for()
        await clean(anne, "found")
        await page.locator("#search").fill("")
        await page.get_by_role("button", name="Réunir plusieurs personnes").click()
        await clean(anne, "bringing together")
        home = anne.client.home
        await anne.client.settle(5)
        home.database.execute(
            "UPDATE message SET state = 'accepted', sent_at = sent_at - 50 * 3600000 WHERE author IS NULL"
        )
        await page.get_by_role("button", name="1 message n'a pas").click(timeout=20_000)
        await clean(anne, "an alarm")
        await page.get_by_role("button", name="Inviter", exact=True).click()
        await page.get_by_role("button", name="Montrer mon lien public").click()
        await page.locator("img.qr").wait_for()
        await clean(anne, "inviting")
        await page.get_by_role("button", name="Créer le lien").click()
        await page.get_by_label("Texte du SMS", exact=True).wait_for()
        await clean(anne, "invited")
        await page.get_by_role("button", name="Réglages").click()
        await clean(anne, "settings")


FOCUSED = """(() => {
  const one = document.activeElement;
  return one === document.body ? "" : (one.labels?.[0]?.innerText ?? one.innerText);
})()"""
"""What a screen reader calls what has the focus."""


async def test_by_the_keyboard_alone(place: World, browser: Browser) -> None:
    """From the lock screen to a sent message, a retraction and a lock, without a pointer."""
    home = await place.home("desk", "Dr Anne Payet")
    async with DeskServer(home) as server:
        anne = await AtDesk.at(browser, server)
        page, keys = anne.page, anne.page.keyboard
        await expect(page.locator("#passphrase")).to_be_focused()
        await keys.type(PASSPHRASE)
        await keys.press("Enter")
        await expect(page.locator(".desk")).to_be_visible()
        bruno = await place.person("bruno", "Dr Bruno Técher")
        await bruno.accept((await anne.client.invite("Bruno")).link, "Bonjour")
        await inbox_line(page, "Bruno", "Bonjour")

        async def tab_to(name: str, step: str = "Tab") -> None:
            for _ in range(40):
                await keys.press(step)
                if name in await page.evaluate(FOCUSED):
                    # Whoever uses keys alone has to see where they are.
                    outline = "getComputedStyle(document.activeElement).outlineStyle"
                    assert await page.evaluate(outline) == "solid"
                    return
            raise AssertionError(f"{name} is not reached")

        await tab_to("Bruno")
        await keys.press("Enter")
        await expect(page.locator(".talk h1")).to_be_focused()
        await tab_to("Écrire à")
        await keys.type("Sans souris")
        await keys.press("Control+Enter")
        assert await texts(bruno, 1) == ["Sans souris"]
        await expect(page.locator("#words")).to_be_focused()
        await tab_to("Retirer", "Shift+Tab")
        await keys.press("Enter")
        await tab_to("Oui")
        await keys.press("Enter")
        await expect(page.locator(".line", has_text="message retiré")).to_be_visible()
        await tab_to("Aller au contenu")
        await keys.press("Enter")
        await expect(page.locator("#main")).to_be_focused()
        await tab_to("Verrouiller", "Shift+Tab")
        await keys.press("Enter")
        await expect(page.get_by_role("heading", name="Poste verrouillé")).to_be_visible()


NOTED = """
globalThis.noted = [];
globalThis.Notification = class {
  static permission = "default";
  static async requestPermission() { return (this.permission = "granted"); }
  constructor(title, options) { noted.push(title + " | " + options.body + " | " + Object.keys(options).join()); }
  close() {}
};
"""
"""A browser without a screen shows no notification: what the page would have shown is written down instead."""


async def test_notifications_and_the_title_say_only_that_something_came(
    place: World, browser: Browser
) -> None:
    async with at_desk(place, browser, script=NOTED) as anne:
        marie = await anne.patient(browser, words="Mes résultats")
        page = anne.page
        assert await page.evaluate("noted") == [], "nobody has asked for it"
        await page.get_by_role("button", name="Réglages").click()
        await page.get_by_role("button", name="Prévenir").click()
        await expect(page.get_by_text("Les annonces sont actives.")).to_be_visible()
        await page.evaluate("Object.defineProperty(document, 'hasFocus', {value: () => false})")
        await marie.write("Et autre chose")
        await becomes(page, "noted.length === 1")
        assert await page.evaluate("noted") == ["Colloque | Quelque chose est arrivé. | body,tag"]
        await expect(page).to_have_title("(2) Colloque")
        await page.get_by_role("button", name="Verrouiller").click()
        await marie.write("Encore")
        await becomes(page, "noted.length === 2")
        assert set(await page.evaluate("noted")) == {"Colloque | Quelque chose est arrivé. | body,tag"}
