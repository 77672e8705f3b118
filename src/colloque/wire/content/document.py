"""A document's description: everything the reader needs to fetch, open and check it (`spec/wire.md` W30 to W33).

The document itself lies in chunks on the sender's relay. Each chunk's key and capabilities are drawn from `secret` and the
chunk's number; the right to delete is drawn from `deletion`, which only a sole recipient is given.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from colloque.wire.address import ORIGIN_BYTES, check_origin
from colloque.wire.codec import Reader, WireError, Writer
from colloque.wire.signing import Purpose, derive
from colloque.wire.sizes import CHUNK_SIZES

NAME_BYTES = 1_024
DOCUMENT_BYTES = 2 << 30
CHUNK_TAG_BYTES = 16
AHEAD_BYTES = 16 << 20


@dataclass(frozen=True, slots=True)
class Document:
    KIND: ClassVar[int] = 2
    name: str = field(repr=False)
    media_type: str
    size: int
    sha256: bytes = field(repr=False)
    relay: str
    chunk_bytes: int
    secret: bytes = field(repr=False)
    deletion: bytes = field(repr=False)

    @property
    def chunk_room(self) -> int:
        """Bytes of the document in one chunk."""
        return self.chunk_bytes - CHUNK_TAG_BYTES

    @property
    def chunks(self) -> int:
        return max(1, -(-self.size // self.chunk_room))

    @property
    def ahead(self) -> bool:
        """Whether the description may come before the chunks do (W34)."""
        return self.size > AHEAD_BYTES

    def chunk_key(self, index: int) -> bytes:
        return derive(self.secret, Purpose.CHUNK_KEY, index.to_bytes(4, "big"))

    def read_capability(self, index: int) -> bytes:
        return derive(self.secret, Purpose.CHUNK_READ, index.to_bytes(4, "big"))

    def write_capability(self, index: int) -> bytes:
        return derive(self.deletion, Purpose.CHUNK_WRITE, index.to_bytes(4, "big"))

    def delete_capability(self, index: int) -> bytes:
        return derive(self.deletion, Purpose.CHUNK_DELETE, index.to_bytes(4, "big"))

    def write_to(self, out: Writer) -> None:
        _check(self)
        out.text(self.name, NAME_BYTES).text(self.media_type, 255, 1).uint(self.size, 8).fixed(
            self.sha256, 32
        )
        out.text(check_origin(self.relay), ORIGIN_BYTES, 1).uint(self.chunk_bytes, 4).fixed(self.secret, 32)
        out.opaque(self.deletion, 32, 1)

    @classmethod
    def read_from(cls, source: Reader) -> Document:
        value = cls(
            source.text(NAME_BYTES),
            source.text(255, 1),
            source.uint(8),
            source.fixed(32),
            check_origin(source.text(ORIGIN_BYTES, 1)),
            source.uint(4),
            source.fixed(32),
            source.opaque(32, 1),
        )
        _check(value)
        return value


def _check(value: Document) -> None:
    if not value.name or not 0 <= value.size <= DOCUMENT_BYTES or value.chunk_bytes not in CHUNK_SIZES:
        raise WireError("a document without a name, too large, or in chunks of an unknown size")
    if len(value.deletion) not in (0, 32):
        raise WireError("a document's right to delete has the wrong length")
