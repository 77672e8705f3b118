"""A consultation in Debian's Chromium, with made-up cameras and microphones: from the tap that lets a patient in to the first
picture of the other at each side, and what a call costs.

Each round starts two browsers of their own, with nothing in their caches; relay and desk are in this process, on the same
processors. The page answers for the patient as soon as it rings: what a person takes for it is not in it. What a call costs is
processor time over all processes of one browser (Linux), made-up picture and sound included: encoding is in software here.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any, Final

from playwright.async_api import Browser, Page, Playwright, async_playwright

from colloque.client.client import Client
from colloque.desk import pages
from colloque.desk.server import DeskServer
from colloque.relay.core import Options
from colloque.relay.server import RelayServer
from colloque.wire.profile import Profile

ROUNDS: Final = 7
TALK_S: Final = 10
PASSPHRASE: Final = "a passphrase for figures"
_ARGS: Final = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
_ARGS_QUIET: Final = ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
_ARGS_FAKE: Final = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
_SIDE: Final = "--colloque-side"
"""Chromium knows no such flag: it stands in the command line of one browser, to be found by."""

_NOTES: Final = """
window.marks = {};
const mark = (name) => { window.marks[name] ??= Date.now(); };
const seen = new WeakSet();
new MutationObserver(() => {
  for (const button of document.querySelectorAll("button")) {
    if (button.textContent === "Répondre avec l'image") { mark("rung"); button.click(); }
  }
  for (const video of document.querySelectorAll(".tile video")) {
    if (!seen.has(video)) { seen.add(video); video.requestVideoFrameCallback(() => mark("frame")); }
  }
}).observe(document, { childList: true, subtree: true });
document.addEventListener("click", ({ target }) => { if (target.textContent === "Faire entrer") mark("admitted"); }, true);
"""
_FRAME: Final = "window.marks.frame"


async def _page(playwright: Playwright, chromium: str, side: str) -> tuple[Browser, Page]:
    args = [*_ARGS, *_ARGS_QUIET, *_ARGS_FAKE, f"{_SIDE}={side}"]
    browser = await playwright.chromium.launch(executable_path=chromium, args=args)
    page = await browser.new_page(locale="fr-FR", viewport={"width": 1280, "height": 800})
    await page.add_init_script(_NOTES)
    return browser, page


async def _mark(page: Page, expression: str) -> float:
    for _ in range(600):
        found = await page.evaluate(expression)
        if found:
            return float(found)
        await asyncio.sleep(0.05)
    raise AssertionError(f"{expression} did not come")


def _processes(side: str) -> list[Path]:
    """Everything that one browser runs, as folders in `/proc`."""
    parents: dict[str, str] = {}
    roots: set[str] = set()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parents[folder.name] = _fields(folder)[1]
            if f"{_SIDE}={side}".encode() in (folder / "cmdline").read_bytes().split(b"\0"):
                roots.add(folder.name)
        except OSError:
            continue

    def is_of(process: str) -> bool:
        while process in parents:
            if process in roots:
                return True
            process = parents[process]
        return False

    return [Path("/proc") / process for process in parents if is_of(process)]


def _fields(folder: Path) -> list[str]:
    """Of its `stat`, from the state on: the name before it may hold anything."""
    return (folder / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()


def _spent(side: str) -> float:
    """Seconds of processor time until now."""
    ticks = 0
    for folder in _processes(side):
        try:
            fields = _fields(folder)
        except OSError:
            continue
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


async def _shares(sides: list[str]) -> dict[str, float]:
    """Of one processor, over some seconds."""
    began, before = time.perf_counter(), [_spent(side) for side in sides]
    await asyncio.sleep(TALK_S)
    lasted = time.perf_counter() - began
    return {side: round((_spent(side) - was) / lasted, 2) for side, was in zip(sides, before, strict=True)}


async def _round(playwright: Playwright, chromium: str, server: DeskServer, n: int) -> dict[str, Any]:
    """Seconds from letting in; in the first round also shares of a processor."""
    name = f"Marie {n}"
    sides = [f"{side}-{os.getpid()}-{n}" for side in ("desk", "patient")]
    at_desk, desk = await _page(playwright, chromium, sides[0])
    at_patient, patient = await _page(playwright, chromium, sides[1])
    await desk.goto(server.gate.address)
    await desk.locator(".desk").wait_for()
    await desk.get_by_label("Les patients voient :").select_option("1")
    await patient.goto((await server.desk.client.invite(name)).link)
    await patient.locator("#name").fill(name)
    await patient.locator("button[type=submit]").click()
    await patient.locator("#words").fill("Bonjour")
    await patient.get_by_role("button", name="Envoyer").click()
    await desk.locator("[data-room]").get_by_text(name).click()
    admit = desk.get_by_role("button", name="Faire entrer")
    await admit.wait_for()
    waiting = await _shares(sides) if n == 0 else {}
    await admit.click()
    admitted = await _mark(desk, "window.marks.admitted")
    rung = await _mark(patient, "window.marks.rung")
    found: dict[str, Any] = {
        "let_in_to_ringing": (rung - admitted) / 1000,
        "let_in_to_picture_at_patient": (await _mark(patient, _FRAME) - admitted) / 1000,
        "let_in_to_picture_at_desk": (await _mark(desk, _FRAME) - admitted) / 1000,
    }
    if n == 0:
        await asyncio.sleep(5)
        talking = await _shares(sides)
        found["shares"] = {
            side.split("-")[0]: {"waiting": waiting[side], "talking": talking[side]} for side in sides
        }
    await desk.get_by_role("button", name="Raccrocher").click()
    await asyncio.sleep(0.5)
    await at_patient.close()
    await at_desk.close()
    return found


async def run(rounds: int = ROUNDS) -> dict[str, Any]:
    """Medians. Nothing where there is no Chromium or no bundle."""
    chromium = shutil.which("chromium")
    if chromium is None or not (pages.FOLDER / "index.html").exists():
        print("no Chromium here, or the pages are not built: calls are not measured")
        return {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with RelayServer(folder / "relay", "127.0.0.1", 0, Options(creation="open")) as relay:
            profile = Profile("Dr Anne Payet")
            await Client.create(folder / "home", relay=relay.url, profile=profile, passphrase=PASSPHRASE)
            async with DeskServer(folder / "home") as server, async_playwright() as playwright:
                await server.desk.unlock(PASSPHRASE)
                found = [await _round(playwright, chromium, server, n) for n in range(rounds)]
    shares = found[0].pop("shares")
    seconds = {name: round(statistics.median(one[name] for one in found), 2) for name in found[0]}
    return seconds | {"share of a processor": shares}


if __name__ == "__main__":
    for what, figures in asyncio.run(run()).items():
        print(f"{what:40} {figures}")
