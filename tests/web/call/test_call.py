"""People in real browsers see and hear each other; everything that sets it up goes inside MLS messages (`spec/calls.md`)."""

from __future__ import annotations

from playwright.async_api import Browser

from tests.scenarios.world import World
from tests.web.call.people import answer, gathered, in_line, measured, ring


async def test_two_see_and_hear_each_other(place: World, devices: Browser) -> None:
    """C1 to C9: for ten seconds, both ways."""
    anne, conversation, (marie, luc) = await gathered(place, [devices], ["Marie", "Luc"])
    ring(anne, conversation)
    await answer(marie)
    await answer(luc)
    await in_line(marie, "Luc")
    await in_line(luc, "Marie")
    for patient in (marie, luc):
        [one] = await measured(patient.page, 10)
        print(one)
        assert one["frames"] > 50
        assert one["energy"] > 0.001
        assert not patient.problems
