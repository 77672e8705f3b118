"""Ways to reach the author, found since the description was made, a few at a time (`spec/calls.md` C9)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Final

from colloque.wire.codec import Reader, WireError, Writer
from colloque.wire.content.call.bound import Bound

AT_ONCE: Final = 32
CANDIDATE_BYTES: Final = 512


@dataclass(frozen=True, slots=True)
class Candidates:
    """`items`: (which media line of the description, the browser's own text)."""

    KIND: ClassVar[int] = 20
    bound: Bound
    items: tuple[tuple[int, str], ...] = field(repr=False)

    def write_to(self, out: Writer) -> None:
        self._check()
        self.bound.write_to(out)
        out.list(self.items, lambda w, item: w.uint(item[0], 1).text(item[1], CANDIDATE_BYTES), AT_ONCE)

    @classmethod
    def read_from(cls, source: Reader) -> Candidates:
        bound = Bound.read_from(source)
        value = cls(bound, source.list(lambda s: (s.uint(1), s.text(CANDIDATE_BYTES)), AT_ONCE))
        value._check()
        return value

    def _check(self) -> None:
        if not self.items:
            raise WireError("candidates, and none among them")
