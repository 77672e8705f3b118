"""A real relay, a real desk over real HTTP, and a real Client at the other end."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.desk.page import Page, begin, page
from tests.scenarios.conftest import _quick, here
from tests.scenarios.world import World

__all__ = ["_quick", "here"]


@pytest.fixture
async def desk(here: World) -> AsyncIterator[Page]:
    """Open, with a home of its own."""
    async with page(here.folder / "desk") as opened:
        await begin(opened, here.relay.url)
        yield opened
