"""Where a message lies in its queue: the relay's incarnation, and a number that grows within it (`spec/relay.md` R8)."""

from __future__ import annotations

from dataclasses import dataclass

from colloque.wire.codec import Reader, Writer


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """Ordered. `Position(0, 0)` is before everything."""

    incarnation: int
    sequence: int

    def write_to(self, out: Writer) -> Writer:
        return out.uint(self.incarnation, 8).uint(self.sequence, 8)

    @classmethod
    def read_from(cls, source: Reader) -> Position:
        return cls(source.uint(8), source.uint(8))


START = Position(0, 0)
