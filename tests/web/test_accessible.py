"""axe finds nothing, on every page and state, in both languages, at 320 points and at 1280, in light and in dark."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, expect

from tests.scenarios.world import World, texts
from tests.web.browser import Patient

AXE = Path(__file__).resolve().parents[2] / "web/node_modules/axe-core/axe.min.js"
OPTIONS = "{runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']}"

pytestmark = pytest.mark.skipif(
    not AXE.exists() and not os.environ.get("CI"), reason="axe is not here: `make web` (it wants npm)"
)


async def flaws(patient: Patient) -> list[Any]:
    """What axe finds, in both languages, two widths and both colour schemes; and what is wider than a small telephone."""
    page, found = patient.page, []
    await page.evaluate(AXE.read_text(encoding="utf-8"))
    for width, scheme in ((320, "light"), (1280, "dark"), (1280, "light"), (320, "dark")):
        await page.set_viewport_size({"width": width, "height": 640})
        await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        if await page.locator(".language").is_visible():
            await page.locator(".language").click()
        await page.wait_for_timeout(100)
        result = await page.evaluate(f"axe.run(document, {OPTIONS})")
        found += [(v["id"], v["help"], [n["html"][:200] for n in v["nodes"]]) for v in result["violations"]]
        if await page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append(("wider than the screen", str(width), []))
        if await page.evaluate(
            "!!document.querySelector('.talk') && document.documentElement.scrollHeight > innerHeight"
        ):
            found.append(("the conversation scrolls, and the page around it too", str(width), []))
    return found


async def test_every_state(place: World, browser: Browser, tmp_path: Path) -> None:
    anne = await place.person("anne", "Dr Anne Payet")
    link = (await anne.invite("Marie")).link
    marie = await (await Patient.new(browser)).open(link)
    await marie.page.get_by_label("Votre nom et prénom").wait_for()
    await marie.page.get_by_label("J'écris pour un enfant").check()
    await marie.page.get_by_role("button", name="Accepter").click()
    assert not await flaws(marie), "the opening, with an error said"
    await marie.accept(whom="Léo")
    await marie.write("Bonjour, " + "très" * 40)
    assert len(await texts(anne, 1)) == 1
    note = tmp_path / "note.txt"
    note.write_text("x")
    [contact] = anne.contacts()
    sent = await anne.send(contact.conversation, text="Bonjour Marie", files=[note])
    await anne.wait_for(sent, "read", 20)
    await marie.sees("note.txt")
    await marie.page.get_by_role("button", name="Retirer").click()
    await marie.page.get_by_text("Réglages").click()
    assert not await flaws(marie), "a conversation"
    other = await (await Patient.new(browser)).open(link)
    await expect(other.page.get_by_role("heading", name="Ce lien ne fonctionne plus")).to_be_visible()
    assert not await flaws(other), "a link that was used"


async def test_by_the_keyboard_alone(place: World, browser: Browser) -> None:
    """From the link to a sent message without a pointer."""
    anne = await place.person("anne", "Dr Anne Payet")
    marie = await (await Patient.new(browser)).open((await anne.invite("Marie")).link)
    await marie.page.get_by_label("Votre nom et prénom").wait_for()
    keys = marie.page.keyboard

    async def tab_to(role: str) -> None:
        for _ in range(20):
            await keys.press("Tab")
            if await marie.page.evaluate(f"document.activeElement.matches({role!r})"):
                return
        raise AssertionError(f"{role} is not reached")

    await tab_to("#name")
    await keys.type("Marie Hoarau")
    await keys.press("Enter")
    await expect(marie.page.locator("#words")).to_be_visible(timeout=20_000)
    await tab_to("#words")
    await keys.type("Sans souris")
    await keys.press("Control+Enter")
    assert await texts(anne, 1) == ["Sans souris"]


async def test_a_flaw_is_seen(place: World, browser: Browser) -> None:
    """That what looks for flaws finds one."""
    patient = await (await Patient.new(browser)).open(f"{place.relay.url}/i")
    await patient.page.get_by_role("heading", name="Il n'y a rien ici").wait_for()
    assert not await flaws(patient), "nothing kept, and no link"
    await patient.page.evaluate("document.querySelector('h1').style.color = '#eee'")
    assert {name for name, *_ in await flaws(patient)} == {"color-contrast"}
