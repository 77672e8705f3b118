"""The French of what is raised as a sentence (`WireError`, `Locked`, `NotFound`, `RelayError`); `{}` is a gap."""

from __future__ import annotations

from typing import Final

REFUSALS: Final[dict[str, str]] = {}
