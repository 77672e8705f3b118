"""Whether somebody is there: in the waiting room, or at the practice (`spec/calls.md` C12)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import ClassVar

from colloque.wire.codec import Reader, WireError, Writer


class There(IntEnum):
    HERE = 1
    WITH_SOMEONE = 2
    AWAY = 3


@dataclass(frozen=True, slots=True)
class Presence:
    KIND: ClassVar[int] = 22
    there: There

    def write_to(self, out: Writer) -> None:
        out.uint(self.there, 1)

    @classmethod
    def read_from(cls, source: Reader) -> Presence:
        there = source.uint(1)
        if there not in list(There):
            raise WireError("a presence of an unknown kind")
        return cls(There(there))
