"""Somebody is not in a call any more, or does not come into it (`spec/calls.md` C11)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import ClassVar

from colloque.wire.codec import Reader, WireError, Writer
from colloque.wire.content.call.bound import CALL_BYTES


class Why(IntEnum):
    """`FORGED`: what connected was not what had come by MLS."""

    OVER = 1
    DECLINED = 2
    BUSY = 3
    FORGED = 4


@dataclass(frozen=True, slots=True)
class HangUp:
    KIND: ClassVar[int] = 24
    call: bytes
    why: Why

    def write_to(self, out: Writer) -> None:
        out.fixed(self.call, CALL_BYTES).uint(self.why, 1)

    @classmethod
    def read_from(cls, source: Reader) -> HangUp:
        call, why = source.fixed(CALL_BYTES), source.uint(1)
        if why not in list(Why):
            raise WireError("an end of a call for an unknown reason")
        return cls(call, Why(why))
