"""The waiting room, at both ends (`spec/calls.md` C12, C13): who waits, what they are told, and that nobody else hears of it."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Browser, expect

from colloque.client.client import Client
from colloque.wire.content.call.hang_up import HangUp, Why
from colloque.wire.content.call.presence import Presence, There
from colloque.wire.content.call.ring import Ring
from colloque.wire.content.content import Signal
from colloque.wire.profile import Profile
from tests.scenarios.world import PASSPHRASE, World
from tests.web.call.consulting import NAME, both, called, patient_of, practice
from tests.web.call.people import answer, ring, talk
from tests.web.desk import AtDesk
from tests.web.test_desk_accessible import clean

LUC = "Luc Rivière"


async def _choose(anne: AtDesk, words: str) -> None:
    await anne.page.get_by_label("Les patients voient :").select_option(label=words)


async def test_waiting_a_word_and_let_in(place: World, devices: Browser) -> None:
    async with practice(place, devices) as anne:
        page = anne.page
        marie, luc = await patient_of(anne, devices), await patient_of(anne, devices, LUC)
        room = page.locator("[data-room]")
        # Nothing is told before the practitioner says so.
        await page.wait_for_timeout(1_500)
        await expect(marie.page.locator("[data-there]")).to_have_count(0)
        await expect(room).to_have_count(0)
        await luc.page.close()
        await _choose(anne, "je suis là")
        await expect(marie.page.get_by_text("Le cabinet est là.")).to_be_visible(timeout=20_000)
        await expect(room.get_by_text(NAME)).to_be_visible(timeout=20_000)
        await expect(room.get_by_text("vient d'arriver")).to_be_visible()
        await expect(room.locator("li")).to_have_count(1)
        await anne.picture("waiting-room")
        await room.get_by_text(NAME).click()
        await page.get_by_role("button", name="Encore 10 min").click()
        await expect(marie.page.get_by_text("Encore 10 min environ.")).to_be_visible(timeout=20_000)
        await page.get_by_role("button", name="Un mot…").click()
        await page.get_by_label("Un mot à qui attend").fill("Je finis avec une urgence")
        await clean(anne, "somebody waits")
        await page.get_by_role("button", name="Envoyer ce mot").click()
        await expect(marie.page.get_by_text("« Je finis avec une urgence »")).to_be_visible(timeout=20_000)
        await _choose(anne, "je suis avec quelqu'un")
        await expect(marie.page.get_by_text("Le cabinet est avec quelqu'un")).to_be_visible(timeout=20_000)
        # The page is opened anew: who waits is known to the program.
        await page.reload()
        await expect(room.get_by_text(NAME)).to_be_visible()
        await room.get_by_text(NAME).click()
        await anne.picture("waits")
        await page.get_by_role("button", name="Faire entrer").click()
        await answer(marie)
        await both(anne, marie)
        await talk(anne)
        await expect(room).to_have_count(0)
        assert "urgence" not in "".join(
            e.text for e in anne.client.home.messages.page(anne.client.contacts()[0].conversation, None, 50)
        )
        assert not anne.problems
        assert not marie.problems


async def test_a_second_patient_sees_and_hears_nothing_of_the_first(
    place: World, devices: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with practice(place, devices) as anne:
        marie, luc = await patient_of(anne, devices), await patient_of(anne, devices, LUC)
        await _choose(anne, "je suis là")
        for patient in (marie, luc):
            await expect(patient.page.locator("[data-there='1']")).to_be_visible(timeout=20_000)
        await expect(anne.page.locator("[data-room] li")).to_have_count(2, timeout=20_000)
        said: list[tuple[bytes, Signal]] = []
        real = anne.client.calls.signal

        def noted(conversation: bytes, body: Signal, key: bytes) -> None:
            said.append((key, body))
            real(conversation, body, key)

        monkeypatch.setattr(anne.client.calls, "signal", noted)
        await called(anne, marie)
        await talk(marie)
        # That the practice is with someone, and nothing of whom.
        await expect(luc.page.locator("[data-there='2']")).to_be_visible(timeout=20_000)
        assert await luc.page.evaluate("window.connections.length") == 0
        await expect(luc.page.locator(".call")).to_have_count(0)
        assert "Marie" not in await luc.page.content()
        # He still waits, and the desk says so; she does not.
        await expect(anne.page.locator("[data-room] li")).to_have_count(1)
        await expect(anne.page.locator("[data-room]")).to_contain_text(LUC)
        keys = {contact.profile.name: contact.key for contact in anne.client.contacts()}
        assert {body for key, body in said if key == keys[LUC]} == {Presence(There.WITH_SOMEONE)}
        assert any(isinstance(body, Ring) for key, body in said if key == keys[NAME])
        await anne.page.get_by_role("button", name="Raccrocher").click()
        await expect(luc.page.locator("[data-there='1']")).to_be_visible(timeout=20_000)


async def test_expected_before_they_come(place: World, devices: Browser) -> None:
    async with practice(place, devices) as anne:
        page = anne.page
        marie = await patient_of(anne, devices)
        await marie.page.close()
        await anne.choose(NAME)
        await page.get_by_role("button", name="Appel", exact=True).click()
        await page.get_by_role("button", name="Attendre cette personne").click()
        await expect(page.locator("[data-room]").get_by_text("attendu, pas encore là")).to_be_visible()
        await clean(anne, "before a call, and somebody expected")
        await anne.picture("before-a-call")
        await page.get_by_role("button", name="Essayer caméra").click()
        await expect(page.locator("[data-check=camera]")).to_have_text(
            "Si vous vous voyez, la caméra marche."
        )
        await clean(anne, "the device check")
        await page.get_by_role("button", name="Passer").click()
        await page.get_by_role("button", name="Ne plus attendre").click()
        await expect(page.locator("[data-room]")).to_have_count(0)


async def test_every_state_of_a_call_at_the_desk(place: World, devices: Browser) -> None:
    async with practice(place, devices) as anne:
        page = anne.page
        marie = await patient_of(anne, devices)
        await page.get_by_role("button", name="Réglages").click()
        await page.get_by_label("Téléphone (facultatif)").fill("appelez")
        await page.get_by_role("button", name="Enregistrer").first.click()
        await expect(
            page.get_by_role("alert").get_by_text("un numéro de téléphone n'a que des chiffres")
        ).to_be_visible()
        anne.problems.clear()
        await page.get_by_label("Téléphone (facultatif)").fill("+262 2 62 00 00 00")
        await page.get_by_role("button", name="Enregistrer").first.click()
        await expect(page.get_by_text("Le numéro est enregistré.")).to_be_visible()
        await clean(anne, "settings")
        await anne.choose(NAME)
        await page.get_by_role("button", name="Appel", exact=True).click()
        await page.get_by_role("button", name="Appeler", exact=True).click()
        await expect(page.get_by_text(f"{NAME} n'a pas encore répondu").last).to_be_visible()
        await anne.picture("call-ringing")
        await clean(anne, "it rings")
        await answer(marie)
        await both(anne, marie)
        await anne.picture("call")
        await clean(anne, "a call")
        await page.get_by_role("button", name="Réglages").click()
        await clean(anne, "a call behind the settings")
        await anne.picture("call-settings")
        await page.get_by_role("button", name=f"Aller à la conversation de {NAME}").click()
        await page.get_by_role("button", name="Raccrocher").click()
        await expect(page.get_by_text("L'appel est terminé.")).to_be_visible()
        await clean(anne, "a call that is over")
        # Declined, the number is shown to whoever was called.
        await page.get_by_role("button", name="Appel", exact=True).click()
        await page.get_by_role("button", name="Appeler", exact=True).click()
        await marie.page.get_by_role("button", name="Pas maintenant").click(timeout=20_000)
        await expect(page.get_by_text("L'appel n'a pas été pris.")).to_be_visible(timeout=20_000)
        await expect(page.get_by_role("button", name="Appel", exact=True)).to_be_visible()
        await anne.picture("call-declined")
        assert not anne.problems


async def test_a_colleague_rings_and_a_patient_does_not(place: World, devices: Browser) -> None:
    """C4: who states no profession waits; and what a colleague's call looks like, whatever is looked at."""
    async with practice(place, devices) as anne:
        page = anne.page
        bruno_home = place.folder / "bruno"
        profile = Profile("Dr Bruno Grondin", "cardiologue")
        await Client.create(bruno_home, relay=place.relay.url, profile=profile, passphrase=PASSPHRASE)
        bruno, marie = await place.open(bruno_home), await place.person("marie", NAME)
        hers = await place.pair(anne.client, marie, NAME)
        his = await place.pair(anne.client, bruno, "Bruno")
        await expect(page.locator(".side .inbox-line")).to_have_count(2, timeout=20_000)
        ring(marie, hers)
        ring(bruno, his)
        await expect(page.get_by_role("heading", name="Dr Bruno Grondin vous appelle")).to_be_visible(
            timeout=20_000
        )
        await page.wait_for_timeout(1_000)
        await expect(page.locator(".call")).to_have_count(1)
        assert await page.evaluate("window.connections.length") == 0
        await expect(page).to_have_title(re.compile("Appel entrant"))
        await clean(anne, "a colleague calls")
        await anne.picture("call-asked")
        await page.get_by_role("button", name="Pas maintenant").click()
        found: list[object] = []
        while not found:
            found = [one.signal for one in await bruno.calls.hear(20) if isinstance(one.signal, HangUp)]
        [hung] = found
        assert isinstance(hung, HangUp)
        assert hung.why is Why.DECLINED
        assert not anne.problems
