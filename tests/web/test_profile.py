"""What a browser keeps on its disk: nothing readable, whatever was chosen, nor after everything was forgotten."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright, expect

from tests.scenarios.world import World, texts
from tests.support.planted import scan_folder
from tests.web.browser import ARGS, CHROMIUM, Patient

NAME, THEIRS, MINE, FILE, INSIDE = (
    "Zéphyrine Trigonelle",
    "quinquagénaire asthmatique",
    "palpitations nocturnes",
    "ordonnance-calebasse.txt",
    "furosémide quarante",
)
DRAFT = "brouillon vertigineux"
"""Begun, and not sent: browsers write down what stands in a field."""
PRACTICE = "Dr Anne Malabar-Payet"


def spellings(words: str) -> list[bytes]:
    """As browsers write text on the disk."""
    return [words.encode("utf-8"), words.encode("utf-16-le"), words.encode("latin-1")]


@pytest.mark.parametrize("keep", [True, False], ids=["device", "tab"])
@pytest.mark.parametrize("forget", [True, False], ids=["forgotten", "closed"])
async def test_no_word_lies_readable_in_the_profile(
    place: World, browser: Browser, tmp_path: Path, keep: bool, forget: bool
) -> None:
    anne = await place.person("anne", PRACTICE)
    profile = tmp_path / "profile"
    async with async_playwright() as playwright:
        context = await playwright.chromium.launch_persistent_context(
            profile, executable_path=CHROMIUM, args=ARGS, locale="fr-FR"
        )
        patient = Patient(context, context.pages[0])
        await patient.open((await anne.invite("Z")).link)
        await patient.accept(NAME, keep=keep)
        await patient.write(MINE)
        assert await texts(anne, 1) == [MINE]
        [contact] = anne.contacts()
        report = tmp_path / FILE
        report.write_text(INSIDE)
        sent = await anne.send(contact.conversation, text=THEIRS, files=[report])
        assert [e.state for e in await anne.wait_for(sent, "read", 30)] == ["read", "read"]
        await patient.sees(FILE)
        await patient.page.locator("#words").fill(DRAFT)
        await patient.page.wait_for_timeout(4_000)
        if forget:
            await patient.page.get_by_text("Réglages").click()
            await patient.page.get_by_role("button", name="Tout effacer de cet appareil").click()
            await patient.page.get_by_role("button", name="Oui").click()
            await expect(patient.page.get_by_role("heading", name="Tout est effacé")).to_be_visible()
        await context.close()
    planted = list(itertools.chain(*map(spellings, (NAME, THEIRS, MINE, DRAFT, FILE, INSIDE, PRACTICE))))
    visited = place.relay.url.encode()
    assert scan_folder(profile, [visited])[visited], "the history is there, and is seen"
    assert not {word: count for word, count in scan_folder(profile, planted).items() if count}
