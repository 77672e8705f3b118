"""What the practitioner's browser keeps on its disk: no word, no name, no picture, also where a draft was left and a PDF open."""

from __future__ import annotations

import itertools
from pathlib import Path

from playwright.async_api import Browser, async_playwright, expect

from colloque.cli.sample_pdf import sample_pdf
from colloque.desk.server import DeskServer
from tests.scenarios.world import PASSPHRASE, World
from tests.support.planted import scan_folder
from tests.web.browser import ARGS, CHROMIUM, Patient
from tests.web.desk import AtDesk
from tests.web.test_documents import PICTURE, attach
from tests.web.test_profile import spellings

PRACTICE, NAME, THEIRS, DRAFT, FILE, SOUGHT = (
    "Dr Anne Malabar-Payet",
    "Zéphyrine Trigonelle",
    "quinquagénaire asthmatique",
    "brouillon furosémide",
    "calebasse-radio.pdf",
    "asthmatiq",
)
LONG_MS = 4_000


async def test_no_word_lies_readable_in_the_profile(place: World, browser: Browser, tmp_path: Path) -> None:
    profile, home = tmp_path / "profile", await place.home("desk", PRACTICE)
    photo, report = tmp_path / "peau-calebasse.png", tmp_path / FILE
    photo.write_bytes(PICTURE)
    report.write_bytes(sample_pdf(300_000, "Tout va bien"))
    async with DeskServer(home) as server, async_playwright() as playwright:
        context = await playwright.chromium.launch_persistent_context(
            profile, executable_path=CHROMIUM, args=ARGS, locale="fr-FR"
        )
        anne = AtDesk(context, context.pages[0], server=server)
        anne.watch(anne.page)
        await anne.page.goto(server.gate.address)
        await anne.unlock()
        link = await anne.invite("Zéphyrine")
        # Long enough for a browser to write down what it would bring back after a crash.
        await anne.page.wait_for_timeout(LONG_MS)
        marie = await (await Patient.new(browser)).open(link)
        await marie.accept(NAME)
        await marie.write(THEIRS)
        await attach(marie, photo)
        await attach(marie, report)
        await anne.choose("Zéphyrine")
        await anne.sees(FILE)
        await anne.page.get_by_role("button", name="Voir ici").click()
        await anne.page.locator("iframe.pdf").wait_for()
        await anne.page.locator("#search").fill(SOUGHT)
        await expect(anne.page.locator(".side .inbox-line")).to_have_count(1)
        await anne.page.locator("#words").fill(DRAFT)
        await anne.page.wait_for_timeout(LONG_MS)
        assert not anne.problems
        visited = server.gate.host.encode()
        await context.close()
    secrets = (PRACTICE, NAME, THEIRS, DRAFT, FILE, SOUGHT, PASSPHRASE, link.split("#")[1])
    planted = list(itertools.chain(*map(spellings, secrets)))
    planted += [PICTURE[40:80], report.read_bytes()[2_000:2_040]]
    assert scan_folder(profile, [visited])[visited], "the history is there, and is seen"
    assert not {word: count for word, count in scan_folder(profile, planted).items() if count}
