"""A practitioner at the desk and patients in Chromium, all with a made-up camera and microphone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, expect

from tests.scenarios.world import World
from tests.web.browser import Patient
from tests.web.call.people import WATCHED, answer, in_line
from tests.web.desk import AtDesk, at_desk, inbox_line

NAME = "Marie Hoarau"
DOCTOR = "Dr Anne Payet"


@asynccontextmanager
async def practice(place: World, devices: Browser) -> AsyncIterator[AtDesk]:
    async with at_desk(place, devices, script=WATCHED) as anne:
        yield anne


async def patient_of(anne: AtDesk, devices: Browser, name: str = NAME) -> Patient:
    """Somebody who followed the desk's link and wrote."""
    marie = await Patient.new(devices, script=WATCHED)
    await (await marie.open((await anne.client.invite(name)).link)).accept(name)
    await marie.write("Bonjour")
    await inbox_line(anne.page, name, "Bonjour")
    return marie


async def call(anne: AtDesk, name: str = NAME, button: str = "Appeler") -> None:
    """Opens the conversation and calls."""
    await anne.choose(name)
    await anne.page.get_by_role("button", name="Appel", exact=True).click()
    await anne.page.get_by_role("button", name=button, exact=True).click()


async def called(anne: AtDesk, marie: Patient, name: str = NAME) -> None:
    await call(anne, name)
    await answer(marie)
    await both(anne, marie, name)


async def both(anne: AtDesk, marie: Patient, name: str = NAME) -> None:
    await in_line(anne, name)
    await in_line(marie, DOCTOR)


async def hang_up(anne: AtDesk) -> None:
    await anne.page.get_by_role("button", name="Raccrocher").click()
    await expect(anne.page.locator(".calls")).to_have_count(0)
