"""One Chromium for each test. Where it cannot run they skip and say so; under CI they fail."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.scenarios.world import World, quick_argon, world
from tests.web.browser import chromium, why_absent


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    reason = why_absent()
    if reason is not None:
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    async with chromium() as running:
        yield running


@pytest.fixture
async def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    quick_argon(monkeypatch)
    async with world(tmp_path) as made:
        yield made
