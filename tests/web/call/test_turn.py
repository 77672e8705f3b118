"""Media over a real coturn, and no other way, with credentials that the relay hands out (R40, C15)."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Browser

from colloque.relay.core import Options
from colloque.relay.turn import Turn
from tests.scenarios.world import quick_argon, world
from tests.support.coturn import SECRET, coturn
from tests.web.call.people import answer, gathered, in_line, measured, ring, together


async def test_a_relay_that_forces_relaying(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, devices: Browser
) -> None:
    quick_argon(monkeypatch)
    with coturn(tmp_path) as turn:
        options = Options("open", turn=Turn((turn.url,), SECRET, only=True))
        async with world(tmp_path, options) as place:
            _, _, marie, luc = await together(place, devices)
            for patient in (marie, luc):
                [one] = await measured(patient.page, 5)
                assert one["kinds"] == ["relay", "relay"]
                assert one["frames"] > 25
                assert one["energy"] > 0.001
                # Neither side was told where the other is.
                told = await patient.page.evaluate(
                    "window.connections.map((c) => c.remoteDescription?.sdp ?? '').join('')"
                )
                assert "typ host" not in told
                assert not patient.problems
        said = turn.log.read_text("utf-8", "replace")
        assert "ALLOCATE processed, success" in said
        for word in ("Marie", "Luc", "Anne", "Bonjour"):
            assert word not in said


async def test_a_patient_who_hides_their_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, devices: Browser
) -> None:
    quick_argon(monkeypatch)
    with coturn(tmp_path) as turn:
        async with world(tmp_path, Options("open", turn=Turn((turn.url,), SECRET))) as place:
            anne, conversation, (marie, luc) = await gathered(place, [devices], ["Marie", "Luc"])
            await marie.page.get_by_text("Réglages").click()
            await marie.page.get_by_label("cacher mon adresse").check()
            await marie.page.get_by_text("Réglages").click()
            ring(anne, conversation)
            await answer(marie)
            await answer(luc)
            await in_line(luc, "Marie")
            [one] = await measured(marie.page, 2)
            assert one["kinds"][0] == "relay"
            [one] = await measured(luc.page, 2)
            assert one["kinds"][1] in ("relay", "prflx")
            assert "typ host" not in await luc.page.evaluate("window.connections[0].remoteDescription.sdp")
