"""Whoever answers has lost the line, and asks whoever offers for the next round (`spec/calls.md` C10)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from colloque.wire.codec import Reader, Writer
from colloque.wire.content.call.bound import Bound


@dataclass(frozen=True, slots=True)
class Restart:
    """`bound.round`: the last that its author knows."""

    KIND: ClassVar[int] = 21
    bound: Bound

    def write_to(self, out: Writer) -> None:
        self.bound.write_to(out)

    @classmethod
    def read_from(cls, source: Reader) -> Restart:
        return cls(Bound.read_from(source))
