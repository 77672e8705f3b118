"""An offer of media: a description of one attempt, or of a later round of it (`spec/calls.md` C7)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from colloque.wire.codec import Reader, Writer
from colloque.wire.content.call.bound import FINGERPRINT_BYTES, SDP_BYTES, Bound


@dataclass(frozen=True, slots=True)
class CallOffer:
    """`session`: the reader's, that this is for. `fingerprint`: SHA-256 of the certificate that the author's DTLS will show.
    `sdp`: the browser's own text, with the reader's and the author's addresses."""

    KIND: ClassVar[int] = 18
    bound: Bound
    session: int
    fingerprint: bytes
    sdp: str = field(repr=False)

    def write_to(self, out: Writer) -> None:
        self.bound.write_to(out)
        out.uint(self.session, 8).fixed(self.fingerprint, FINGERPRINT_BYTES).text(self.sdp, SDP_BYTES)

    @classmethod
    def read_from(cls, source: Reader) -> CallOffer:
        bound = Bound.read_from(source)
        return cls(bound, source.uint(8), source.fixed(FINGERPRINT_BYTES), source.text(SDP_BYTES))
