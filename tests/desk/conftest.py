"""A real relay, a real desk over real HTTP, and a real Client at the other end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.desk.page import Page, begin, page
from tests.scenarios.world import World, quick_argon, world


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    quick_argon(monkeypatch)


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as made:
        yield made


@pytest.fixture
async def desk(here: World) -> AsyncIterator[Page]:
    """Open, with a home of its own."""
    async with page(here.folder / "desk") as opened:
        await begin(opened, here.relay.url)
        yield opened
