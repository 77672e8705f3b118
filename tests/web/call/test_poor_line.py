"""A poor line, by a UDP proxy in front of coturn: the picture gives way, the sound goes on (`spec/calls.md` C14)."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from colloque.relay.core import Options
from colloque.relay.turn import Turn
from tests.scenarios.world import quick_argon, world
from tests.support.coturn import SECRET, coturn
from tests.support.udp_proxy import Shape, udp_proxy
from tests.web.call.people import answer, gathered, in_line, measured, ring


@pytest.mark.parametrize(
    ("bits", "delay_s", "loss"),
    # At 30 kbit/s the line is full, so how much comes whole depends on how quick this machine is just then.
    [(150_000, 0.15, 0.05), pytest.param(30_000, 0.05, 0.0, marks=pytest.mark.long)],
)
async def test_the_sound_goes_on(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    devices: Browser,
    bits: int,
    delay_s: float,
    loss: float,
) -> None:
    quick_argon(monkeypatch)
    shape = Shape()
    with coturn(tmp_path) as turn:
        async with udp_proxy(turn.port, shape) as proxy:
            url = f"turn:127.0.0.1:{proxy.port}?transport=udp"
            async with world(tmp_path, Options("open", turn=Turn((url,), SECRET, only=True))) as place:
                anne, conversation, (marie, luc) = await gathered(place, [devices], ["Marie", "Luc"])
                ring(anne, conversation)
                await answer(marie)
                await answer(luc)
                await in_line(marie, "Luc")
                await in_line(luc, "Marie")
                shape.bits_per_s, shape.delay_s, shape.loss = bits, delay_s, loss
                weak = "ligne faible : image en pause pour garder le son"
                for patient in (marie, luc):
                    await expect(patient.page.locator("figcaption", has_text=weak)).to_be_visible(
                        timeout=60_000
                    )
                await in_line(marie, "Luc")
                await in_line(luc, "Marie")
                # What waited in the line while the picture was still on has to pass first.
                await marie.page.wait_for_timeout(4_000)
                for patient in (marie, luc):
                    [one] = await measured(patient.page, 8)
                    print(bits, one)
                    assert one["energy"] > 0.01
                    assert one["concealed"] < 0.25
                await in_line(marie, "Luc")
