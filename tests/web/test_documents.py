"""Documents both ways between a browser and Python (`spec/wire.md` W30 to W33)."""

from __future__ import annotations

import hashlib
import os
import struct
import zlib
from pathlib import Path
from typing import Literal

import pytest
from playwright.async_api import Browser, expect

from colloque.cli.sample_pdf import sample_pdf
from colloque.client.client import Client
from colloque.client.saving import save_document
from tests.scenarios.world import World, texts
from tests.web.browser import Patient, acquainted


def _drawn(width: int, height: int) -> bytes:
    """A PNG of that size, in a colour that goes from one corner to the other."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = (
        b"\0" + b"".join(bytes((220, 120 + 100 * x // width, 90 + 120 * y // height)) for x in range(width))
        for y in range(height)
    )
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"".join(rows))) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


PICTURE = _drawn(400, 300)


async def saved(patient: Patient, name: str, role: Literal["button", "link"] = "button") -> bytes:
    """What somebody gets by saving the document of that name."""
    line = patient.page.locator(".line", has_text=name)
    async with patient.page.expect_download() as waiting:
        await line.get_by_role(role, name="Enregistrer").click()
    download = await waiting.value
    assert download.suggested_filename == name
    return Path(await download.path()).read_bytes()


async def attach(patient: Patient, path: Path) -> None:
    await patient.page.get_by_label("Joindre un fichier").set_input_files(path)


async def came(anne: Client, name: str, folder: Path) -> bytes:
    assert await texts(anne, 1) == [name]
    [contact] = anne.contacts()
    entry = anne.home.messages.history(contact.conversation)[-1]
    assert entry.document is not None
    return save_document(anne.home, entry, folder).read_bytes()


@pytest.mark.parametrize("keep", [True, False], ids=["device", "tab"])
async def test_documents_go_both_ways_and_stay(
    place: World, browser: Browser, tmp_path: Path, keep: bool
) -> None:
    anne = await place.person("anne", "Dr Anne Payet")
    marie = await (await Patient.new(browser, accept_downloads=True)).open((await anne.invite("Marie")).link)
    await marie.accept(keep=keep)
    await marie.write("Bonjour")
    assert await texts(anne, 1) == ["Bonjour"]
    [contact] = anne.contacts()
    report, picture = tmp_path / "compte-rendu.pdf", tmp_path / "peau.png"
    report.write_bytes(sample_pdf(300_000, "Tout va bien"))
    picture.write_bytes(PICTURE)
    sent = await anne.send(contact.conversation, files=[report, picture])
    for entry in await anne.wait_for(sent, "read", 30):
        assert entry.state == "read"
    assert (
        hashlib.sha256(await saved(marie, report.name)).digest()
        == hashlib.sha256(report.read_bytes()).digest()
    )
    await expect(marie.page.get_by_role("img", name=picture.name)).to_be_visible()
    large = tmp_path / "radio.bin"
    large.write_bytes(os.urandom(2_500_000))
    await attach(marie, large)
    assert await came(anne, large.name, tmp_path / "anne") == large.read_bytes()
    await marie.sees(large.name, "remis|lu")
    await marie.write("Envoyé par erreur")
    await marie.sees("Envoyé par erreur", "remis|lu")
    line = marie.page.locator(".line", has_text="Envoyé par erreur")
    await line.get_by_role("button", name="Retirer").click()
    await line.get_by_role("button", name="Oui").click()
    await expect(marie.page.get_by_text("message retiré")).to_be_visible()
    await marie.page.get_by_role("img").scroll_into_view_if_needed()
    await marie.picture(f"documents-{'device' if keep else 'tab'}")
    await marie.page.reload()
    assert await saved(marie, report.name) == report.read_bytes()
    assert await saved(marie, large.name) == large.read_bytes()
    assert not marie.problems


async def test_what_is_too_large_is_said(place: World, browser: Browser, tmp_path: Path) -> None:
    anne = await place.person("anne", "Dr Anne Payet")
    marie = await (await Patient.new(browser)).open((await anne.invite("Marie")).link)
    await marie.accept()
    huge = tmp_path / "film.mp4"
    with huge.open("wb") as file:
        file.truncate((50 << 20) + 1)
    await attach(marie, huge)
    await expect(marie.page.get_by_role("alert").first).to_contain_text("trop grand")
    # What others write meanwhile takes nothing away from what is said here.
    await marie.page.get_by_text("vous a ouvert la conversation").wait_for()
    [contact] = anne.contacts()
    await anne.send(contact.conversation, text="Bonjour")
    await marie.sees("Bonjour")
    await expect(marie.page.get_by_role("alert").first).to_contain_text("trop grand")
    await marie.picture("too-large")


async def test_what_is_too_large_for_a_page_is_left_and_said(
    place: World, browser: Browser, tmp_path: Path
) -> None:
    """A page holds a document in memory: one that it cannot hold would stop it at every start."""
    anne, marie = await acquainted(place, browser)
    asked: list[str] = []
    marie.page.on("request", lambda one: asked.append(one.method) if one.url.endswith("/v1/chunks") else None)
    huge = tmp_path / "irm.zip"
    with huge.open("wb") as file:
        file.truncate((50 << 20) + 1)
    [contact] = anne.contacts()
    await anne.send(contact.conversation, files=[huge])
    await anne.send(contact.conversation, text="Et un mot")
    await marie.sees("irm.zip", "fichier trop grand pour cette page")
    await marie.sees("Et un mot")
    assert asked == []


async def test_a_full_device_says_so_and_does_not_try_without_end(
    place: World, browser: Browser, tmp_path: Path
) -> None:
    """S18: what could not be kept is not confirmed, and comes again when there is room."""
    anne, marie = await acquainted(place, browser)
    await anne.settle(10)
    # As a browser does when its disk is full; its own quota can be lowered only for a page that is not open yet.
    await marie.page.evaluate(
        """() => {
          window.put = IDBObjectStore.prototype.put;
          IDBObjectStore.prototype.put = () => { throw new DOMException("full", "QuotaExceededError"); };
        }"""
    )
    asked: list[str] = []
    marie.page.on("request", lambda one: asked.append(one.url))
    marie.page.on("websocket", lambda one: asked.append(one.url))
    [contact] = anne.contacts()
    note = tmp_path / "note.txt"
    note.write_text("x")
    await anne.send(contact.conversation, text="Quand il y aura de la place", files=[note])
    await expect(marie.page.get_by_role("status")).to_contain_text("Il n'y a plus de place")
    await marie.page.locator("#words").fill("Non gardé")
    await marie.page.get_by_role("button", name="Envoyer").click()
    await expect(marie.page.get_by_role("alert")).to_contain_text("Il n'y a plus de place")
    await expect(marie.page.locator("#words")).to_have_value("Non gardé")
    await marie.picture("full")
    await marie.page.wait_for_timeout(3_000)
    assert len(asked) <= 3, "the page asks again and again"
    await marie.page.evaluate("() => { IDBObjectStore.prototype.put = window.put; }")
    await marie.sees("Quand il y aura de la place")
    await expect(marie.page.get_by_role("status")).to_have_count(0)
    await marie.page.get_by_role("button", name="Envoyer").click()
    assert await texts(anne, 1) == ["Non gardé"]


async def test_a_document_is_taken_back_by_its_author(place: World, browser: Browser, tmp_path: Path) -> None:
    """S24: readers remove its file."""
    anne, marie = await acquainted(place, browser)
    [contact] = anne.contacts()
    note = tmp_path / "erreur.txt"
    note.write_text("pas pour vous")
    sent = await anne.send(contact.conversation, files=[note])
    await anne.wait_for(sent, "read", 20)
    await marie.sees(note.name)
    anne.retract(sent[0].id)
    await expect(marie.page.get_by_text("message retiré")).to_be_visible(timeout=20_000)
    left = await marie.page.evaluate(
        """() => new Promise((resolve) => {
          const open = indexedDB.open("colloque");
          open.onsuccess = () => {
            const count = open.result.transaction("files").objectStore("files").count();
            count.onsuccess = () => resolve(count.result);
          };
        })"""
    )
    assert left == 0
