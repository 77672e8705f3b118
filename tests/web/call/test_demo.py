"""`make demo`: a newcomer is in a call with themself, with what the demo opens and nothing else."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from tests.web.browser import CHROMIUM

# A real browser without a screen, which this test can look into.
WRAPPED = f"""#!/bin/sh
exec {CHROMIUM} --headless=new --remote-debugging-port=0 --disable-gpu "$@"
"""
SECONDS = 120


async def _port(folder: Path, at: int) -> str:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        for found in folder.glob(f"colloque-practice-*/window-{at}/DevToolsActivePort"):
            if lines := found.read_text().splitlines():
                return lines[0]
        await asyncio.sleep(0.1)
    raise AssertionError("no window was opened")


async def _page(browser: Browser) -> Page:
    [context] = browser.contexts
    context.set_default_timeout(20_000)
    return context.pages[0] if context.pages else await context.wait_for_event("page")


@pytest.fixture
def temporary() -> Iterator[Path]:
    """Shorter than pytest's own: a browser's socket lies in it, whose name has 107 bytes at most."""
    with tempfile.TemporaryDirectory(prefix="c-", ignore_cleanup_errors=True) as name:
        yield Path(name)


@pytest.mark.long
async def test_a_newcomer_is_in_a_call_with_themself(
    browser_reason: None, tmp_path: Path, temporary: Path
) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "chromium").write_text(WRAPPED)
    (programs / "chromium").chmod(0o755)
    environment = {
        **os.environ,
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "TMPDIR": str(temporary),
    }
    started = time.monotonic()
    demo = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "colloque.cli.demo", "--fake-media"),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        env=environment,
    )
    assert demo.stdout is not None
    said = ""
    try:
        async with asyncio.timeout(SECONDS):
            while "the patient " not in said:
                line = await demo.stdout.readline()
                assert line, said
                said += line.decode()
        assert "the PDF arrived whole: True" in said
        assert "\n      Nothing.\n" in said
        assert re.search(r"the practice +http://127\.0\.0\.1:\d+/enter\?token=", said)
        async with async_playwright() as playwright:
            connect = playwright.chromium.connect_over_cdp
            desk = await _page(await connect(f"http://127.0.0.1:{await _port(temporary, 0)}"))
            patient = await _page(await connect(f"http://127.0.0.1:{await _port(temporary, 1)}"))
            english = "document.documentElement.lang"
            for page in (desk, patient):
                await expect(page.locator("#root > *").first).to_be_visible()
                if await page.evaluate(english) != "fr":
                    await page.locator(".language").click()
            await patient.get_by_label("Votre nom et prénom").fill("Marie Hoarau")
            await patient.get_by_role("button", name="Accepter et commencer").click()
            await desk.locator("[data-room] button").click(timeout=20_000)
            await desk.get_by_role("button", name="Faire entrer").click()
            await patient.get_by_role("button", name="Répondre avec l'image").click(timeout=20_000)
            await expect(desk.get_by_text("est en ligne").last).to_be_visible(timeout=20_000)
            for page in (desk, patient):
                await expect(page.locator(".tile video")).to_have_js_property("paused", value=False)
                before = await page.locator(".tile video").evaluate("(v) => v.currentTime")
                await page.wait_for_timeout(2_000)
                after = await page.locator(".tile video").evaluate("(v) => v.currentTime")
                assert after > before + 0.5
        assert time.monotonic() - started < SECONDS
        demo.send_signal(signal.SIGINT)
        async with asyncio.timeout(30):
            rest = (await demo.stdout.read()).decode()
            assert await demo.wait() == 0
        assert "is deleted" in rest
        assert list(temporary.glob("colloque-*")) == []
    finally:
        if demo.returncode is None:
            demo.kill()
            await demo.wait()
