"""A host's word to whoever waits: admitted, or how much longer it takes (`spec/calls.md` C13)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Final

from colloque.wire.codec import Reader, Writer

WORD_BYTES: Final = 500


@dataclass(frozen=True, slots=True)
class Word:
    """`minutes`: how long it still takes, 0 where that is not said. `text`: what is said beside, or empty."""

    KIND: ClassVar[int] = 23
    admitted: bool
    minutes: int
    text: str = field(repr=False)

    def write_to(self, out: Writer) -> None:
        out.flag(self.admitted).uint(self.minutes, 2).text(self.text, WORD_BYTES)

    @classmethod
    def read_from(cls, source: Reader) -> Word:
        return cls(source.flag(), source.uint(2), source.text(WORD_BYTES))
