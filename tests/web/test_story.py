"""A patient in a real browser and a practice in Python, through a real relay (`spec/sessions.md` S1 to S6, S16, S22, S24)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from colloque.client.client import Client
from colloque.relay.core import Options
from colloque.store.relay import grants
from colloque.wire.profile import Profile
from tests.scenarios.world import PASSPHRASE, World, notices, quick_argon, texts, world
from tests.web.browser import Patient, acquainted


async def answered(anne: Client, words: str, state: str = "delivered") -> None:
    """Anne writes to the patient, and it gets so far."""
    [contact] = anne.contacts()
    sent = await anne.send(contact.conversation, text=words)
    [entry] = await anne.wait_for(sent, state, 20)
    assert entry.state in (state, "read")


async def test_a_link_is_followed_and_words_go_both_ways(place: World, browser: Browser) -> None:
    anne = await place.person("anne", "Dr Anne Payet")
    invited = await anne.invite("Marie")
    marie = await Patient.new(browser)
    await marie.open(invited.link)
    await expect(marie.page.get_by_role("heading", name="Dr Anne Payet vous invite")).to_be_visible()
    assert "#" not in marie.page.url, "the secret is wiped from the address bar"
    await marie.picture("opening")
    # S1: nothing is sent before a tap.
    assert not anne.contacts()
    await marie.page.get_by_label("J'écris pour un enfant").check()
    await marie.page.get_by_label("Votre nom et prénom").fill("Marie Hoarau")
    await marie.page.get_by_label("Nom et prénom de cette personne").fill("Léo Hoarau")
    await marie.picture("opening-child")
    await marie.accept(whom="Léo Hoarau")
    await marie.write("Bonjour docteur, Léo a de la fièvre.")
    assert await texts(anne, 1) == ["Bonjour docteur, Léo a de la fièvre."]
    [contact] = anne.contacts()
    assert contact.profile.name == "Marie Hoarau, pour Léo Hoarau"
    await marie.sees("Bonjour docteur", "remis|lu")
    await answered(anne, "Depuis quand ? 👶", "read")
    await marie.sees("Depuis quand ? 👶")
    await marie.sees("Bonjour docteur", "lu")
    await marie.picture("conversation")
    assert not marie.problems


async def test_a_reload_resumes_in_both_ways_of_keeping(place: World, browser: Browser) -> None:
    """Before the tap, after it, and with the same link tapped again."""
    for keep in (True, False):
        anne = await place.person(f"anne{keep}", "Dr Anne Payet")
        link = (await anne.invite("Marie")).link
        marie = await Patient.new(browser)
        await marie.open(link)
        await marie.page.get_by_label("Votre nom et prénom").wait_for()
        await marie.page.reload()
        await marie.accept(keep=keep)
        await marie.write("Un")
        assert await texts(anne, 1) == ["Un"]
        await answered(anne, "Deux")
        for _ in range(2):
            await marie.page.reload()
            await marie.sees("Deux")
        await marie.sees("Un", "remis|lu")
        await marie.open(link)
        await marie.sees("Deux")
        await marie.write("Trois")
        assert await texts(anne, 1) == ["Trois"]
        await answered(anne, "Quatre")
        await marie.sees("Quatre")
        assert len(anne.contacts()) == 1, "a link makes one member"
        assert not marie.problems


async def test_words_wait_until_the_practice_has_answered(place: World, browser: Browser) -> None:
    """S3"""
    home = await place.home("anne", "Dr Anne Payet")
    async with Client.open(home, passphrase=PASSPHRASE) as anne:
        link = (await anne.invite("Marie")).link
    marie = await (await Patient.new(browser)).open(link)
    await marie.accept()
    await marie.write("Bonjour, êtes-vous là ?")
    await expect(marie.page.get_by_text("Votre demande est partie")).to_be_visible()
    await marie.sees("Bonjour, êtes-vous là ?", "en attente")
    await marie.picture("waiting")
    back = await place.open(home)
    assert await texts(back, 1) == ["Bonjour, êtes-vous là ?"]
    await expect(marie.page.get_by_text("Votre demande est partie")).to_be_hidden()


async def test_another_browser_with_the_same_link_sees_nothing(place: World, browser: Browser) -> None:
    """S5: a personal invitation burns on its first hello."""
    anne = await place.person("anne", "Dr Anne Payet")
    link = (await anne.invite("Marie")).link
    marie = await (await Patient.new(browser)).open(link)
    await marie.accept()
    await marie.write("Pour vous seule")
    assert await texts(anne, 1) == ["Pour vous seule"]
    await anne.settle(10)
    other = await (await Patient.new(browser)).open(link)
    await expect(other.page.get_by_role("heading", name="Ce lien ne fonctionne plus")).to_be_visible()
    assert "Pour vous seule" not in await other.page.content()
    assert await other.page.locator(".line").count() == 0
    await other.picture("over")


async def test_whoever_comes_second_is_told_so(place: World, browser: Browser) -> None:
    """S5: both have the page open; the second tap finds the link used."""
    anne = await place.person("anne", "Dr Anne Payet")
    link = (await anne.invite("Marie")).link
    marie = await (await Patient.new(browser)).open(link)
    other = await (await Patient.new(browser)).open(link)
    await other.page.get_by_label("Votre nom et prénom").wait_for()
    await marie.accept()
    await marie.write("Un")
    assert await texts(anne, 1) == ["Un"]
    await anne.settle(10)
    await other.accept("Quelqu'un")
    await expect(other.page.get_by_text("Ce lien a déjà servi à quelqu'un d'autre")).to_be_visible(
        timeout=20_000
    )
    await other.picture("used")
    assert len(anne.contacts()) == 1


async def test_offline_then_online(place: World, browser: Browser) -> None:
    """What is written without a line goes when there is one; what came meanwhile comes first (S16)."""
    anne = await place.person("anne", "Dr Anne Payet")
    marie = await (await Patient.new(browser)).open((await anne.invite("Marie")).link)
    await marie.accept()
    await marie.write("Un")
    assert await texts(anne, 1) == ["Un"]
    await marie.sees("Un", "remis|lu")
    await marie.context.set_offline(True)
    await marie.write("Sans ligne")
    await expect(marie.page.get_by_text("Hors connexion")).to_be_visible()
    await marie.sees("Sans ligne", "en attente")
    await marie.picture("offline")
    [contact] = anne.contacts()
    sent = await anne.send(contact.conversation, text="Pendant ce temps")
    [entry] = await anne.wait_for(sent, "accepted", 20)
    assert entry.state == "accepted"
    await marie.context.set_offline(False)
    assert await texts(anne, 1) == ["Sans ligne"]
    await marie.sees("Pendant ce temps")
    await marie.sees("Sans ligne", "remis|lu")
    await expect(marie.page.get_by_text("Hors connexion")).to_be_hidden()


async def test_words_are_taken_back_on_both_sides(place: World, browser: Browser) -> None:
    """S24"""
    anne = await place.person("anne", "Dr Anne Payet")
    marie = await (await Patient.new(browser)).open((await anne.invite("Marie")).link)
    await marie.accept()
    await marie.write("À oublier")
    assert await texts(anne, 1) == ["À oublier"]
    line = marie.page.locator(".line", has_text="À oublier")
    await line.get_by_role("button", name="Retirer").click()
    await marie.picture("taking-back")
    await line.get_by_role("button", name="Oui").click()
    await expect(marie.page.get_by_text("message retiré")).to_be_visible()
    assert "retracted" in await notices(anne, 5)
    [contact] = anne.contacts()
    sent = await anne.send(contact.conversation, text="Erreur de ma part")
    await anne.wait_for(sent, "read", 20)
    await marie.sees("Erreur de ma part")
    anne.retract(sent[0].id)
    await expect(marie.page.get_by_text("message retiré")).to_have_count(2, timeout=20_000)
    assert "Erreur de ma part" not in await marie.page.content()


async def test_whoever_reads_further_up_is_left_there(place: World, browser: Browser) -> None:
    anne, marie = await acquainted(place, browser)
    for count in range(12):
        await answered(anne, f"Ligne {count}.", "delivered")
    top = "document.querySelector('.entries').scrollTop"
    await marie.sees("Ligne 11.")
    await expect(marie.page.locator(".line", has_text="Ligne 11.")).to_be_in_viewport()
    await marie.page.evaluate(f"{top} = 0")
    await marie.page.wait_for_timeout(100)
    await answered(anne, "Encore une", "delivered")
    await marie.sees("Encore une")
    assert await marie.page.evaluate(top) == 0
    await marie.write("Ma réponse")
    await expect(marie.page.locator(".line", has_text="Ma réponse")).to_be_in_viewport()


async def test_several_practices_side_by_side(place: World, browser: Browser) -> None:
    anne = await place.person("anne", "Dr Anne Payet")
    bruno = await place.person("bruno", "Dr Bruno Técher")
    marie = await (await Patient.new(browser)).open((await anne.invite("Marie")).link)
    await marie.accept()
    await marie.write("Pour Anne")
    await marie.open((await bruno.invite("Marie")).link)
    await marie.accept()
    await marie.write("Pour Bruno")
    assert await texts(anne, 1) == ["Pour Anne"]
    assert await texts(bruno, 1) == ["Pour Bruno"]
    await marie.page.get_by_role("button", name="Retour").click()
    await answered(anne, "D'Anne", "delivered")
    await expect(marie.page.get_by_role("button", name="Dr Anne Payet")).to_contain_text("non lus : 1")
    await marie.picture("list")
    await marie.page.get_by_role("button", name="Dr Anne Payet").click()
    await marie.sees("D'Anne")
    await expect(marie.page.get_by_text("Pour Bruno")).to_be_hidden()


async def test_everything_is_forgotten(place: World, browser: Browser) -> None:
    anne = await place.person("anne", "Dr Anne Payet")
    for keep in (True, False):
        marie = await (await Patient.new(browser)).open((await anne.invite("Marie")).link)
        await marie.accept(keep=keep)
        await marie.write(f"Secret {keep}")
        assert f"Secret {keep}" in (await texts(anne, 1))
        await marie.page.get_by_text("Réglages").click()
        await marie.page.get_by_role("button", name="Tout effacer de cet appareil").click()
        await marie.picture("forgetting")
        await marie.page.get_by_role("button", name="Oui").click()
        await expect(marie.page.get_by_role("heading", name="Tout est effacé")).to_be_visible()
        await marie.picture("forgotten")
        await marie.page.reload()
        await expect(marie.page.get_by_role("heading", name="Il n'y a rien ici")).to_be_visible()
        assert await marie.page.evaluate("sessionStorage.length + localStorage.length") == 0
        left = await marie.page.evaluate("indexedDB.databases().then((all) => all.length)")
        assert left == 0 or not keep


async def test_two_tabs_never_work_with_one_state(place: World, browser: Browser) -> None:
    anne = await place.person("anne", "Dr Anne Payet")
    marie = await (await Patient.new(browser)).open((await anne.invite("Marie")).link)
    await marie.accept()
    await marie.write("Un")
    assert await texts(anne, 1) == ["Un"]
    second = await marie.context.new_page()
    await second.goto(f"{place.relay.url}/i")
    await expect(second.get_by_role("heading", name="Déjà ouvert dans un autre onglet")).to_be_visible()
    await Patient(marie.context, second).picture("elsewhere")
    await marie.page.close()
    await second.get_by_role("button", name="Essayer maintenant").click()
    await expect(second.locator(".line", has_text="Un")).to_be_visible()


async def test_a_public_card_where_only_some_have_a_token(
    tmp_path: Path, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S2: it lends no grant; nobody is told that somebody else used it. A personal link of the same relay opens."""
    quick_argon(monkeypatch)
    async with world(tmp_path, Options(creation="grant")) as here:
        token = os.urandom(24).hex().encode()
        await here.relay.core.database.run(grants.issue(token, 50, 1 << 40))
        home, profile = tmp_path / "anne", Profile("Dr Anne Payet")
        await Client.create(home, relay=here.relay.url, profile=profile, passphrase=PASSPHRASE, token=token)
        anne = await here.open(home)
        marie = await (await Patient.new(browser)).open((await anne.card()).link)
        await expect(marie.page.get_by_role("heading", name="destiné aux professionnels")).to_be_visible()
        await marie.picture("professional")
        await marie.open((await anne.invite("Marie")).link)
        await marie.accept()
        await marie.write("Bonjour")
        assert await texts(anne, 1) == ["Bonjour"]


async def test_a_public_card_where_anybody_may_come(place: World, browser: Browser) -> None:
    """S7"""
    anne = await place.person("anne", "Dr Anne Payet")
    marie = await (await Patient.new(browser)).open((await anne.card()).link)
    await marie.accept()
    await marie.write("Par la carte")
    assert await texts(anne, 1) == ["Par la carte"]
    await answered(anne, "Bienvenue", "read")


async def test_a_damaged_link_and_no_link(place: World, browser: Browser) -> None:
    anne = await place.person("anne", "Dr Anne Payet")
    link = (await anne.invite("Marie")).link
    marie = await (await Patient.new(browser)).open(link[:-6])
    await expect(marie.page.get_by_role("heading", name="Ce lien est abîmé")).to_be_visible()
    await marie.picture("damaged")
    other = await (await Patient.new(browser, locale="en-GB")).open(f"{place.relay.url}/i")
    await expect(other.page.get_by_role("heading", name="There is nothing here")).to_be_visible()
    await other.page.get_by_role("button", name="Français").click()
    await expect(other.page.get_by_role("heading", name="Il n'y a rien ici")).to_be_visible()
