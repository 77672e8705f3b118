"""What a patient does about their practice: compare the safety number, and leave (S9, S29)."""

from __future__ import annotations

from playwright.async_api import Browser, expect

from tests.scenarios.world import World, until
from tests.web.test_accessible import flaws
from tests.web.test_several import opened


async def test_the_safety_number_is_the_same_and_stays_verified(place: World, browser: Browser) -> None:
    anne = await place.person("anne", "Dr Anne Payet")
    marie = await opened(anne, browser)
    page = marie.page
    await page.get_by_text("Réglages").click()
    await page.get_by_role("button", name="Vérifier l'identité du cabinet").click()
    number = await page.locator(".safety .number").inner_text()
    assert number == anne.safety_number(anne.contacts()[0])
    assert not await flaws(marie)
    await marie.picture("safety-number")
    await page.get_by_role("button", name="Les chiffres sont les mêmes").click()
    await expect(page.locator("header .stated")).to_contain_text("identité vérifiée")
    await page.reload()
    await expect(page.locator("header .stated")).to_contain_text("identité vérifiée")
    await page.get_by_text("Réglages").click()
    await page.get_by_role("button", name="Ne plus la tenir pour vérifiée").click()
    await expect(page.locator("header .stated")).not_to_contain_text("identité vérifiée")
    assert not marie.problems


async def test_a_patient_leaves_after_what_was_written(place: World, browser: Browser) -> None:
    """And comes back only by a link."""
    anne = await place.person("anne", "Dr Anne Payet")
    marie = await opened(anne, browser)
    page = marie.page
    await marie.write("Merci pour tout")
    await page.get_by_text("Réglages").click()
    await page.get_by_role("button", name="Quitter cette conversation").click()
    await page.get_by_role("button", name="Non").click()
    await expect(page.locator("#words")).to_be_visible()
    await page.get_by_role("button", name="Quitter cette conversation").click()
    await page.get_by_role("button", name="Oui").click()
    await expect(page.locator("#words")).to_have_count(0, timeout=20_000)
    assert not await flaws(marie)
    await marie.picture("left")
    [contact] = anne.home.people.contacts()
    await until(anne, lambda: anne.home.people.contact(contact.conversation).phase.value == "left")
    assert [e.text for e in anne.home.messages.history(contact.conversation) if e.author and e.text][
        -1
    ] == "Merci pour tout"
    await page.reload()
    await expect(page.get_by_text("Merci pour tout")).to_be_visible()
    await expect(page.locator("#words")).to_have_count(0)
    assert not marie.problems
