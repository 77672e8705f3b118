"""The envelope: 16,384 bytes, whatever it holds, sealed for one queue under a fresh nonce (`spec/wire.md` W7 to W9).

A message longer than one envelope is split into parts; each part carries the message's random id, so that parts find each
other again and a message that comes twice is known for one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from colloque.wire.codec import Reader, WireError, Writer
from colloque.wire.sizes import ENVELOPE_BYTES

VERSION = 1
NONCE_BYTES, TAG_BYTES, HEADER_BYTES, ID_BYTES = 12, 16, 24, 16
PART_BYTES = ENVELOPE_BYTES - NONCE_BYTES - TAG_BYTES - HEADER_BYTES
PARTS = 64
_AAD = b"colloque 1 envelope"


class Kind(IntEnum):
    """What a whole message is."""

    HELLO = 1
    MLS = 2
    RETURN = 3


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a message: `index` of `total`."""

    kind: Kind
    id: bytes
    index: int
    total: int
    data: bytes = field(repr=False)

    def encode(self) -> bytes:
        """The sealed envelope's plaintext, always of the same length."""
        _check(self)
        out = Writer().uint(VERSION, 1).uint(self.kind, 1).fixed(self.id, ID_BYTES)
        out.uint(self.index, 2).uint(self.total, 2).uint(len(self.data), 2)
        return out.raw(self.data).raw(bytes(PART_BYTES - len(self.data))).done()

    @classmethod
    def decode(cls, plain: bytes) -> Part:
        source = Reader(plain)
        if source.uint(1) != VERSION:
            raise WireError("an envelope of another version")
        kind, ident = source.uint(1), source.fixed(ID_BYTES)
        index, total, length = source.uint(2), source.uint(2), source.uint(2)
        if kind not in list(Kind) or length > PART_BYTES:
            raise WireError("an envelope of an unknown kind or length")
        part = cls(Kind(kind), ident, index, total, source.fixed(length))
        if source.fixed(PART_BYTES - length).strip(b"\0"):
            raise WireError("an envelope's padding is not zero")
        source.end()
        _check(part)
        return part


def _check(part: Part) -> None:
    full = part.index < part.total - 1
    if not 1 <= part.total <= PARTS or not 0 <= part.index < part.total:
        raise WireError("a part's number is out of range")
    if len(part.data) > PART_BYTES or not part.data or (full and len(part.data) != PART_BYTES):
        raise WireError("a part has the wrong length")


def split(kind: Kind, ident: bytes, message: bytes) -> tuple[Part, ...]:
    """A message's parts, in order; raises `WireError` where it is empty or longer than `PARTS` parts."""
    total = max(1, -(-len(message) // PART_BYTES))
    parts = tuple(
        Part(kind, ident, at, total, message[at * PART_BYTES : (at + 1) * PART_BYTES]) for at in range(total)
    )
    for part in parts:
        _check(part)
    return parts


def join(parts: tuple[Part, ...]) -> bytes:
    """The message of all its parts, given in any order; raises `WireError` where they do not belong together."""
    ordered = sorted(parts, key=lambda part: part.index)
    first = ordered[0]
    alike = all((p.kind, p.id, p.total) == (first.kind, first.id, first.total) for p in ordered)
    if not alike or [p.index for p in ordered] != list(range(first.total)):
        raise WireError("the parts are not one message")
    return b"".join(part.data for part in ordered)


def seal(key: bytes, part: Part, random: Callable[[int], bytes]) -> bytes:
    """The envelope, `ENVELOPE_BYTES` long. The nonce is drawn anew at each call."""
    nonce = random(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, part.encode(), _AAD)


def open_envelope(key: bytes, envelope: bytes) -> Part:
    """The part inside; raises `WireError` where the key does not fit or the content is malformed."""
    if len(envelope) != ENVELOPE_BYTES:
        raise WireError("an envelope of the wrong size")
    try:
        plain = AESGCM(key).decrypt(envelope[:NONCE_BYTES], envelope[NONCE_BYTES:], _AAD)
    except InvalidTag:
        raise WireError("an envelope that this queue's key does not open") from None
    return Part.decode(plain)
