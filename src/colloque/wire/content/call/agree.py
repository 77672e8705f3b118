"""Somebody agrees to be in a call, and says which of their devices are on (`spec/calls.md` C5, C6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from colloque.wire.codec import Reader, WireError, Writer
from colloque.wire.content.call.bound import CALL_BYTES
from colloque.wire.signing import SIGNATURE_KEY_BYTES

SOUND, PICTURE, SCREEN = 1, 2, 4


@dataclass(frozen=True, slots=True)
class Agree:
    """`session`: which opening of their page this is, only growing; `heard`: the reader's own that they know, 0 for none.
    `media`: what they send, a sum of `SOUND`, `PICTURE` and `SCREEN`."""

    KIND: ClassVar[int] = 17
    call: bytes
    to: bytes
    session: int
    heard: int
    media: int

    def write_to(self, out: Writer) -> None:
        self._check()
        out.fixed(self.call, CALL_BYTES).fixed(self.to, SIGNATURE_KEY_BYTES)
        out.uint(self.session, 8).uint(self.heard, 8).uint(self.media, 1)

    @classmethod
    def read_from(cls, source: Reader) -> Agree:
        call, to = source.fixed(CALL_BYTES), source.fixed(SIGNATURE_KEY_BYTES)
        value = cls(call, to, source.uint(8), source.uint(8), source.uint(1))
        value._check()
        return value

    def _check(self) -> None:
        if self.session == 0 or self.media > SOUND + PICTURE + SCREEN:
            raise WireError("an agreement without a session, or with media that there are not")
