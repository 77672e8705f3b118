"""The consultation at the desk: a practitioner and patients see and hear each other, whatever befalls (`docs/desk.md`)."""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from colloque.desk.desk import Standing
from colloque.desk.idle import IDLE_S
from colloque.relay.core import Options
from colloque.relay.server import RelayServer
from colloque.relay.turn import Turn
from tests.scenarios.world import World, quick_argon, talk_of, until, world
from tests.support.coturn import SECRET, coturn
from tests.web.browser import Patient
from tests.web.call.consulting import DOCTOR, NAME, both, called, hang_up, patient_of, practice
from tests.web.call.people import answer, in_line, measured, talk
from tests.web.desk import AtDesk


async def after_idling(anne: AtDesk) -> Standing:
    """Where the desk stands once nobody has moved for twice the time."""
    assert anne.server is not None
    anne.server.desk.used_at -= 2 * IDLE_S
    await anne.server.idle.look()
    return anne.server.desk.standing


async def test_desk_and_patient_talk(place: World, devices: Browser) -> None:
    """For ten seconds, both ways; words go on beside it, and nothing locks meanwhile."""
    async with practice(place, devices) as anne:
        marie = await patient_of(anne, devices)
        await called(anne, marie)
        await asyncio.gather(talk(anne, seconds=10), talk(marie, seconds=10))
        await marie.write("Je vous vois.")
        await anne.sees("Je vous vois.")
        assert await after_idling(anne) is Standing.OPEN
        await hang_up(anne)
        await expect(anne.page.get_by_text("L'appel est terminé.")).to_be_visible()
        await expect(marie.page.get_by_text("L'appel est terminé.")).to_be_visible(timeout=20_000)
        assert NAME not in await anne.page.title()
        assert not anne.problems
        assert not marie.problems
        await asyncio.sleep(0.5)
        assert anne.server is not None
        assert anne.server.desk.call is None
        assert await after_idling(anne) is Standing.LOCKED


async def test_sound_alone_then_the_patient_hangs_up(place: World, devices: Browser) -> None:
    async with practice(place, devices) as anne:
        marie = await patient_of(anne, devices)
        await anne.choose(NAME)
        await anne.page.get_by_role("button", name="Appel", exact=True).click()
        await anne.page.get_by_role("button", name="Appeler avec le son seul").click()
        await expect(marie.page.get_by_role("button", name="Répondre avec l'image")).to_have_count(0)
        await answer(marie, "Répondre avec le son seul")
        await both(anne, marie)
        [heard] = await measured(anne.page, 3)
        assert heard["energy"] > 0.001
        assert heard["frames"] == 0
        await marie.page.get_by_role("button", name="Raccrocher").click()
        await expect(anne.page.get_by_text("L'appel est terminé.")).to_be_visible(timeout=20_000)
        await anne.page.get_by_role("button", name="Écrire un compte rendu").click()
        form = anne.page.get_by_role("region", name="Compte rendu")
        await expect(form.get_by_label("Par le son seul")).to_be_checked()
        await expect(form.get_by_label("Début")).not_to_have_value("")
        await expect(form.get_by_label("Fin", exact=True)).not_to_have_value("")
        await expect(form.get_by_label("Aucun incident technique")).not_to_be_checked()


async def test_either_page_is_opened_anew(place: World, devices: Browser) -> None:
    """C5: nobody clicks, and the call goes on; also behind another page of the desk."""
    async with practice(place, devices) as anne:
        marie = await patient_of(anne, devices)
        await called(anne, marie)
        await anne.page.get_by_role("button", name="Réglages").click()
        await expect(anne.page.locator(".calls .tile")).to_be_visible()
        for who in (anne, marie):
            await who.page.reload()
            await both(anne, marie)
            await asyncio.gather(talk(anne), talk(marie))
        assert anne.server is not None
        assert anne.server.desk.consulting
        # What is noted for the report came through it, and lies in the program.
        assert anne.server.desk.call is not None
        noted = json.loads(anne.server.desk.call)["noted"]
        assert (len(noted["people"]), noted["seen"]) == (1, True)
        assert noted["incidents"] == ["page-reopened", "page-reopened"]
        # Nothing of the call is left with the browser.
        assert await anne.page.evaluate("sessionStorage.length + localStorage.length") == 0
        assert not anne.problems
        assert not marie.problems


async def test_a_second_window_leaves_the_call_alone(place: World, devices: Browser) -> None:
    async with practice(place, devices) as anne:
        marie = await patient_of(anne, devices)
        await called(anne, marie)
        second = await anne.context.new_page()
        await second.goto(anne.page.url)
        await second.locator(".side .inbox-line", has_text=NAME).first.click()
        await expect(second.locator("#words")).to_be_visible()
        await expect(second.get_by_role("button", name="Appel", exact=True)).to_have_count(0)
        await second.wait_for_timeout(1_500)
        assert await second.evaluate("window.connections.length") == 0
        await talk(anne)
        # The first window goes: the second takes the call over.
        await anne.page.close()
        anne.page = second
        await both(anne, marie)
        await asyncio.gather(talk(anne), talk(marie))


