"""What binds a description or a candidate to one attempt of one call, from its author to one reader (`spec/calls.md` C3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from colloque.wire.codec import Reader, Writer
from colloque.wire.signing import SIGNATURE_KEY_BYTES

CALL_BYTES: Final = 16
FINGERPRINT_BYTES: Final = 32
SDP_BYTES: Final = 12_288


@dataclass(frozen=True, slots=True)
class Bound:
    """`to`: the signature key of the leaf it is for. `attempt` grows with every connection, `round` with every ICE restart."""

    call: bytes
    to: bytes
    attempt: int
    round: int

    def write_to(self, out: Writer) -> None:
        out.fixed(self.call, CALL_BYTES).fixed(self.to, SIGNATURE_KEY_BYTES)
        out.uint(self.attempt, 8).uint(self.round, 2)

    @classmethod
    def read_from(cls, source: Reader) -> Bound:
        call, to = source.fixed(CALL_BYTES), source.fixed(SIGNATURE_KEY_BYTES)
        return cls(call, to, source.uint(8), source.uint(2))
