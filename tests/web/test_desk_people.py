"""Who is who at the desk: several in a conversation, newcomers, links, and what was not delivered (S8, S27, S37)."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Browser, expect

from colloque.client.client import Client
from colloque.wire.profile import Profile
from tests.scenarios.world import PASSPHRASE, World, talk_of, texts, until
from tests.web.browser import WAIT_MS, Patient
from tests.web.desk import at_desk, inbox_line


async def test_several_in_a_conversation_are_seen_as_who_they_are(place: World, browser: Browser) -> None:
    async with at_desk(place, browser) as anne:
        marie = await anne.patient(browser)
        home = place.folder / "karim"
        profile = Profile("Karim Ali", "interprète")
        await Client.create(home, relay=place.relay.url, profile=profile, passphrase=PASSPHRASE)
        karim = await place.open(home)
        pair = await karim.accept((await anne.client.invite("Karim du CHU")).link)
        await until(karim, lambda: karim.home.people.contact(pair).phase.value == "open")
        page = anne.page
        await anne.choose("Karim du CHU")
        await page.get_by_role("button", name="Personnes", exact=True).click()
        await page.get_by_role("button", name="Vérifier l'identité").click()
        number = await page.locator(".safety .number").inner_text()
        assert number == karim.safety_number(karim.home.people.contact(pair))
        await anne.picture("verifying")
        await page.get_by_role("button", name="Les chiffres sont les mêmes").click()
        await expect(page.locator(".members")).to_have_text("Karim Ali, interprète, identité vérifiée")

        await page.get_by_role("button", name="Réunir plusieurs personnes").click()
        await page.get_by_label("Nom de la conversation").fill("Suivi de Marie")
        await page.get_by_role("button", name="Réunir", exact=True).click()
        await expect(page.get_by_role("alert")).to_have_text("Choisissez au moins une personne.")
        await page.get_by_role("checkbox", name="Marie Hoarau").check()
        await page.get_by_role("checkbox", name="Karim du CHU").check()
        await anne.picture("several-new")
        await page.get_by_role("button", name="Réunir", exact=True).click()
        await expect(page.locator(".members")).to_have_text(
            re.compile(r"Karim Ali, pour vous\s: Karim du CHU, interprète, identité vérifiée"), timeout=20_000
        )
        await expect(page.locator(".members")).to_have_text(
            re.compile("Marie Hoarau, nom donné par cette personne")
        )
        await expect(page.locator(".members")).not_to_contain_text("pas encore rejoint", timeout=20_000)
        await anne.write("Bonjour à vous deux")
        assert (await texts(karim, 1))[-1] == "Bonjour à vous deux"
        await marie.page.get_by_role("button", name=re.compile("Suivi de Marie|Retour")).first.click()
        if await marie.page.locator(".talk").count() == 0:
            await marie.page.get_by_role("button", name="Suivi de Marie").click()
        await marie.sees("Bonjour à vous deux")
        await marie.write("Je ne comprends pas tout")
        await anne.sees("Je ne comprends pas tout")
        await expect(anne.page.locator(".line", has_text="Je ne comprends")).to_contain_text("Marie Hoarau")
        await page.get_by_role("button", name="Personnes", exact=True).click()
        await anne.picture("several")
        karims = page.locator(".drawer li", has_text="Karim Ali")
        await karims.get_by_role("button", name="Choisir pour prendre le relais").click()
        await karims.get_by_role("button", name="Oui", exact=True).click()
        await expect(karims).to_contain_text("prendra le relais si besoin")
        await expect(karims.get_by_role("button", name="Choisir pour")).to_have_count(0)
        await karims.get_by_role("button", name="Retirer").click()
        await karims.get_by_role("button", name="Oui", exact=True).click()
        await expect(karims).to_have_count(0)
        assert not anne.problems


async def test_the_second_host_takes_over_at_the_desk(place: World, browser: Browser) -> None:
    """S30: where whoever leads a conversation no longer can."""
    bruno, chloe = (
        await place.person("bruno", "Dr Bruno Técher"),
        await place.person("chloe", "Chloé Nativel"),
    )
    await place.pair(bruno, chloe, "chloe")
    async with at_desk(place, browser) as anne:
        pair = await anne.client.accept((await bruno.invite("anne")).link)
        await until(anne.client, lambda: anne.client.home.people.contact(pair).phase.value == "open")
        team = bruno.convene("Équipe du genou", ["anne", "chloe"])
        await until(bruno, lambda: len(talk_of(bruno, team).group.members()) == 3)
        page = anne.page
        await inbox_line(page, "Équipe du genou", "")
        await anne.choose("Équipe du genou")
        await page.get_by_role("button", name="Personnes", exact=True).click()
        lead = page.get_by_role("button", name="Mener cette conversation")
        await expect(page.locator(".drawer li")).to_have_count(2)
        await expect(lead).to_have_count(0)
        bruno.name_second_host(team, "anne")
        await expect(lead).to_be_visible(timeout=WAIT_MS)
        await anne.picture("second-host")
        await lead.click()
        await page.get_by_role("button", name="Oui", exact=True).click()
        me = anne.client.home.identity.key
        for reader in (bruno, chloe):
            await until(reader, lambda r=reader: talk_of(r, team).conversation.host == me)
        await expect(
            page.locator(".drawer li", has_text="Bruno").get_by_role("button", name="Retirer")
        ).to_be_visible()
        assert not anne.problems


async def test_newcomers_wait_are_admitted_and_blocked(place: World, browser: Browser) -> None:
    """S37, S8: nothing is answered before somebody says so; who looks like somebody known is said."""
    async with at_desk(place, browser) as anne:
        await anne.patient(browser)
        page = anne.page
        await page.get_by_role("button", name="Inviter", exact=True).click()
        await page.get_by_role("button", name="Montrer mon lien public").click()
        card = await page.get_by_label("Le lien", exact=True).input_value()
        await anne.picture("card")
        double = await (await Patient.new(browser)).open(card)
        await double.accept("Mаrie Hoarau")  # with a Cyrillic letter
        other = await (await Patient.new(browser)).open(card)
        await other.accept("Jean Técher")
        await page.get_by_role("button", name="2 personnes demandent à vous écrire").click(timeout=20_000)
        line = page.locator(".cards li", has_text="Mаrie Hoarau")
        await expect(line).to_contain_text("quelqu'un que vous connaissez déjà porte ce nom")
        await expect(page.locator(".cards li", has_text="Jean Técher")).not_to_contain_text("connaissez déjà")
        await anne.picture("newcomers")
        await line.get_by_role("button", name="Bloquer").click()
        await line.get_by_role("button", name="Oui", exact=True).click()
        await expect(page.get_by_role("heading", name="Bloqués")).to_be_visible()
        await page.get_by_role("button", name="Accepter Jean Técher").click()
        await expect(page.locator(".talk h1")).to_have_text("Jean Técher")
        await anne.write("Bonjour Jean")
        await other.sees("Bonjour Jean")
        await page.get_by_role("button", name="Bloqués").click()
        await page.get_by_role("button", name="Débloquer").click()
        await expect(page.get_by_text("Personne n'attend")).to_be_visible()
        assert not anne.problems


async def test_a_link_is_withdrawn_with_one_click(place: World, browser: Browser) -> None:
    """S5: it opens nothing any more; the ready texts hold it, and no name of whom it is for."""
    async with at_desk(place, browser) as anne:
        link = await anne.invite("Madame Hoarau")
        page = anne.page
        for label in ("Texte du SMS", "Texte du mail"):
            ready = await page.get_by_label(label, exact=True).input_value()
            assert link in ready
            assert "Hoarau" not in ready
        mail = await page.get_by_role("link", name="Ouvrir dans mon courrier").get_attribute("href")
        assert mail is not None
        assert mail.startswith("mailto:?subject=")
        assert await page.locator("img.qr").evaluate("(one) => one.complete && one.naturalWidth > 0")
        await page.get_by_role("button", name="Retirer ce lien").click()
        await expect(page.get_by_text("Lien retiré")).to_be_visible()
        await anne.picture("withdrawn")
        await anne.client.settle(10)
        marie = await (await Patient.new(browser)).open(link)
        await expect(marie.page.get_by_role("heading", name="Ce lien ne fonctionne plus")).to_be_visible()
        assert not anne.problems


async def test_the_link_of_a_colleague(place: World, browser: Browser) -> None:
    """S1: whose it is comes first, and nothing is sent before it is confirmed."""
    async with at_desk(place, browser) as anne:
        bruno = await place.person("bruno", "Dr Bruno Técher")
        page = anne.page
        await page.get_by_role("button", name="Inviter", exact=True).click()
        await page.get_by_label("Lien reçu").fill("https://ailleurs.example/rien")
        await page.get_by_role("button", name="Voir de qui il vient").click()
        await expect(page.get_by_role("alert").filter(has_text=".")).to_be_visible()
        anne.problems.clear()
        await page.get_by_label("Lien reçu").fill((await bruno.invite("Anne")).link)
        await page.get_by_role("button", name="Voir de qui il vient").click()
        await expect(page.get_by_text("Ce lien vient de Dr Bruno Técher")).to_be_visible()
        assert not bruno.contacts()
        await page.get_by_label("Premiers mots").fill("Bonjour Bruno")
        await anne.picture("follow")
        await page.get_by_role("button", name="Demander à échanger").click()
        await expect(page.locator(".talk h1")).to_have_text("Dr Bruno Técher")
        assert await texts(bruno, 1) == ["Bonjour Bruno"]
        assert not anne.problems


async def test_what_was_not_delivered_is_an_alarm_until_it_is_dealt_with(
    place: World, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S27"""
    async with at_desk(place, browser) as anne:
        marie = await anne.patient(browser)
        await anne.choose("Marie Hoarau")
        await anne.sees("Bonjour")
        await marie.page.close()
        await anne.write("Venez demain")
        await anne.write("À jeun")
        await anne.sees("À jeun", "envoyé")
        home = anne.client.home
        home.database.execute("UPDATE message SET sent_at = sent_at - 50 * 3600000 WHERE author IS NULL")
        page = anne.page
        await expect(page.get_by_role("button", name="2 messages n'ont pas été remis")).to_be_visible(
            timeout=20_000
        )
        assert (await page.title()).startswith("! ")
        await inbox_line(page, "Marie Hoarau", "non remis")
        await page.get_by_role("button", name="2 messages n'ont pas été remis").click()
        await anne.picture("alarms")
        await page.get_by_role("button", name="C'est réglé").first.click()
        await expect(page.get_by_role("button", name="1 message n'a pas été remis")).to_be_visible()
        await page.get_by_role("button", name="Ouvrir la conversation").click()
        await expect(page.locator(".line.sought")).to_contain_text("À jeun")
        await expect(page.locator(".line.sought")).to_be_in_viewport()
        await anne.picture("late")
        assert not anne.problems
