"""A report is written at the desk's page, and comes to the patient's as a PDF."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from io import BytesIO

from playwright.async_api import Browser, expect
from pypdf import PdfReader

from tests.scenarios.world import World
from tests.web.desk import at_desk
from tests.web.test_desk_accessible import clean
from tests.web.test_documents import saved


async def test_a_report_is_written_found_and_arrives(place: World, browser: Browser) -> None:
    async with at_desk(place, browser, accept_downloads=True) as anne:
        marie = await anne.patient(browser)
        await anne.choose("Marie Hoarau")
        page = anne.page
        await page.get_by_role("button", name="Comptes rendus").click()
        await expect(page.get_by_text("Aucun compte rendu.")).to_be_visible()
        await page.get_by_role("button", name="Écrire un compte rendu").click()
        form = page.get_by_role("region", name="Compte rendu")
        await expect(form.get_by_label("Nom complet du patient")).to_have_value("Marie Hoarau")
        send = form.get_by_role("button", name="Envoyer et garder au dossier")
        await send.click()
        told = form.get_by_role("alert").filter(has_text="À compléter")
        for missing in (
            "Date de naissance",
            "Début",
            "Forme",
            "Constaté",
            "Actes",
            "Prescriptions",
            "Incidents",
        ):
            await expect(told).to_contain_text(missing)
        await clean(anne, "a report with something missing")
        await form.get_by_label("Date de naissance").fill("1948-03-02")
        now = datetime.now().astimezone()
        await form.get_by_label("Début").fill(f"{now - timedelta(minutes=20):%Y-%m-%dT%H:%M}")
        await form.get_by_label("Fin", exact=True).fill(f"{now - timedelta(minutes=2):%Y-%m-%dT%H:%M}")
        await form.get_by_label("Par le son seul").check()
        await form.get_by_label("Constaté et dit").fill("Genou guéri, marche à l'aise")
        await form.get_by_label("Aucun acte").check()
        await form.get_by_label("Prescriptions", exact=True).fill("Kinésithérapie")
        await form.get_by_label("Aucun incident technique").check()
        await anne.picture("report")

        # What is begun is kept by the desk, also where it was left.
        await page.wait_for_timeout(1_500)
        await form.get_by_role("button", name="Finir plus tard").click()
        await page.get_by_role("button", name="Comptes rendus").click()
        await page.get_by_role("button", name="Écrire un compte rendu").click()
        await expect(form.get_by_label("Constaté et dit")).to_have_value(re.compile("Genou guéri"))
        await page.get_by_role("button", name="Verrouiller").click()
        await expect(page.get_by_text("Genou")).to_have_count(0)
        await anne.unlock()
        await anne.choose("Marie Hoarau")
        await page.get_by_role("button", name="Comptes rendus").click()
        await page.get_by_role("button", name="Écrire un compte rendu").click()
        await expect(form.get_by_label("Constaté et dit")).to_have_value(re.compile("Genou guéri"))
        await send.click()
        await expect(form).to_have_count(0)

        line = marie.page.locator(".line", has_text="compte-rendu-")
        await expect(line.get_by_role("button", name="Enregistrer")).to_be_visible(timeout=20_000)
        name = await line.locator("strong").inner_text()
        made = await saved(marie, name)
        words = "\n".join(one.extract_text() for one in PdfReader(BytesIO(made)).pages)
        for word in (
            "Marie Hoarau",
            "Genou guéri",
            "Kinésithérapie",
            "son seul",
            "ordonnance numérique",
            "Aucun",
        ):
            assert word in words

        await page.get_by_role("button", name="Comptes rendus").click()
        drawer = page.get_by_role("region", name="Comptes rendus")
        await drawer.get_by_role("searchbox").fill("GUERI")
        await expect(drawer.get_by_role("button", name="Corriger par un nouveau")).to_have_count(1)
        await clean(anne, "the reports")
        await anne.picture("reports")
        await drawer.get_by_role("button", name="Corriger par un nouveau").click()
        await expect(form.get_by_role("heading")).to_have_text("Compte rendu qui en corrige un autre")
        assert not anne.problems
