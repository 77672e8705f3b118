"""A conversation at the desk: photographs, PDF, taking back, searching, drafts (`spec/sessions.md` S24, S39)."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.async_api import Browser, expect

from colloque.cli.sample_pdf import sample_pdf
from tests.scenarios.world import World
from tests.web.desk import at_desk, becomes
from tests.web.test_documents import PICTURE, attach, saved


async def test_photographs_and_pdf_are_shown_in_the_page(
    place: World, browser: Browser, tmp_path: Path
) -> None:
    photo, report, fake = tmp_path / "peau.png", tmp_path / "compte-rendu.pdf", tmp_path / "faux.pdf"
    photo.write_bytes(PICTURE)
    report.write_bytes(sample_pdf(300_000, "Tout va bien"))
    fake.write_text("<!doctype html><script>document.title='opened'</script>")
    async with at_desk(place, browser, accept_downloads=True) as anne:
        marie = await anne.patient(browser)
        asked: list[str] = []
        anne.page.on("request", lambda request: asked.append(request.url))
        await anne.choose("Marie Hoarau")
        for path in (photo, report, fake):
            await attach(marie, path)
            await anne.sees(path.name)
        page = anne.page
        picture = page.locator(".line", has_text="peau.png").locator("img")
        await expect(picture).to_be_visible(timeout=20_000)
        await picture.scroll_into_view_if_needed()
        await becomes(page, "[...document.images].some((one) => one.naturalWidth === 400)")
        line = page.locator(".line", has_text="compte-rendu.pdf")
        await line.get_by_role("button", name="Voir ici").click()
        frame = page.locator("iframe.pdf")
        await expect(frame).to_have_attribute("src", re.compile("^blob:"))
        await page.wait_for_timeout(1_500)
        viewers = [one.url for one in page.frames if one.url.startswith("chrome-extension://")]
        assert viewers, "the browser's own viewer shows it"
        await anne.picture("pdf")
        # By the keyboard: where the frame was resized, this browser without a screen gives it clicks beside it.
        await line.get_by_role("button", name="Ne plus montrer").press("Enter")
        await expect(frame).to_have_count(0)
        assert await saved(anne, "compte-rendu.pdf", "link") == report.read_bytes()
        await page.locator(".line", has_text="faux.pdf").get_by_role("button", name="Voir ici").click()
        await expect(page.get_by_text("Ce fichier n'est pas un PDF")).to_be_visible()
        own = (anne.server.gate.origin if anne.server else "", "blob:", "chrome-extension:", "chrome:", "ws:")
        assert not [url for url in asked if not url.startswith(own)]

        await attach(anne, photo)
        mine = page.locator(".line.mine", has_text="peau.png")
        await expect(mine.locator(".state")).to_contain_text("lu", timeout=20_000)
        await mine.get_by_role("button", name="Retirer").click()
        await mine.get_by_role("button", name="Oui", exact=True).click()
        await expect(page.locator(".line", has_text="message retiré")).to_be_visible()
        await expect(marie.page.get_by_text("message retiré")).to_be_visible(timeout=20_000)
        assert not anne.problems


async def test_searching_in_one_conversation_and_in_all(place: World, browser: Browser) -> None:
    """S39: by a word begun, accents or not; a find leads to where it stands, also far back."""
    async with at_desk(place, browser) as anne:
        await anne.patient(browser, words="J'ai mal au genou depuis hier")
        await anne.patient(browser, "Jean Técher", "Mon genou va mieux")
        [marie] = [one for one in anne.client.contacts() if one.name == "Marie Hoarau"]
        for n in range(150):
            await anne.client.send(marie.conversation, text=f"Suite {n}")
        page = anne.page
        await page.locator("#search").fill("GENO")
        side = page.locator(".side")
        await expect(side.get_by_role("status").last).to_have_text("2 trouvés")
        await anne.picture("search")
        await side.locator(".inbox-line", has_text="mal au genou").click()
        sought = page.locator(".line.sought")
        await expect(sought).to_contain_text("mal au genou")
        await expect(sought).to_be_in_viewport()
        await expect(page.locator(".line", has_text="Suite 149")).to_have_count(0)
        await anne.picture("found")
        await page.get_by_role("button", name="Revenir au plus récent").click()
        await expect(page.locator(".line", has_text="Suite 149")).to_be_in_viewport()
        await page.locator("#search").fill("techer")
        await expect(side.locator(".inbox-line")).to_have_count(1)
        await page.get_by_role("button", name="Effacer").click()
        await anne.choose("Jean Técher")
        await page.locator(".tools").get_by_role("button", name="Chercher").click()
        await page.get_by_role("searchbox", name="Chercher dans cette conversation").fill("mal")
        await expect(page.locator(".drawer").get_by_role("status")).to_have_text("Rien de tel.")
        await page.get_by_role("searchbox", name="Chercher dans cette conversation").fill("genou")
        await expect(page.locator(".drawer .inbox-line")).to_have_count(1)
        assert not anne.problems


async def test_what_was_begun_stays_with_its_conversation(place: World, browser: Browser) -> None:
    """A draft for one person never stands ready to be sent to another; it goes when the keys are dropped."""
    async with at_desk(place, browser) as anne:
        await anne.patient(browser)
        await anne.patient(browser, "Jean Técher")
        page = anne.page
        await anne.choose("Marie Hoarau")
        await page.locator("#words").fill("Pour Marie seule")
        await anne.choose("Jean Técher")
        await expect(page.locator("#words")).to_have_value("")
        await page.get_by_role("button", name="Verrouiller").click()
        await anne.unlock()
        await anne.choose("Marie Hoarau")
        await expect(page.locator("#words")).to_have_value("Pour Marie seule")
        await page.get_by_role("button", name="Réglages").click()
        await page.get_by_role("button", name="Fermer, sans recevoir").click()
        await anne.unlock()
        await anne.choose("Marie Hoarau")
        await expect(page.locator("#words")).to_have_value("")


async def test_the_way_back_of_the_browser(place: World, browser: Browser) -> None:
    async with at_desk(place, browser) as anne:
        await anne.patient(browser)
        page = anne.page
        await anne.choose("Marie Hoarau")
        await page.get_by_role("button", name="Réglages").click()
        await page.go_back()
        await expect(page.locator(".talk h1")).to_have_text("Marie Hoarau")
        assert "Marie" not in await page.title() + page.url
        await page.reload()
        await expect(page.locator(".talk h1")).to_have_text("Marie Hoarau")


async def test_what_is_sent_twice_in_haste_goes_once(place: World, browser: Browser) -> None:
    async with at_desk(place, browser) as anne:
        marie = await anne.patient(browser)
        await anne.choose("Marie Hoarau")
        await anne.page.locator("#words").fill("Une seule fois")
        await anne.page.get_by_role("button", name="Envoyer").dblclick()
        await anne.sees("Une seule fois", "lu")
        await anne.write("Puis ceci")
        await marie.sees("Puis ceci")
        await marie.sees("Une seule fois")


async def test_nothing_counts_as_read_where_nobody_looks(place: World, browser: Browser) -> None:
    """S24: a window behind another one has read nothing, though its conversation is open."""
    async with at_desk(place, browser) as anne:
        marie = await anne.patient(browser)
        await anne.choose("Marie Hoarau")
        await marie.sees("Bonjour", "lu")
        page = anne.page
        await page.evaluate("document.hasFocus = () => false")
        await marie.write("Vous êtes là ?")
        await anne.sees("Vous êtes là ?")
        await marie.sees("Vous êtes là ?", "remis")
        await page.wait_for_timeout(1_500)
        await marie.sees("Vous êtes là ?", "remis")
        await expect(page).to_have_title("(1) Colloque")
        await page.evaluate("document.hasFocus = () => true; dispatchEvent(new Event('focus'))")
        await marie.sees("Vous êtes là ?", "lu")
