"""One Chromium for each test. Where it cannot run they skip and say so; under CI they fail."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.scenarios.world import World, quick_argon, world
from tests.support.absent import skip_or_fail
from tests.web.browser import chromium, why_absent


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    skip_or_fail(why_absent())
    async with chromium() as running:
        yield running


@pytest.fixture
async def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    quick_argon(monkeypatch)
    async with world(tmp_path) as made:
        yield made
