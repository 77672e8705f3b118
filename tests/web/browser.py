"""A real Chromium, and a patient in it."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, async_playwright, expect

from colloque.client.client import Client
from colloque.desk import pages
from colloque.relay.pages import BUNDLE
from tests.scenarios.world import World, texts

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WAIT_MS = 20_000
PICTURES = os.environ.get("COLLOQUE_PICTURES")


def why_absent() -> str | None:
    """What is missing, in words; None where a browser's tests can run."""
    if not Path(CHROMIUM).exists():
        return "no Chromium here: `apt-get install chromium` (as root, `make test` does it)"
    if not all((folder / "index.html").exists() for folder in (BUNDLE, pages.FOLDER)):
        return "the pages are not built: `make web` (it wants npm)"
    return None


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        try:
            yield browser
        finally:
            await browser.close()


@dataclass
class Patient:
    """One browser context: a device of its own, with one tab open. `problems`: what its console complained of."""

    context: BrowserContext
    page: Page
    problems: list[str] = field(default_factory=list)

    @classmethod
    async def new(cls, browser: Browser, *, script: str = "", **options: Any) -> Patient:
        context = await browser.new_context(**{"locale": "fr-FR", **options})
        context.set_default_timeout(WAIT_MS)
        if script:
            await context.add_init_script(script)
        patient = cls(context, await context.new_page())
        patient.watch(patient.page)
        return patient

    def watch(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("console", self._heard)

    def _heard(self, said: ConsoleMessage) -> None:
        """Sender and sole reader both delete a document's chunks: whoever comes second finds none, which is no problem."""
        if said.type == "error" and not said.location["url"].endswith("/v1/chunks"):
            self.problems.append(said.text)

    async def open(self, link: str) -> Patient:
        await self.page.goto(link)
        return self

    async def accept(self, name: str = "Marie Hoarau", *, keep: bool = True, whom: str = "") -> Patient:
        """The tap."""
        page = self.page
        await page.get_by_label("Votre nom et prénom").fill(name)
        if whom:
            await page.get_by_label("J'écris pour un enfant ou un proche").check()
            await page.get_by_label("Nom et prénom de cette personne").fill(whom)
        if not keep:
            await page.get_by_label("Tout oublier à la fermeture").check()
        await page.get_by_role("button", name="Accepter et commencer").click()
        await expect(page.locator(".talk")).to_be_visible(timeout=WAIT_MS)
        return self

    async def write(self, words: str) -> None:
        await self.page.locator("#words").fill(words)
        await self.page.get_by_role("button", name="Envoyer").click()
        await expect(self.page.locator("#words")).to_have_value("")

    async def sees(self, words: str, state: str = "") -> None:
        """A line with these words is there, and has come so far, in the words of the page."""
        line = self.page.locator(".line", has_text=words)
        await expect(line).to_have_count(1, timeout=WAIT_MS)
        if state:
            await expect(line.locator(".state")).to_contain_text(re.compile(rf"· ({state})"), timeout=WAIT_MS)

    async def picture(self, name: str) -> None:
        """For people to look at, in both languages, at the width of a telephone and of a desk, where `COLLOQUE_PICTURES`
        names a folder."""
        if PICTURES is None:
            return
        page = self.page
        for language in ("en", "fr"):
            if await page.evaluate("document.documentElement.lang") != language:
                await page.locator(".language").click()
            for width, height in ((1280, 800), (360, 740)):
                await page.set_viewport_size({"width": width, "height": height})
                await page.wait_for_timeout(100)
                await page.screenshot(path=f"{PICTURES}/{name}-{language}-{width}.png", full_page=True)


async def acquainted(place: World, browser: Browser) -> tuple[Client, Patient]:
    """A practice, and a patient of hers who has written to it."""
    anne = await place.person("anne", "Dr Anne Payet")
    marie = await (await Patient.new(browser)).open((await anne.invite("Marie")).link)
    await marie.accept()
    await marie.write("Bonjour")
    assert await texts(anne, 1) == ["Bonjour"]
    return anne, marie
