"""Patients in Chromium with a made-up camera and microphone, in one conversation with a practice in Python."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page, async_playwright, expect

from colloque.client.client import Client
from colloque.relay.core import Options
from colloque.relay.turn import Turn
from colloque.wire.content.call.ring import Ring
from tests.scenarios.world import World, talk_of, texts, until, world
from tests.support.coturn import SECRET, coturn
from tests.support.udp_proxy import Shape, udp_proxy
from tests.web.browser import ARGS, CHROMIUM, Patient

FAKE = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]


@asynccontextmanager
async def with_devices(args: Sequence[str] = FAKE) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=[*ARGS, *args])
        try:
            yield browser
        finally:
            await browser.close()


async def gathered(
    place: World, browsers: Sequence[Browser], names: Sequence[str], scripts: Sequence[str] = ()
) -> tuple[Client, bytes, list[Patient]]:
    """A practice, and its patients in one conversation of several; each looks at it."""
    anne = await place.person("anne", "Dr Anne Payet")
    patients = []
    for at, name in enumerate(names):
        script = WATCHED + (scripts[at] if at < len(scripts) else "")
        patient = await Patient.new(browsers[at % len(browsers)], script=script)
        await (await patient.open((await anne.invite(name)).link)).accept(name)
        await patient.write("Bonjour")
        assert await texts(anne, 1) == ["Bonjour"]
        patients.append(patient)
    conversation = anne.convene("Ensemble", list(names))
    await until(anne, lambda: len(talk_of(anne, conversation).group.members()) == len(names) + 1)
    for patient in patients:
        page = patient.page
        if await page.get_by_role("button", name="Retour").count():
            await page.get_by_role("button", name="Retour").click()
        await page.get_by_role("button", name="Ensemble").click()
        await expect(page.locator("#words")).to_be_visible()
    await anne.send(conversation, text="Je vous appelle.")
    for patient in patients:
        await patient.sees("Je vous appelle.")
    return anne, conversation, patients


def ring(anne: Client, conversation: bytes, *, telephone: str = "") -> Ring:
    """The practice calls everybody."""
    talk = talk_of(anne, conversation)
    keys = [peer.key for peer in talk.conversation.peers]
    called = Ring(os.urandom(16), (anne.home.identity.key, *keys), True, telephone)
    for key in keys:
        anne.calls.signal(conversation, called, key)
    return called


async def answer(patient: Patient, button: str = "Répondre avec l'image") -> None:
    await patient.page.get_by_role("button", name=button).click(timeout=20_000)


async def in_line(patient: Patient, name: str) -> None:
    await expect(patient.page.get_by_text(f"{name} est en ligne").last).to_be_visible(timeout=30_000)


async def together(
    place: World, devices: Browser, scripts: Sequence[str] = ()
) -> tuple[Client, bytes, Patient, Patient]:
    """Marie and Luc in a call, each with the other in line."""
    anne, conversation, (marie, luc) = await gathered(place, [devices], ["Marie", "Luc"], scripts)
    ring(anne, conversation)
    await answer(marie)
    await answer(luc)
    await both_in_line(marie, luc)
    return anne, conversation, marie, luc


async def both_in_line(marie: Patient, luc: Patient) -> None:
    await in_line(marie, "Luc")
    await in_line(luc, "Marie")


@asynccontextmanager
async def behind_a_proxy(folder: Path) -> AsyncIterator[tuple[World, Shape]]:
    """All media pass a real coturn, and before it a line that can be made poor, or broken."""
    shape = Shape()
    with coturn(folder) as turn:
        async with udp_proxy(turn.port, shape) as proxy:
            url = f"turn:127.0.0.1:{proxy.port}?transport=udp"
            async with world(folder, Options("open", turn=Turn((url,), SECRET, only=True))) as place:
                yield place, shape


async def measured(page: Page, seconds: float) -> list[dict[str, Any]]:
    """For each live connection: how many frames were decoded, and how much sound energy was heard, in that time."""
    before = await page.evaluate(MEASURE)
    await page.wait_for_timeout(seconds * 1000)
    after = await page.evaluate(MEASURE)
    return [
        {
            "frames": after[at]["frames"] - before[at]["frames"],
            "energy": after[at]["energy"] - before[at]["energy"],
            "heard": after[at]["samples"] - before[at]["samples"],
            "concealed": (after[at]["concealed"] - before[at]["concealed"])
            / max(1, after[at]["received"] - before[at]["received"]),
            "kinds": after[at]["kinds"],
        }
        for at in range(len(after))
    ]


async def talk(who: Patient, count: int = 1, seconds: float = 3) -> None:
    """`count` live connections, each with pictures and sound; soon, where the machine has other work."""
    for _ in range(5):
        found = await measured(who.page, seconds)
        if len(found) == count and all(one["frames"] > seconds and one["energy"] > 0.001 for one in found):
            return
    raise AssertionError(found)


WATCHED = """
window.connections = [];
window.RTCPeerConnection = class extends RTCPeerConnection {
  constructor(...given) {
    super(...given);
    window.connections.push(this);
    this.addEventListener("connectionstatechange", () => {
      if (this.connectionState === "connected") window.connected = true;
    });
  }
};
"""
MEASURE = """async () => {
  const found = [];
  for (const one of window.connections.filter((c) => c.connectionState === "connected")) {
    const sum = { frames: 0, energy: 0, samples: 0, concealed: 0, received: 0, kinds: [] };
    const stats = await one.getStats();
    for (const s of stats.values()) {
      if (s.type === "inbound-rtp" && s.kind === "video") sum.frames += s.framesDecoded || 0;
      if (s.type === "inbound-rtp" && s.kind === "audio") {
        sum.energy += s.totalAudioEnergy || 0;
        sum.concealed += (s.concealedSamples || 0) - (s.silentConcealedSamples || 0);
        sum.received += s.totalSamplesReceived || 0;
        sum.samples += s.totalSamplesDuration || 0;
      }
      if (s.type === "candidate-pair" && s.nominated && s.state === "succeeded") {
        sum.kinds = [stats.get(s.localCandidateId)?.candidateType, stats.get(s.remoteCandidateId)?.candidateType];
      }
    }
    found.push(sum);
  }
  return found;
}"""
