"""One Chromium with a made-up camera and microphone for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser

from tests.support.absent import skip_or_fail
from tests.web.browser import why_absent
from tests.web.call.people import with_devices


@pytest.fixture
def browser_reason() -> None:
    """Skips, or fails under CI, where no browser can run."""
    skip_or_fail(why_absent())


@pytest.fixture
async def devices(browser_reason: None) -> AsyncIterator[Browser]:
    async with with_devices() as running:
        yield running
