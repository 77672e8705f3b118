"""People in real browsers see and hear each other; everything that sets it up goes inside MLS messages (`spec/calls.md`)."""

from __future__ import annotations

from playwright.async_api import Browser

from tests.scenarios.world import World
from tests.web.call.people import measured, together


async def test_two_see_and_hear_each_other(place: World, devices: Browser) -> None:
    """C1 to C9: for ten seconds, both ways."""
    _, _, marie, luc = await together(place, devices)
    for patient in (marie, luc):
        [one] = await measured(patient.page, 10)
        assert one["frames"] > 50
        assert one["energy"] > 0.001
        assert not patient.problems
