"""What a test needs and is not there: it is skipped, and says why; under CI, where all of it has to be, it fails."""

from __future__ import annotations

import os

import pytest


def skip_or_fail(reason: str | None) -> None:
    """Nothing where there is no reason."""
    if reason is not None:
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
