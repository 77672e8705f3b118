"""Words written to the conversation."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from colloque.wire.codec import Reader, Writer

TEXT_BYTES = 262_144


@dataclass(frozen=True, slots=True)
class Text:
    KIND: ClassVar[int] = 1
    text: str = field(repr=False)

    def write_to(self, out: Writer) -> None:
        out.text(self.text, TEXT_BYTES, 4)

    @classmethod
    def read_from(cls, source: Reader) -> Text:
        return cls(source.text(TEXT_BYTES, 4))
