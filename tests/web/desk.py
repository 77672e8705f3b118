"""A practitioner at the desk's own page, in a real Chromium, with a real desk behind it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from playwright.async_api import Browser, Page, ViewportSize, expect

from colloque.client.client import Client
from colloque.desk.server import DeskServer
from tests.scenarios.world import PASSPHRASE, World
from tests.web.browser import PICTURES, WAIT_MS, Patient

DESK: ViewportSize = {"width": 1280, "height": 800}
TELEPHONE: ViewportSize = {"width": 360, "height": 740}


@dataclass
class AtDesk(Patient):
    """A browser that has entered; `problems` as with a patient."""

    server: DeskServer | None = None

    @classmethod
    async def at(cls, browser: Browser, server: DeskServer, **options: Any) -> AtDesk:
        found = await cls.new(browser, **options)
        assert isinstance(found, AtDesk)
        found.server = server
        await found.page.goto(server.gate.address)
        return found

    async def begin(self, relay: str, name: str = "Dr Anne Payet", profession: str = "Médecin") -> AtDesk:
        """The first start, as people do it, until the open desk."""
        page = self.page
        await page.get_by_label("Nom affiché").fill(name)
        await page.get_by_label("Profession").fill(profession)
        await page.get_by_role("button", name="Continuer").click()
        await page.get_by_label("Adresse du relais").fill(relay)
        await page.get_by_role("button", name="Continuer").click()
        await page.get_by_label("Phrase secrète").fill(PASSPHRASE)
        await page.get_by_label("La même, une seconde fois").fill(PASSPHRASE)
        await page.get_by_role("button", name="Créer mon poste").click()
        await page.get_by_label("Je l'ai imprimée").check()
        await page.get_by_role("button", name="Ouvrir mon poste").click()
        await expect(page.locator(".desk")).to_be_visible()
        return self

    async def unlock(self, passphrase: str = PASSPHRASE) -> None:
        await self.page.locator("#passphrase").fill(passphrase)
        await self.page.get_by_role("button", name="Ouvrir").click()

    async def invite(self, name: str = "Marie") -> str:
        """A link, made on the page."""
        page = self.page
        await page.get_by_role("button", name="Inviter", exact=True).click()
        await page.get_by_label("Pour qui").fill(name)
        await page.get_by_role("button", name="Créer le lien").click()
        return await page.get_by_label("Le lien", exact=True).input_value()

    async def choose(self, name: str) -> None:
        """Opens a conversation from the inbox."""
        await self.page.locator(".side .inbox-line", has_text=name).first.click()
        await expect(self.page.locator(".talk h1")).to_have_text(name)

    async def picture(self, name: str) -> None:
        """As for a patient, at the sizes of a telephone and of a desk."""
        if PICTURES is None:
            return
        page = self.page
        for language in ("en", "fr"):
            # Where only one side is seen, the other language is at the inbox.
            await page.set_viewport_size(DESK)
            if await page.evaluate("document.documentElement.lang") != language:
                await page.locator(".language").click()
            for size in (DESK, TELEPHONE):
                await page.set_viewport_size(size)
                await page.wait_for_timeout(150)
                await page.screenshot(path=f"{PICTURES}/desk-{name}-{language}-{size['width']}.png")
        await page.set_viewport_size(DESK)
        await page.wait_for_timeout(150)

    @property
    def client(self) -> Client:
        assert self.server is not None
        return self.server.desk.client

    async def patient(self, browser: Browser, name: str = "Marie Hoarau", words: str = "Bonjour") -> Patient:
        """Somebody in another browser who followed the desk's link and wrote something; their conversation is named `name`."""
        marie = await (await Patient.new(browser)).open((await self.client.invite(name)).link)
        await marie.accept(name)
        await marie.write(words)
        await inbox_line(self.page, name, words)
        return marie


@asynccontextmanager
async def at_desk(place: World, browser: Browser, **options: Any) -> AsyncIterator[AtDesk]:
    """A desk that is open already, and its page."""
    home = await place.home("desk", "Dr Anne Payet")
    async with DeskServer(home) as server:
        await server.desk.unlock(PASSPHRASE)
        anne = await AtDesk.at(browser, server, **options)
        await expect(anne.page.locator(".desk")).to_be_visible()
        yield anne


async def inbox_line(page: Page, name: str, words: str) -> None:
    await expect(page.locator(".side .inbox-line", has_text=name).first).to_contain_text(
        words, timeout=WAIT_MS
    )


async def becomes(page: Page, expression: str) -> None:
    """Until it is true; asked from outside, since the page's own policy lets nothing be evaluated in it."""
    for _ in range(WAIT_MS // 100):
        if await page.evaluate(expression):
            return
        await page.wait_for_timeout(100)
    raise AssertionError(expression)
