"""The consultation at the desk: a practitioner and a patient see and hear each other (`docs/desk.md`)."""

from __future__ import annotations

from playwright.async_api import Browser, expect

from tests.scenarios.world import World
from tests.web.call.consulting import NAME, called, hang_up, patient_of, practice, talk


async def test_desk_and_patient_talk(place: World, devices: Browser) -> None:
    """For ten seconds, both ways; words go on beside it."""
    async with practice(place, devices) as anne:
        marie = await patient_of(anne, devices)
        await called(anne, marie)
        await talk(anne, seconds=10)
        await talk(marie, seconds=10)
        await marie.write("Je vous vois.")
        await anne.sees("Je vous vois.")
        await hang_up(anne)
        await expect(anne.page.get_by_text("L'appel est terminé.")).to_be_visible()
        await expect(marie.page.get_by_text("L'appel est terminé.")).to_be_visible(timeout=20_000)
        assert not anne.problems
        assert not marie.problems
        assert NAME not in await anne.page.title()
