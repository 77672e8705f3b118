"""What is fuzzed: something that takes bytes, gives a value or one documented error, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Target:
    """`again`: what was decoded, encoded: the same bytes must come. `seeds` are real ones."""

    name: str
    seeds: tuple[bytes, ...] = field(repr=False)
    decode: Callable[[bytes], Any]
    again: Callable[[Any], bytes] | None
    error: type[Exception]

    def check(self, data: bytes) -> bool:
        """Whether the bytes were taken; raises whatever must not come."""
        try:
            value = self.decode(data)
        except self.error:
            return False
        if self.again is not None and self.again(value) != data:
            raise AssertionError(f"{self.name}: what was decoded encodes to other bytes: {data.hex()}")
        return True
