"""Names for the instants between writes, so that tests can stop the program at each of them (a power cut, a kill)."""

from __future__ import annotations

from collections.abc import Callable

Step = Callable[[str], None]
"""Told the name of what was just done, or is about to be."""


def no_step(_name: str) -> None:
    """Nothing happens between the steps, except in tests."""
