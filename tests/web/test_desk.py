"""The desk's pages: a practitioner and a patient, each in a browser, through a real relay."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from pathlib import Path

from playwright.async_api import Browser, expect

from colloque.desk.server import DeskServer
from tests.scenarios.world import World
from tests.web.browser import Patient
from tests.web.desk import AtDesk, inbox_line


async def test_from_the_first_start_to_words_both_ways(place: World, browser: Browser) -> None:
    async with DeskServer(place.folder / "desk") as server:
        anne = await AtDesk.at(browser, server)
        await expect(anne.page.get_by_role("heading", name="Qui êtes-vous")).to_be_visible()
        assert "token" not in anne.page.url
        await anne.picture("first-who")
        await anne.begin(place.relay.url)
        await anne.picture("empty")
        link = await anne.invite("Marie H.")
        await anne.picture("invited")
        marie = await (await Patient.new(browser)).open(link)
        await expect(marie.page.get_by_role("heading", name="Dr Anne Payet vous invite")).to_be_visible()
        await marie.accept()
        await marie.write("Bonjour docteur, j'ai de la fièvre.")
        await inbox_line(anne.page, "Marie H.", "1 non lu")
        await expect(anne.page.get_by_role("heading", name="Ce lien a servi")).to_be_visible()
        await anne.picture("unread")
        await anne.choose("Marie H.")
        await expect(anne.page.locator(".members")).to_have_text("Marie Hoarau, nom donné par cette personne")
        await anne.sees("j'ai de la fièvre")
        await marie.sees("j'ai de la fièvre", "lu")
        await anne.write("Depuis quand ?")
        await marie.sees("Depuis quand ?")
        await anne.sees("Depuis quand ?", "lu")
        await expect(anne.page.get_by_text("1 non lu")).to_be_hidden()
        await anne.picture("conversation")
        assert not anne.problems + marie.problems


async def test_the_program_as_people_start_it(place: World, browser: Browser, tmp_path: Path) -> None:
    """`colloque desk` itself, in a process of its own: its address opens the page; stopped, the page says so."""
    command = [sys.executable, "-m", "colloque.cli", "--home", str(tmp_path / "own"), "--json", "desk"]
    program = await asyncio.create_subprocess_exec(
        *command, "--no-browser", stdout=asyncio.subprocess.PIPE, env={**os.environ, "LANG": "fr_FR.UTF-8"}
    )
    try:
        assert program.stdout is not None
        address = json.loads(await program.stdout.readline())["address"]
        anne = await AtDesk.new(browser)
        await anne.page.goto(address)
        assert isinstance(anne, AtDesk)
        await anne.begin(place.relay.url)
        marie = await (await Patient.new(browser)).open(await anne.invite())
        await marie.accept()
        await marie.write("Bonjour docteur")
        await anne.choose("Marie")
        await anne.write("Bonjour Marie")
        await marie.sees("Bonjour Marie")
        await anne.sees("Bonjour Marie", "lu")
        await anne.page.reload()
        await anne.sees("Bonjour Marie")
        assert not anne.problems
        program.terminate()
        await expect(anne.page.get_by_role("heading", name="Le programme ne répond pas")).to_be_visible()
        assert "Bonjour" not in await anne.page.content()
        assert await asyncio.wait_for(program.wait(), 20) == 0
    finally:
        if program.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                program.kill()
            await program.wait()
