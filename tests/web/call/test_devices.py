"""Devices that cannot be had: what can be had is had, and what cannot is said with what to do (`spec/calls.md` C5)."""

from __future__ import annotations

from playwright.async_api import expect

from tests.scenarios.world import World, texts
from tests.web.call.people import FAKE, answer, gathered, in_line, measured, ring, with_devices

DEVICES = FAKE[:1]


async def test_a_denied_camera_leaves_the_sound(place: World, browser_reason: None) -> None:
    async with with_devices(DEVICES) as asks, with_devices() as grants:
        anne, conversation, (marie, luc) = await gathered(place, [asks, grants], ["Marie", "Luc"])
        await marie.context.grant_permissions(["microphone"])
        ring(anne, conversation)
        await answer(marie)
        await answer(luc)
        await in_line(marie, "Luc")
        said = marie.page.get_by_text("votre caméra n'est pas autorisée")
        await expect(said).to_be_visible()
        await expect(said).to_contain_text("Touchez le cadenas")
        [hers] = await measured(marie.page, 3)
        [his] = await measured(luc.page, 3)
        assert hers["frames"] > 15
        assert hers["energy"] > 0.001
        assert his["frames"] == 0
        assert his["energy"] > 0.001
        await expect(luc.page.get_by_text("caméra coupée")).to_be_visible()
        # Allowed during the call: no other call, and nobody else is asked.
        await marie.context.grant_permissions(["microphone", "camera"])
        await marie.page.get_by_role("button", name="Essayer de nouveau").click()
        await expect(luc.page.get_by_text("caméra coupée")).to_have_count(0, timeout=20_000)
        await luc.page.wait_for_timeout(1_000)
        [his] = await measured(luc.page, 3)
        assert his["frames"] > 15
        await marie.picture("call")


async def test_no_microphone_and_no_camera_leaves_writing(place: World, browser_reason: None) -> None:
    """A machine that has neither: this one, where nothing is made up."""
    async with with_devices([]) as none, with_devices() as grants:
        anne, conversation, (marie, luc) = await gathered(place, [none, grants], ["Marie", "Luc"])
        ring(anne, conversation)
        await answer(marie)
        await answer(luc)
        await in_line(marie, "Luc")
        await expect(marie.page.get_by_text("On ne vous entend pas : écrivez")).to_be_visible()
        [hers] = await measured(marie.page, 3)
        assert hers["frames"] > 15
        assert hers["energy"] > 0.001
        await expect(luc.page.get_by_text("micro coupé · caméra coupée")).to_be_visible()
        # C1: words go without leaving the call.
        await marie.write("Je vous vois, et j'écris.")
        await luc.sees("Je vous vois, et j'écris.")
        assert await texts(anne, 1) == ["Je vous vois, et j'écris."]
        await in_line(luc, "Marie")


async def test_a_call_is_asked_for_before_anything_is_opened(place: World, browser_reason: None) -> None:
    """C5: nothing is asked of the browser, and nothing flows, before a person's answer; what is off is said, in words."""
    async with with_devices() as devices:
        anne, conversation, (marie, luc) = await gathered(place, [devices], ["Marie", "Luc"])
        ring(anne, conversation, telephone="+262 2 62 00 00 00")
        await expect(marie.page.get_by_role("heading", name="Dr Anne Payet vous appelle")).to_be_visible()
        await expect(marie.page).to_have_title("Appel entrant · Colloque")
        assert await marie.page.evaluate("window.connections.length") == 0
        await marie.picture("call-asked")
        await answer(luc)
        await luc.page.wait_for_timeout(2_000)
        assert await luc.page.evaluate("window.connections.length") == 0
        await answer(marie, "Répondre avec le son seul")
        await in_line(luc, "Marie")
        await in_line(marie, "Luc")
        [his] = await measured(luc.page, 2)
        assert his["frames"] == 0
        assert his["energy"] > 0.001
        for off, on, said in (
            ("Couper le micro", "Rouvrir le micro", "micro coupé"),
            ("Couper la caméra", "Rouvrir la caméra", "caméra coupée"),
        ):
            await luc.page.get_by_role("button", name=off).click()
            await expect(marie.page.locator("figcaption", has_text=said)).to_be_visible(timeout=20_000)
            await luc.page.get_by_role("button", name=on).click()
            await expect(marie.page.locator("figcaption", has_text=said)).to_have_count(0, timeout=20_000)
        await luc.page.get_by_role("button", name="Micro et caméra").click()
        await expect(luc.page.get_by_role("combobox", name="Caméra")).to_be_visible()
        await luc.picture("call-devices")
        assert not marie.problems
        assert not luc.problems


async def test_devices_are_tried_before_a_call_and_remembered(place: World, browser_reason: None) -> None:
    """In under a minute, and it can be left out."""
    async with with_devices() as devices:
        anne, conversation, (marie, _) = await gathered(place, [devices], ["Marie", "Luc"])
        page = marie.page
        await page.get_by_text("Réglages").click()
        await page.get_by_role("button", name="Essayer caméra").click()
        await page.get_by_text("Réglages").click()
        await expect(page.locator("[data-check=camera]")).to_have_text(
            "Si vous vous voyez, la caméra marche."
        )
        await expect(page.locator("[data-check=microphone]")).to_have_text("Le micro marche.", timeout=20_000)
        await page.get_by_role("button", name="Jouer un son").click()
        await page.get_by_role("button", name="Oui").click()
        await expect(page.locator("[data-check=speaker]")).to_have_text("Le haut-parleur marche.")
        await expect(page.locator("[data-check=line]")).to_contain_text(
            "conviendra peut-être", timeout=20_000
        )
        await marie.picture("device-check")
        await page.get_by_role("combobox", name="Micro").select_option(label="Fake Audio Input 2")
        await page.get_by_role("button", name="Tout va bien").click()
        await expect(page.locator("#check-title")).to_have_count(0)
        ring(anne, conversation)
        await answer(marie)
        await page.get_by_role("button", name="Micro et caméra").click()
        await expect(page.locator(".devices select").first).to_have_js_property("selectedIndex", 2)
        # A device that is not there any more does not stop a call.
        await page.get_by_role("button", name="Raccrocher").click()
        await page.evaluate(GONE)
        ring(anne, conversation)
        await answer(marie)
        await page.get_by_role("button", name="Couper le micro").wait_for()
        assert not marie.problems


# What a browser says of an exact wish for a device that was unplugged.
GONE = """() => {
  const real = MediaDevices.prototype.getUserMedia;
  MediaDevices.prototype.getUserMedia = function (wish) {
    if (wish.audio?.deviceId) wish.audio.deviceId = { exact: "unplugged" };
    return real.call(this, wish);
  };
}"""
