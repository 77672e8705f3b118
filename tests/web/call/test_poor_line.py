"""A poor line, by a UDP proxy in front of coturn: the picture gives way, the sound goes on (`spec/calls.md` C14)."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.scenarios.world import quick_argon
from tests.web.call.people import behind_a_proxy, both_in_line, in_line, measured, together


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
    async with behind_a_proxy(tmp_path) as (place, shape):
        _, _, marie, luc = await together(place, devices)
        shape.bits_per_s, shape.delay_s, shape.loss = bits, delay_s, loss
        weak = "ligne faible : image en pause pour garder le son"
        for patient in (marie, luc):
            await expect(patient.page.locator("figcaption", has_text=weak)).to_be_visible(timeout=60_000)
        await both_in_line(marie, luc)
        # What waited in the line while the picture was still on has to pass first.
        await marie.page.wait_for_timeout(4_000)
        for patient in (marie, luc):
            [one] = await measured(patient.page, 8)
            assert one["energy"] > 0.01
            assert one["concealed"] < 0.25
        await in_line(marie, "Luc")
