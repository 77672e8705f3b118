"""The first start, the lock screen, a forgotten passphrase, and a backup, on the desk's page (`spec/sessions.md` S38)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from colloque.desk.idle import IDLE_S
from colloque.desk.server import DeskServer
from colloque.relay.core import Options
from colloque.store.relay import grants
from tests.desk.test_locking import Clock
from tests.scenarios.world import PASSPHRASE, World, quick_argon, world
from tests.web.desk import AtDesk, at_desk

NEW = "une autre phrase"


async def test_what_is_wrong_is_said_at_the_first_start(
    tmp_path: Path, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick_argon(monkeypatch)
    async with (
        world(tmp_path, Options(creation="grant")) as here,
        DeskServer(tmp_path / "desk") as server,
    ):
        token = os.urandom(24).hex()
        await here.relay.core.database.run(grants.issue(token.encode(), 50, 1 << 40))
        anne = await AtDesk.at(browser, server)
        page, said = anne.page, anne.page.get_by_role("alert")
        go = page.get_by_role("button", name="Continuer")
        await go.click()
        await expect(said).to_have_text("Écrivez le nom que les autres verront.")
        await page.get_by_label("Nom affiché").fill("Dr Anne Payet")
        await page.get_by_label("Numéro RPPS").fill("12")
        await go.click()
        await expect(said).to_have_text("Un numéro RPPS a 11 chiffres.")
        await anne.picture("first-problem")
        await page.get_by_label("Numéro RPPS").fill("99900000011")
        await go.click()
        await page.get_by_label("Adresse du relais").fill("http://127.0.0.1:9")
        await go.click()
        await expect(said).to_contain_text("e relais n")
        await page.get_by_label("Adresse du relais").fill(here.relay.url)
        await go.click()
        await page.get_by_label("Jeton").fill(token)
        await anne.picture("first-relay")
        await go.click()
        await page.get_by_label("Phrase secrète").fill("court")
        await page.get_by_role("button", name="Créer mon poste").click()
        await expect(said).to_have_text("Il faut dix signes au moins.")
        await page.get_by_label("Phrase secrète").fill(PASSPHRASE)
        await page.get_by_label("La même, une seconde fois").fill(PASSPHRASE + "x")
        await page.get_by_role("button", name="Créer mon poste").click()
        await expect(said).to_have_text("Les deux ne sont pas identiques.")
        await anne.picture("first-passphrase")
        await page.get_by_label("La même, une seconde fois").fill(PASSPHRASE)
        await page.get_by_role("button", name="Créer mon poste").click()
        await expect(page.locator(".words24 li")).to_have_count(24)
        await expect(page.get_by_role("button", name="Ouvrir mon poste")).to_be_disabled()
        await anne.picture("sheet")
        await page.emulate_media(media="print")
        await expect(page.get_by_role("button", name="Imprimer")).to_be_hidden()
        await expect(page.locator(".words24 li").first).to_be_visible()
        await page.emulate_media(media="screen")
        words = await page.locator(".words24 li").all_inner_texts()
        assert list(server.desk.client.home.recovery_key().words("fr")) == words  # type: ignore[union-attr]
        await page.get_by_label("Je l'ai imprimée").check()
        await page.get_by_role("button", name="Ouvrir mon poste").click()
        await expect(page.locator(".desk")).to_be_visible()
        assert (await server.desk.client.invite("x")).ready


async def test_a_locked_page_holds_nothing_and_says_that_something_came(
    place: World, browser: Browser
) -> None:
    async with at_desk(place, browser) as anne:
        marie = await anne.patient(browser, words="Mes résultats inquiétants")
        await anne.choose("Marie Hoarau")
        await anne.sees("Mes résultats inquiétants")
        page = anne.page
        await page.get_by_role("button", name="Verrouiller").click()
        await expect(page.get_by_role("heading", name="Poste verrouillé")).to_be_visible()
        await expect(page.get_by_label("Phrase secrète", exact=True)).to_be_focused()
        shown = await page.content() + await page.title()
        assert not [word for word in ("inquiétants", "Marie", "Payet") if word in shown]
        await marie.write("Encore moi")
        await expect(page.get_by_text("Quelque chose est arrivé.")).to_be_visible(timeout=20_000)
        assert await page.title() == "(•) Colloque"
        assert "Encore moi" not in await page.content()
        await anne.picture("locked")
        await anne.unlock("une phrase fausse")
        await expect(page.get_by_role("alert")).to_contain_text("phrase secrète")
        assert anne.problems, "a refusal is a failed request"
        await anne.unlock()
        await anne.sees("Encore moi")


async def test_nobody_at_the_desk_for_fifteen_minutes(place: World, browser: Browser) -> None:
    """The page tells that somebody is there only when somebody moves or types."""
    clock = Clock()
    home = await place.home("desk", "Dr Anne Payet")
    async with DeskServer(home, ran=clock.ran, wall=clock.wall) as server:
        await server.desk.unlock(PASSPHRASE)
        anne = await AtDesk.at(browser, server)
        await expect(anne.page.locator(".desk")).to_be_visible()

        async def pass_by(seconds: float) -> None:
            for _ in range(int(seconds // 30)):
                clock.now += 30
                await server.idle.look()

        await pass_by(IDLE_S - 60)
        async with anne.page.expect_response("**/api/here"):
            await anne.page.mouse.move(200, 200)
        await pass_by(IDLE_S - 60)
        await expect(anne.page.locator(".desk")).to_be_visible()
        await pass_by(120)
        await expect(anne.page.get_by_role("heading", name="Poste verrouillé")).to_be_visible()


async def test_a_forgotten_passphrase_and_the_sheet(place: World, browser: Browser) -> None:
    """S38"""
    async with DeskServer(place.folder / "desk") as server:
        anne = await AtDesk.at(browser, server)
        await anne.begin(place.relay.url)
        page = anne.page
        await page.get_by_role("button", name="Réglages").click()
        await anne.picture("settings")
        await page.get_by_label("Phrase secrète", exact=True).fill(PASSPHRASE)
        await page.get_by_role("button", name="Montrer la feuille").click()
        await expect(page.locator(".words24 li")).to_have_count(24)
        words = await page.locator(".words24 li").all_inner_texts()
        await page.get_by_role("button", name="Fermer", exact=True).click()
        await page.get_by_role("button", name="Fermer, sans recevoir").click()
        await expect(page.get_by_role("heading", name="Poste fermé")).to_be_visible()
        await anne.picture("closed")
        await page.get_by_role("button", name="Phrase secrète oubliée").click()
        await page.get_by_label("Les 24 mots").fill("\n".join(words[::-1]))
        await page.get_by_label("Nouvelle phrase secrète").fill(NEW)
        await page.get_by_label("La même, une seconde fois").fill(NEW)
        await page.get_by_role("button", name="Ouvrir", exact=True).click()
        await expect(page.get_by_role("alert").filter(has_text=".")).to_be_visible()
        await anne.picture("forgotten")
        await page.get_by_label("Les 24 mots").fill("\n".join(words))
        await page.get_by_role("button", name="Ouvrir", exact=True).click()
        await expect(page.locator(".desk")).to_be_visible()
        await page.get_by_role("button", name="Verrouiller").click()
        await anne.unlock(NEW)
        await expect(page.locator(".desk")).to_be_visible()


async def test_a_backup_on_another_computer(place: World, browser: Browser, tmp_path: Path) -> None:
    """S38, S31: the file and the sheet are enough."""
    async with DeskServer(place.folder / "desk") as server:
        anne = await AtDesk.at(browser, server, accept_downloads=True)
        await anne.begin(place.relay.url)
        await anne.patient(browser, words="Avant la perte")
        words = server.desk.client.home.recovery_key().words("fr")  # type: ignore[union-attr]
        await anne.page.get_by_role("button", name="Réglages").click()
        async with anne.page.expect_download() as waiting:
            await anne.page.get_by_role("link", name="Enregistrer une sauvegarde").click()
        backup = tmp_path / "colloque.backup"
        await (await waiting.value).save_as(backup)
    async with DeskServer(place.folder / "again") as server:
        anne = await AtDesk.at(browser, server)
        page = anne.page
        await page.get_by_role("button", name="J'ai une sauvegarde").click()
        await page.get_by_role("button", name="Reprendre").click()
        await expect(page.get_by_role("alert")).to_have_text("Choisissez le fichier de sauvegarde.")
        await page.get_by_label("Fichier de sauvegarde").set_input_files(backup)
        await page.get_by_label("Les 24 mots").fill(" ".join(words))
        await page.get_by_label("Nouvelle phrase secrète").fill(NEW)
        await page.get_by_label("La même, une seconde fois").fill(NEW)
        await anne.picture("restore")
        await page.get_by_role("button", name="Reprendre").click()
        await anne.choose("Marie Hoarau")
        await anne.sees("Avant la perte")
        await expect(page.get_by_text("Ce poste a perdu ses clés")).to_be_visible()


async def test_the_program_is_gone_and_comes_back(place: World, browser: Browser) -> None:
    home = await place.home("desk", "Dr Anne Payet")
    async with DeskServer(home) as server:
        await server.desk.unlock(PASSPHRASE)
        anne = await AtDesk.at(browser, server)
        await expect(anne.page.locator(".desk")).to_be_visible()
        port = server.gate.port
    await expect(anne.page.get_by_role("heading", name="Le programme ne répond pas")).to_be_visible()
    await anne.picture("unreached")
    async with DeskServer(home, port) as server:
        # A new token: this browser is a stranger until the new address is opened.
        await expect(anne.page.get_by_role("heading", name="Page à rouvrir")).to_be_visible(timeout=20_000)
        await anne.page.goto(server.gate.address)
        await anne.unlock()
        await expect(anne.page.locator(".desk")).to_be_visible()
