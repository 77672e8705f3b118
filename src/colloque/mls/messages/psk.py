"""Pre-shared keys: how they are named (RFC 9420 8.4), and the one secret that comes of several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from colloque.mls.codec import Reader, Wire, u8, u16, u64, vector
from colloque.mls.crypto.suite import Suite
from colloque.mls.errors import DecodeError


class PskType(IntEnum):
    EXTERNAL = 1
    RESUMPTION = 2


class Usage(IntEnum):
    APPLICATION = 1
    REINIT = 2
    BRANCH = 3


@dataclass(frozen=True, slots=True)
class PskId(Wire):
    """`id` for an external key; `usage`, `group_id` and `epoch` for a resumption key. `nonce` is drawn anew each time."""

    type: PskType
    nonce: bytes
    id: bytes = b""
    usage: int = 0
    group_id: bytes = b""
    epoch: int = 0

    def encode(self) -> bytes:
        if self.type is PskType.EXTERNAL:
            return u8(self.type) + vector(self.id) + vector(self.nonce)
        return u8(self.type) + u8(self.usage) + vector(self.group_id) + u64(self.epoch) + vector(self.nonce)

    @classmethod
    def read(cls, source: Reader) -> PskId:
        kind = source.uint(1)
        if kind == PskType.EXTERNAL:
            ident = source.opaque()
            return cls(PskType.EXTERNAL, source.opaque(), ident)
        if kind == PskType.RESUMPTION:
            usage, group_id, epoch = source.uint(1), source.opaque(), source.uint(8)
            if usage not in list(Usage):
                raise DecodeError("a resumption key of an unknown usage")
            return cls(PskType.RESUMPTION, source.opaque(), b"", usage, group_id, epoch)
        raise DecodeError("a pre-shared key of an unknown type")


@dataclass(frozen=True, slots=True)
class Psk:
    """An external pre-shared key."""

    id: bytes
    secret: bytes

    def __repr__(self) -> str:
        return f"Psk(id={self.id!r})"


def psk_secret(suite: Suite, psks: Sequence[tuple[PskId, bytes]]) -> bytes:
    """RFC 9420 8.4: each key mixed in, in the order of the proposals; zeros where there is none."""
    zero = bytes(suite.hash_bytes)
    secret = zero
    for index, (ident, psk) in enumerate(psks):
        extracted = suite.extract(zero, psk)
        label = ident.encode() + u16(index) + u16(len(psks))
        secret = suite.extract(
            suite.expand_with_label(extracted, "derived psk", label, suite.hash_bytes), secret
        )
    return secret
