"""The desk's page in Debian's Chromium, with 500 conversations and 10,000 messages: until the inbox, a conversation and what a
search found are drawn. The home is that of `bench/desk.py`; the times are taken in the page, from the tap or key to the frame.
"""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import statistics
import tempfile
from pathlib import Path
from typing import Any, Final

from playwright.async_api import Page, async_playwright

from bench.desk import PASSPHRASE, fill, identity
from colloque.client.client import now_ms
from colloque.desk import pages
from colloque.desk.server import DeskServer
from colloque.store.client.home import Home

ROUNDS: Final = 15
_ARGS: Final = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
_ARGS_QUIET: Final = ["--disable-background-networking", "--disable-component-update", "--disable-sync"]

_UNTIL: Final = """
async ([act, shown]) => {
  const frame = () => new Promise(requestAnimationFrame);
  const drawn = () => document.querySelector(shown)?.innerText.includes(act.text ?? "");
  const begun = performance.now();
  if (act.text) document.dispatchEvent(new Event("visibilitychange"));
  if (act.click) document.querySelector(act.click).click();
  if (act.type !== undefined) {
    const field = document.querySelector("#search");
    field.value = act.type;
    field.dispatchEvent(new Event("input", {bubbles: true}));
  }
  while (!drawn()) await frame();
  return performance.now() - begun;
}
"""
_TO_INBOX: Final = """
async () => {
  while (!document.querySelector(".side .inbox-line")) await new Promise(requestAnimationFrame);
  return performance.now();
}
"""


def _figures(taken: list[float]) -> dict[str, float]:
    return {
        "p50_ms": round(statistics.median(taken), 1),
        "p95_ms": round(sorted(taken)[int(0.95 * len(taken))], 1),
    }


async def _search(page: Page, words: str) -> list[float]:
    taken = []
    for _ in range(ROUNDS):
        taken.append(await page.evaluate(_UNTIL, [{"type": words}, ".side .lines + [role=status]"]))
        await page.evaluate(_UNTIL, [{"type": ""}, ".side h2 + .lines:not(:has(+ [role=status]))"])
    return taken


async def run() -> dict[str, Any]:
    """Milliseconds. Nothing where there is no Chromium or no bundle."""
    chromium = shutil.which("chromium")
    if chromium is None or not (pages.FOLDER / "index.html").exists():
        print("no Chromium here, or the page is not built: the desk's page is not measured")
        return {}
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "home"
        home = Home.create(folder, PASSPHRASE, identity("Dr Anne"), random=os.urandom, clock=now_ms)
        fill(home, random.Random(4))
        home.close()
        async with DeskServer(folder) as server, async_playwright() as playwright:
            await server.desk.unlock(PASSPHRASE)
            await asyncio.sleep(3)
            browser = await playwright.chromium.launch(executable_path=chromium, args=[*_ARGS, *_ARGS_QUIET])
            page = await browser.new_page(locale="fr-FR", viewport={"width": 1280, "height": 800})
            await page.goto(server.gate.address)
            await page.locator(".side .inbox-line").first.wait_for()
            opened, anew, turned = [], [], []
            for _ in range(ROUNDS):
                await page.reload(wait_until="commit")
                opened.append(await page.evaluate(_TO_INBOX))
                await asyncio.sleep(0.5)
            for n in range(ROUNDS):
                first = server.desk.client.home.inbox.lines()[0].conversation
                server.desk.client.home.database.execute(
                    "UPDATE conversation SET name = ? WHERE id = ?", f"Anew {n}", first
                )
                anew.append(await page.evaluate(_UNTIL, [{"text": f"Anew {n}"}, ".side"]))
                await asyncio.sleep(0.5)
            for n in range(ROUNDS):
                line = f".side li:nth-child({2 + n}) .inbox-line"
                turned.append(await page.evaluate(_UNTIL, [{"click": line}, ".entries .line"]))
                await page.evaluate(_UNTIL, [{"click": ".top .actions button.quiet"}, ".panel"])
                await asyncio.sleep(0.5)
            found["the page reloaded, until the inbox"] = _figures(opened)
            found["the inbox, asked anew and drawn"] = _figures(anew)
            found["a conversation, from the tap"] = _figures(turned)
            found["search, a word of half the messages"] = _figures(await _search(page, "tension"))
            found["search, two letters begun"] = _figures(await _search(page, "ba"))
            await browser.close()
    return found


if __name__ == "__main__":
    for what, figures in asyncio.run(run()).items():
        print(f"{what:40} {figures}")
