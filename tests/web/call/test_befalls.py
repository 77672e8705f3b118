"""What befalls a call: pages opened anew, people taken out, a relay that dies, somebody in between (C4, C5, C10, C11)."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from colloque.relay.core import Options
from colloque.relay.server import RelayServer
from tests.scenarios.world import World, quick_argon, texts
from tests.web.call.people import (
    answer,
    behind_a_proxy,
    both_in_line,
    gathered,
    in_line,
    measured,
    ring,
    talk,
    together,
)


async def test_three_people_and_one_is_taken_out(place: World, devices: Browser) -> None:
    """C11: who is removed from the conversation is cut off; the others go on."""
    names = ["Marie", "Luc", "Jeanne"]
    anne, conversation, (marie, luc, jeanne) = await gathered(place, [devices], names)
    ring(anne, conversation)
    for patient in (marie, luc, jeanne):
        await answer(patient)
    for patient, name in ((marie, "Luc"), (marie, "Jeanne"), (luc, "Jeanne"), (jeanne, "Luc")):
        await in_line(patient, name)
    for patient in (marie, luc, jeanne):
        await talk(patient, 2)
    anne.remove(conversation, ["Luc"])
    await expect(luc.page.locator(".call")).to_have_count(0, timeout=20_000)
    await luc.page.wait_for_timeout(500)
    assert await measured(luc.page, 0.2) == []
    await expect(marie.page.locator(".tile")).to_have_count(2)
    await talk(marie)
    await talk(jeanne)


async def test_either_page_is_opened_anew_during_the_call(place: World, devices: Browser) -> None:
    """C5: nobody clicks, and the call goes on."""
    _, _, marie, luc = await together(place, devices)
    for patient in (marie, luc):
        await patient.page.reload()
        await both_in_line(marie, luc)
        await talk(marie)
        await talk(luc)
    assert not marie.problems
    assert not luc.problems
    # C11: one hangs up, and the other is told.
    await marie.page.get_by_role("button", name="Raccrocher").click()
    await expect(marie.page.get_by_text("L'appel est terminé.")).to_be_visible()
    await expect(luc.page.get_by_text("Marie n'est plus dans l'appel").last).to_be_visible(timeout=20_000)
    await marie.page.reload()
    await expect(marie.page.get_by_role("button", name="Ensemble")).to_be_visible()
    await expect(marie.page.locator(".call")).to_have_count(0)


async def test_the_relay_dies_and_the_call_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, devices: Browser
) -> None:
    quick_argon(monkeypatch)
    options = Options("open")
    async with AsyncExitStack() as people:
        async with RelayServer(tmp_path / "relay", options=options) as relay:
            place = World(tmp_path, relay, people)
            anne, _, marie, luc = await together(place, devices)
            port = int(relay.url.rpartition(":")[2])
        await talk(marie, seconds=5)
        await talk(luc)
        await marie.page.locator("#words").fill("Sans le relais")
        await marie.page.get_by_role("button", name="Envoyer").click()
        async with RelayServer(tmp_path / "relay", port=port, options=options):
            assert await texts(anne, 1, 60) == ["Sans le relais"]
            await luc.sees("Sans le relais")
            await talk(marie)
            await people.aclose()


async def test_a_line_that_is_broken_for_ten_seconds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, devices: Browser
) -> None:
    """C10: the next round mends it; nobody clicks."""
    quick_argon(monkeypatch)
    async with behind_a_proxy(tmp_path) as (place, shape):
        _, _, marie, luc = await together(place, devices)
        shape.broken = True
        await asyncio.sleep(10)
        shape.broken = False
        await both_in_line(marie, luc)
        await marie.page.wait_for_timeout(3_000)
        await talk(marie)
        await talk(luc)


IN_BETWEEN = """
(() => {
  // What somebody in between would do: the description that goes to the others names one certificate, and another one answers.
  const Real = window.RTCPeerConnection;
  const algorithm = { name: "ECDSA", namedCurve: "P-256" };
  const line = (f) => `a=fingerprint:sha-256 ${f}`;
  let shown, real;
  window.ready = Promise.all([Real.generateCertificate(algorithm), Real.generateCertificate(algorithm)]).then(([a, b]) => {
    [shown, real] = [a, b].map((one) => one.getFingerprints()[0].value.toUpperCase());
    window.certificate = b;
    return [shown, real];
  });
  window.RTCPeerConnection = class extends Real {
    constructor(config) { super({ ...config, certificates: [window.certificate] }); window.connections.push(this); }
    get localDescription() {
      const given = super.localDescription;
      return given && { type: given.type, sdp: given.sdp.replaceAll(line(real), line(shown)) };
    }
  };
})();
"""
GIVEN_TO_THE_BROWSER = """
(() => {
  const set = RTCPeerConnection.prototype.setRemoteDescription;
  RTCPeerConnection.prototype.setRemoteDescription = function ({ type, sdp }) {
    const [shown, real] = window.swap;
    return set.call(this, { type, sdp: sdp.replaceAll(shown, real) });
  };
})();
"""


async def test_another_certificate_than_the_one_that_came_by_mls(place: World, devices: Browser) -> None:
    """C11: DTLS connects, and the call is refused all the same; both are told why."""
    scripts = [GIVEN_TO_THE_BROWSER, IN_BETWEEN]
    anne, conversation, (marie, luc) = await gathered(place, [devices], ["Marie", "Luc"], scripts)
    swap = await luc.page.evaluate("window.ready")
    await marie.page.evaluate("(swap) => { window.swap = swap; }", swap)
    ring(anne, conversation)
    await answer(marie)
    await answer(luc)
    for patient in (marie, luc):
        await expect(patient.page.get_by_text("appel refusé").last).to_be_visible(timeout=30_000)
    # It was not that nothing connected.
    assert await marie.page.evaluate("window.connected")
    assert await measured(marie.page, 0.2) == []
