"""Comparing what was computed with what a vector says."""

from __future__ import annotations

from typing import Any


def same(found: Any, expected: Any, what: str) -> None:
    """Raises `AssertionError`, also where Python runs without assertions."""
    if found != expected:
        raise AssertionError(f"{what} is another")


def unhex(text: str) -> bytes:
    return bytes.fromhex(text)
