"""A whole consultation, and afterwards none of its words anywhere but at its two ends (`SECURITY.md`)."""

from __future__ import annotations

import asyncio
import itertools
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright, expect

from colloque.client.client import Client
from colloque.desk.call_api import TELEPHONE
from colloque.desk.server import DeskServer
from colloque.wire.profile import Profile
from tests.scenarios.tap import Tap
from tests.scenarios.world import PASSPHRASE, quick_argon
from tests.support.coturn import SECRET, coturn
from tests.support.planted import scan_folder, scan_process
from tests.web.browser import ARGS, CHROMIUM, Patient
from tests.web.call.consulting import hang_up
from tests.web.call.people import FAKE, WATCHED, answer, in_line, measured, talk
from tests.web.desk import AtDesk, inbox_line
from tests.web.test_documents import attach
from tests.web.test_profile import spellings

PRACTICE, NAME, MOTIVE, CHAT, HERS, WORD, FILE, INSIDE, NUMBER, FOUND = (
    "Dr Anne Malabar-Payet",
    "Zéphyrine Trigonelle",
    "palpitations quinquagénaires",
    "vertiges au lever, calebasse",
    "furosémide quarante le matin",
    "je finis une suture de tamarin",
    "radio-trigonelle.txt",
    "cardiomyopathie dilatée débutante",
    "+262 262 47 11 58",
    "souffle mitral, tamarin confirmé",
)
PLANTED = (PRACTICE, NAME, MOTIVE, CHAT, HERS, WORD, FILE, INSIDE, NUMBER, FOUND)
ERASED_S = 5


@contextmanager
def _relay(folder: Path, turn: str) -> Iterator[tuple[int, str]]:
    """A relay of its own, whose memory is looked through, and where it is; its log is in `folder`."""
    secret = folder / "turn-secret"
    secret.write_bytes(SECRET)
    secret.chmod(0o600)
    command = [sys.executable, "-m", "colloque.cli", "relay", "--data", str(folder / "relay")]
    command += ["--listen", "127.0.0.1:0", "--creation", "open", "--turn", turn]
    command += ["--turn-secret-file", str(secret), "--turn-only"]
    with (folder / "relay.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
        try:
            assert process.stdout is not None
            yield process.pid, process.stdout.readline().split()[-1]
        finally:
            process.terminate()
            process.communicate(timeout=20)


async def _consultation(anne: AtDesk, patient: Patient, file: Path) -> None:
    """Written, waited, seen, heard, a document across, and the report of it."""
    page = anne.page
    await (await patient.open((await anne.client.invite(NAME)).link)).accept(NAME, keep=False)
    await patient.write(MOTIVE)
    await inbox_line(page, NAME, MOTIVE)
    await page.get_by_label("Les patients voient :").select_option(label="je suis là")
    await page.locator("[data-room]").get_by_text(NAME).click(timeout=20_000)
    await page.get_by_role("button", name="Un mot…").click()
    await page.get_by_label("Un mot à qui attend").fill(WORD)
    await page.get_by_role("button", name="Envoyer ce mot").click()
    await expect(patient.page.get_by_text(f"« {WORD} »")).to_be_visible(timeout=20_000)
    await page.get_by_role("button", name="Faire entrer").click()
    await answer(patient)
    await in_line(anne, NAME)
    await in_line(patient, PRACTICE)
    await asyncio.gather(talk(anne), talk(patient))
    for one in await measured(patient.page, 1):
        assert one["kinds"] == ["relay", "relay"]
    await patient.write(CHAT)
    await anne.sees(CHAT)
    await attach(patient, file)
    await anne.sees(FILE)
    await page.locator("#words").fill(HERS)
    await page.get_by_role("button", name="Envoyer", exact=True).click()
    await patient.sees(HERS)
    await hang_up(anne)
    await expect(patient.page.get_by_text("L'appel est terminé.")).to_be_visible(timeout=20_000)
    await _report(anne)
    await expect(patient.page.locator(".line", has_text="compte-rendu-")).to_be_visible(timeout=20_000)


async def _report(anne: AtDesk) -> None:
    """Offered when the call is over; when it was, and that one was seen, is known from it."""
    await anne.page.get_by_role("button", name="Écrire un compte rendu").click()
    form = anne.page.get_by_role("region", name="Compte rendu")
    await form.get_by_label("Date de naissance").fill("1948-03-02")
    await form.get_by_label("Constaté et dit").fill(FOUND)
    for none in ("Aucun acte", "Aucune prescription", "Aucun incident technique"):
        await form.get_by_label(none).check()
    await form.get_by_role("button", name="Envoyer et garder au dossier").click()
    await expect(form).to_have_count(0)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc/PID/mem, which only Linux has")
async def test_no_word_of_a_consultation_is_left_in_between(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, devices: Browser
) -> None:
    quick_argon(monkeypatch)
    (tmp_path / "between").mkdir()
    file, profile, home = tmp_path / FILE, tmp_path / "profile", tmp_path / "desk"
    file.write_text(INSIDE * 2_000, "utf-8")
    words = list(itertools.chain(*map(spellings, PLANTED)))
    with coturn(tmp_path / "between") as turn, _relay(tmp_path / "between", turn.url) as (relay, url):
        between = relay, int((tmp_path / "between" / "turn.pid").read_text())
        async with Tap(url) as tap:
            await Client.create(home, relay=tap.url, profile=Profile(PRACTICE), passphrase=PASSPHRASE)
            async with DeskServer(home) as server, async_playwright() as playwright:
                await server.desk.unlock(PASSPHRASE)
                server.desk.client.home.set_setting(TELEPHONE, NUMBER.encode())
                anne = await AtDesk.at(devices, server, script=WATCHED)
                context = await playwright.chromium.launch_persistent_context(
                    profile, executable_path=CHROMIUM, args=[*ARGS, *FAKE], locale="fr-FR"
                )
                await context.add_init_script(WATCHED)
                patient = Patient(context, context.pages[0])
                await _consultation(anne, patient, file)
                during = [scan_process(pid, words) for pid in between]
                here = scan_process(os.getpid(), words)
                await context.close()
                await asyncio.sleep(ERASED_S)
                after = [scan_process(pid, words) for pid in between]
                visited = url.rpartition(":")[0].encode()
            seen = bytes(tap.seen)
            assert len(tap.envelopes) > 20
    # What was looked for can be found: in this process, where the desk is; and the places that were searched are the right ones.
    assert all(here[word.encode()] for word in PLANTED), here
    assert b"/v1/" in seen
    assert scan_folder(profile, [visited])[visited]
    assert b"ALLOCATE processed, success" in (tmp_path / "between" / "turn.log").read_bytes()
    for found in (*during, *after, scan_folder(tmp_path / "between", words), scan_folder(profile, words)):
        assert not {word: count for word, count in found.items() if count}
    assert not [word for word in words if word in seen]
