"""The answer to an offer, of the same attempt and round (`spec/calls.md` C8)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from colloque.wire.codec import Reader, Writer
from colloque.wire.content.call.bound import FINGERPRINT_BYTES, SDP_BYTES, Bound


@dataclass(frozen=True, slots=True)
class CallAnswer:
    """`fingerprint`: SHA-256 of the certificate that the author's DTLS will show."""

    KIND: ClassVar[int] = 19
    bound: Bound
    fingerprint: bytes
    sdp: str = field(repr=False)

    def write_to(self, out: Writer) -> None:
        self.bound.write_to(out)
        out.fixed(self.fingerprint, FINGERPRINT_BYTES).text(self.sdp, SDP_BYTES)

    @classmethod
    def read_from(cls, source: Reader) -> CallAnswer:
        return cls(Bound.read_from(source), source.fixed(FINGERPRINT_BYTES), source.text(SDP_BYTES))