async def test_turn_is_forced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, devices: Browser) -> None:
    """C15: through a real coturn, and neither side is told where the other is."""
    quick_argon(monkeypatch)
    with coturn(tmp_path) as turn:
        options = Options("open", turn=Turn((turn.url,), SECRET, only=True))
        async with world(tmp_path, options) as place, practice(place, devices) as anne:
            marie = await patient_of(anne, devices)
            await called(anne, marie)
            for who in (anne, marie):
                await talk(who)
                assert await _way(who) == ["relay", "relay"]
                told = await who.page.evaluate(
                    "window.connections.map((c) => c.remoteDescription?.sdp ?? '').join('')"
                )
                assert "typ host" not in told
        said = turn.log.read_text("utf-8", "replace")
        assert "ALLOCATE processed, success" in said
        for word in ("Marie", "Hoarau", "Anne", "Payet", "Bonjour"):
            assert word not in said


async def _way(who: Patient) -> list[str]:
    """How both ends are reached; a browser whose processor is busy says so some moments later."""
    for _ in range(20):
        [one] = await measured(who.page, 0.5)
        if one["kinds"]:
            return list(one["kinds"])
    return []


async def test_the_relay_dies_and_the_call_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, devices: Browser
) -> None:
    quick_argon(monkeypatch)
    options = Options("open")
    async with AsyncExitStack() as people:
        async with RelayServer(tmp_path / "relay", options=options) as relay:
            place = World(tmp_path, relay, people)
            anne = await people.enter_async_context(practice(place, devices))
            marie = await patient_of(anne, devices)
            await called(anne, marie)
            port = int(relay.url.rpartition(":")[2])
        await asyncio.gather(talk(anne, seconds=5), talk(marie, seconds=5))
        await marie.write("Sans le relais")
        async with RelayServer(tmp_path / "relay", port=port, options=options):
            await expect(anne.page.locator(".line", has_text="Sans le relais")).to_have_count(
                1, timeout=60_000
            )
            await asyncio.gather(talk(anne), talk(marie))
            await people.aclose()


async def test_three_people_and_the_third_is_taken_in(place: World, devices: Browser) -> None:
    """C4, C11: a carer comes in later; who is taken out of the conversation is cut off."""
    async with practice(place, devices) as anne:
        marie, luc = await patient_of(anne, devices), await patient_of(anne, devices, "Luc Rivière")
        conversation = anne.client.convene("Ensemble", [NAME, "Luc Rivière"])
        await until(anne.client, lambda: len(talk_of(anne.client, conversation).group.members()) == 3)
        for patient in (marie, luc):
            await patient.page.get_by_role("button", name="Retour").click()
            await patient.page.get_by_role("button", name="Ensemble").click()
            await expect(patient.page.locator("#words")).to_be_visible()
        await anne.choose("Ensemble")
        await anne.page.get_by_role("button", name="Appel", exact=True).click()
        await anne.page.get_by_label("Luc Rivière").uncheck()
        await anne.page.get_by_role("button", name="Appeler", exact=True).click()
        await answer(marie)
        await both(anne, marie)
        await luc.page.wait_for_timeout(500)
        await expect(luc.page.locator(".call")).to_have_count(0)
        await anne.page.get_by_role("button", name="Faire entrer Luc Rivière").click()
        await answer(luc)
        for who, name in ((anne, "Luc"), (luc, DOCTOR), (luc, NAME), (marie, "Luc"), (marie, DOCTOR)):
            await in_line(who, name if name != "Luc" else "Luc Rivière")
        await asyncio.gather(*(talk(who, 2) for who in (anne, marie, luc)))
        anne.client.remove(conversation, ["Luc Rivière"])
        await expect(luc.page.locator(".call")).to_have_count(0, timeout=20_000)
        await expect(anne.page.locator(".tile")).to_have_count(1)
        await asyncio.gather(talk(anne), talk(marie))
        assert await measured(luc.page, 0.2) == []


async def test_a_locked_desk_hangs_on(place: World, devices: Browser) -> None:
    """Locked by hand in the middle: camera and microphone go dark, and the call is there again when it is opened."""
    async with practice(place, devices) as anne:
        marie = await patient_of(anne, devices)
        await called(anne, marie)
        await anne.page.get_by_role("button", name="Verrouiller").click()
        await expect(anne.page.locator("#passphrase")).to_be_visible()
        assert await measured(anne.page, 0.2) == []
        assert NAME not in await anne.page.content()
        await anne.unlock()
        await both(anne, marie)
        await asyncio.gather(talk(anne), talk(marie))
