"""The second half of `make demo`: a made-up practice with its desk, and a patient's link, both open until Ctrl-C."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
import webbrowser
from pathlib import Path
from typing import Final

from colloque.cli.stopping import stopping
from colloque.client.client import Client
from colloque.desk.server import DeskServer
from colloque.relay.core import Options
from colloque.relay.server import RelayServer
from colloque.wire.content.call.presence import There
from colloque.wire.profile import Profile

DOCTOR: Final = Profile("Dr Anne Payet", "médecin généraliste", "99900000011")
PATIENT: Final = "Mme Hoarau"
_BROWSERS: Final = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "microsoft-edge",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
)


def run(fake_media: bool, browser: bool) -> None:
    """`fake_media`: two windows of Chromium with a made-up camera and microphone."""
    folder = tempfile.TemporaryDirectory(prefix="colloque-practice-", ignore_cleanup_errors=True)
    # Windows: Ctrl-C comes as an exception.
    with contextlib.suppress(KeyboardInterrupt), folder as name:
        asyncio.run(_practice(Path(name), fake_media, browser))
    print("\n  Closed. Everything was made up, and is deleted.\n")


async def _practice(folder: Path, fake_media: bool, browser: bool) -> None:
    stopped = stopping()
    print("\n7. Your turn: a practice and its patient, on this computer. Press Ctrl-C when you are done.")
    secret = secrets.token_urlsafe(16)
    async with RelayServer(folder / "relay", options=Options("open")) as relay:
        await Client.create(folder / "practice", relay=relay.url, profile=DOCTOR, passphrase=secret)
        async with DeskServer(folder / "practice") as desk:
            await desk.desk.unlock(secret)
            desk.waiting.be(There.HERE)
            link = (await desk.desk.client.invite(PATIENT)).link
            print(f"\n      the practice   {desk.gate.address}\n      the patient    {link}\n")
            print("      In the patient's window: a name, then the button.")
            print("      At the practice: choose who waits, then let them in. Then answer as the patient.")
            print(
                "      Two windows on one computer hear each other: use headphones." if not fake_media else ""
            )
            sys.stdout.flush()
            windows = _open(folder, [desk.gate.address, link], fake_media) if browser else []
            try:
                await stopped.wait()
            finally:
                await asyncio.to_thread(_close, windows)


def _open(folder: Path, addresses: list[str], fake_media: bool) -> list[subprocess.Popen[bytes]]:
    if not fake_media:
        for address in addresses:
            webbrowser.open_new(address)
        return []
    program = next((found for one in _BROWSERS if (found := shutil.which(one))), None)
    if program is None:
        print("      No Chromium, Chrome or Edge was found: open both addresses yourself.", flush=True)
        return []
    return [_window(program, folder / f"window-{at}", at, address) for at, address in enumerate(addresses)]


def _window(program: str, profile: Path, at: int, address: str) -> subprocess.Popen[bytes]:
    """A browser of its own, with nothing of the person's: what it keeps goes with the folder."""
    command = [program, f"--user-data-dir={profile}", "--no-first-run", "--no-default-browser-check"]
    command += ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    command += ["--window-size=960,900", f"--window-position={960 * at},0"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        # Chromium has no sandbox for root, and does not start without being told that this is known.
        command.append("--no-sandbox")
    return subprocess.Popen([*command, address], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _close(windows: list[subprocess.Popen[bytes]]) -> None:
    for one in windows:
        one.terminate()
    for one in windows:
        try:
            one.wait(10)
        except subprocess.TimeoutExpired:
            one.kill()
            one.wait()
    if windows:
        # Its helpers write for a moment longer, into the folder that is deleted next.
        time.sleep(1)
