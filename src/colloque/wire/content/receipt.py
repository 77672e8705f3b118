"""What became of messages at their reader: delivered, read, or set aside as unreadable; and the writer's own head."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import ClassVar

from colloque.wire.codec import Reader, WireError, Writer

RECEIPTS = 500


class Outcome(IntEnum):
    DELIVERED = 1
    READ = 2


@dataclass(frozen=True, slots=True)
class Receipt:
    """`items`: (message id, what became of it). `head`: the number of the last message that the writer of this sent."""

    KIND: ClassVar[int] = 3
    items: tuple[tuple[bytes, Outcome], ...]
    head: int

    def write_to(self, out: Writer) -> None:
        out.uint(self.head, 8).list(
            self.items, lambda w, item: w.fixed(item[0], 16).uint(item[1], 1), RECEIPTS
        )

    @classmethod
    def read_from(cls, source: Reader) -> Receipt:
        head = source.uint(8)
        return cls(source.list(_item, RECEIPTS), head)


def _item(source: Reader) -> tuple[bytes, Outcome]:
    ident, outcome = source.fixed(16), source.uint(1)
    if outcome not in list(Outcome):
        raise WireError("a receipt of an unknown kind")
    return ident, Outcome(outcome)


@dataclass(frozen=True, slots=True)
class Retraction:
    """Takes an earlier message of the same author back: readers remove its text and its files."""

    KIND: ClassVar[int] = 4
    target: bytes

    def write_to(self, out: Writer) -> None:
        out.fixed(self.target, 16)

    @classmethod
    def read_from(cls, source: Reader) -> Retraction:
        return cls(source.fixed(16))
