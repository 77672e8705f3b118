"""The patient's page in Debian's Chromium, cold: from the link to a conversation in which one can write.

Each round starts a browser of its own, with nothing in its cache, against a real relay and a real practice in this process.
What a person takes to type a name is not in it. Once as this machine is, once with the processor slowed six times.
"""

from __future__ import annotations

import asyncio
import gzip
import shutil
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any, Final

from playwright.async_api import Page, async_playwright

from colloque.client.client import Client
from colloque.relay.core import Options
from colloque.relay.pages import BUNDLE
from colloque.relay.server import RelayServer
from colloque.wire.profile import Profile

ROUNDS: Final = 7
PASSPHRASE: Final = "a passphrase for figures"
_ARGS: Final = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
_ARGS_QUIET: Final = ["--disable-background-networking", "--disable-component-update", "--disable-sync"]


async def _round(page: Page, link: str) -> dict[str, float]:
    marks = [time.perf_counter()]
    await page.goto(link, wait_until="commit")
    await page.locator("#name").wait_for()
    marks.append(time.perf_counter())
    await page.locator("#name").fill("Marie Hoarau")
    marks.append(time.perf_counter())
    await page.locator("button[type=submit]").click()
    await page.locator("#words").wait_for()
    marks.append(time.perf_counter())
    await page.locator(".banner").wait_for(state="hidden")
    marks.append(time.perf_counter())
    opening, written, answered = marks[1] - marks[0], marks[3] - marks[2], marks[4] - marks[2]
    return {
        "link_to_opening": opening,
        "tap_to_writing": written,
        "link_to_writing": opening + written,
        "link_to_answered": opening + answered,
    }


async def _rounds(practice: Client, chromium: str, slowed: int) -> dict[str, float]:
    found: list[dict[str, float]] = []
    async with async_playwright() as playwright:
        for n in range(ROUNDS):
            link = (await practice.invite(f"Marie {slowed} {n}")).link
            browser = await playwright.chromium.launch(executable_path=chromium, args=[*_ARGS, *_ARGS_QUIET])
            page = await browser.new_page(locale="fr-FR")
            devices = await page.context.new_cdp_session(page)
            await devices.send("Emulation.setCPUThrottlingRate", {"rate": slowed})
            found.append(await _round(page, link))
            await browser.close()
    return {name: round(statistics.median(one[name] for one in found), 3) for name in found[0]}


async def run() -> dict[str, Any]:
    """Seconds, medians; the bytes of scripts and styles, gzipped. Nothing where there is no Chromium or no bundle."""
    chromium = shutil.which("chromium")
    if chromium is None or not (BUNDLE / "index.html").exists():
        print("no Chromium here, or the page is not built: the patient's page is not measured")
        return {}
    parts = [path.read_bytes() for path in BUNDLE.iterdir() if path.suffix in (".js", ".css")]
    result: dict[str, Any] = {"gzipped_bytes": sum(len(gzip.compress(part, 9)) for part in parts)}
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "practice"
        async with RelayServer(Path(folder) / "relay", "127.0.0.1", 0, Options(creation="open")) as relay:
            await Client.create(
                home, relay=relay.url, profile=Profile("Dr Anne Payet"), passphrase=PASSPHRASE
            )
            async with Client.open(home, passphrase=PASSPHRASE) as practice:
                for slowed in (1, 6):
                    result[f"seconds, slowed {slowed} times"] = await _rounds(practice, chromium, slowed)
    return result


if __name__ == "__main__":
    print(asyncio.run(run()))
