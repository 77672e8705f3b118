"""The practitioner's devices: muted, hidden, chosen, refused; a screen shown; a document sent without leaving the call."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import Browser, expect

from tests.scenarios.world import World
from tests.web.browser import Patient
from tests.web.call.consulting import NAME, both, call, called, patient_of, practice
from tests.web.call.people import FAKE, answer, measured, talk, with_devices
from tests.web.desk import AtDesk
from tests.web.test_desk_accessible import clean
from tests.web.test_documents import attach

SCREEN = "--auto-select-tab-capture-source-by-title=Colloque"


async def _says(marie: Patient, words: str, count: int = 1) -> None:
    """Under the practitioner's picture, at the patient's."""
    said = marie.page.locator("figcaption", has_text=words)
    await expect(said).to_have_count(count, timeout=20_000)


async def _press(anne: AtDesk, name: str) -> None:
    await anne.page.get_by_role("button", name=name).click()


async def test_muted_hidden_and_a_screen_shown(place: World, tmp_path: Path, browser_reason: None) -> None:
    async with with_devices([*FAKE, SCREEN]) as devices, practice(place, devices) as anne:
        marie = await patient_of(anne, devices)
        await called(anne, marie)
        await _press(anne, "Couper le micro")
        await _says(marie, "micro coupé")
        await marie.page.wait_for_timeout(1_000)
        [heard] = await measured(marie.page, 3)
        assert heard["energy"] < 0.0001
        assert heard["frames"] > 15
        await _press(anne, "Rouvrir le micro")
        await _says(marie, "micro coupé", 0)
        await _press(anne, "Couper la caméra")
        await _says(marie, "caméra coupée")
        await clean(anne, "the camera is off")
        await _press(anne, "Montrer mon écran")
        await _says(marie, "écran")
        await clean(anne, "a screen is shown")
        await marie.page.wait_for_timeout(1_000)
        [seen] = await measured(marie.page, 3)
        assert seen["frames"] > 0
        await _press(anne, "Ne plus montrer")
        await _says(marie, "écran", 0)
        await _press(anne, "Rouvrir la caméra")
        await _says(marie, "caméra coupée", 0)
        # Without leaving the call, both ways.
        for sender, reader in ((anne, marie), (marie, anne)):
            file = tmp_path / f"feuille-{id(sender)}.txt"
            file.write_text("deux fois par jour")
            await attach(sender, file)
            await reader.sees(file.name)
        await talk(anne)
        await talk(marie)
        assert not anne.problems
        assert not marie.problems


async def test_a_device_is_chosen_and_stays_chosen(place: World, devices: Browser) -> None:
    async with practice(place, devices) as anne:
        marie = await patient_of(anne, devices)
        await called(anne, marie)
        await _press(anne, "Micro et caméra")
        choice = anne.page.locator(".devices select").first
        await choice.select_option(label="Fake Audio Input 2")
        await clean(anne, "devices are chosen")
        await anne.picture("call-devices")
        await talk(marie)
        # The program knows it: also where the page is opened anew.
        await anne.page.reload()
        await both(anne, marie)
        await _press(anne, "Micro et caméra")
        await expect(choice.locator("option:checked")).to_have_text("Fake Audio Input 2")
        assert not anne.problems


async def test_a_camera_denied_to_the_desk_leaves_the_sound(
    place: World, devices: Browser, browser_reason: None
) -> None:
    async with with_devices(FAKE[:1]) as asks, practice(place, asks) as anne:
        marie = await patient_of(anne, devices)
        await anne.context.grant_permissions(["microphone"])
        await call(anne)
        await answer(marie)
        await both(anne, marie)
        said = anne.page.get_by_text("votre caméra n'est pas autorisée")
        await expect(said).to_contain_text("Touchez le cadenas")
        await clean(anne, "the camera is denied")
        await anne.picture("call-no-camera")
        await _says(marie, "caméra coupée")
        [heard] = await measured(marie.page, 3)
        assert heard["frames"] == 0
        assert heard["energy"] > 0.001
        await anne.context.grant_permissions(["microphone", "camera"])
        await _press(anne, "Essayer de nouveau")
        await _says(marie, "caméra coupée", 0)
        await marie.page.wait_for_timeout(1_000)
        await talk(marie)
        assert NAME not in await anne.page.title()
