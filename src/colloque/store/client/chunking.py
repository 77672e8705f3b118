"""A document into sealed chunks and back (`spec/wire.md` W30 to W33).

Both ways work in memory that is made once and used for every chunk: asking the system for megabytes anew costs more than
the cipher does.
"""

from __future__ import annotations

from typing import BinaryIO, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from colloque.protocol.session.model import Context
from colloque.wire.codec import WireError
from colloque.wire.content.document import DOCUMENT_BYTES, Document
from colloque.wire.sizes import CHUNK_SIZES

_AAD: Final = b"colloque 1 chunk"
_NONCE: Final = bytes(12)
"""Every chunk has a key of its own, used once: the nonce need not differ."""


def chunk_size(size: int) -> int:
    """Small documents in small chunks, so that little is padded; large ones in large chunks, so that few are needed."""
    small, middle, large = CHUNK_SIZES
    if size <= small - 16:
        return small
    return middle if size <= 16 * middle else large


def described(ctx: Context, relay: str, size: int, name: str, media_type: str) -> Document:
    """A new document of `size` bytes that will lie at `relay`; its hash is not known yet. Raises `WireError` where it is larger
    than a document may be."""
    if size > DOCUMENT_BYTES:
        raise WireError("a document may have 2 GiB at most")
    secrets = ctx.random(32), ctx.random(32)
    return Document(name, media_type, size, bytes(32), relay, chunk_size(size), *secrets)


def piece_length(document: Document, index: int) -> int:
    """Bytes of the document in that chunk."""
    return max(0, min(document.chunk_room, document.size - index * document.chunk_room))


class Sealer:
    """Reads one piece of a file and seals it; `piece` and what `seal` gives are good until the next `read`."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._plain = memoryview(bytearray(document.chunk_room))
        self._sealed = bytearray(document.chunk_bytes)
        self._index = 0
        self.piece = self._plain[:0]

    def read(self, file: BinaryIO, index: int) -> None:
        """Raises `WireError` where the file is shorter than it was."""
        length = piece_length(self._document, index)
        self._index, self.piece = index, self._plain[:length]
        _fill(file, self.piece, "the file changed while it was read")
        missing = len(self._plain) - length
        if missing:
            self._plain[length:] = bytes(missing)

    def seal(self) -> bytearray:
        key = self._document.chunk_key(self._index)
        AESGCM(key).encrypt_into(_NONCE, self._plain, _AAD, self._sealed)
        return self._sealed


class Opener:
    """Opens chunks; what `open` and `read` give is good until the next call."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._plain = memoryview(bytearray(document.chunk_room))
        self._sealed: memoryview | None = None

    def read(self, file: BinaryIO, index: int) -> memoryview:
        """The same of a chunk that lies in a file."""
        sealed = self._sealed = self._sealed or memoryview(bytearray(self._document.chunk_bytes))
        _fill(file, sealed, "a chunk of the wrong size")
        if file.read(1):
            raise WireError("a chunk of the wrong size")
        return self.open(sealed, index)

    def open(self, sealed: memoryview, index: int) -> memoryview:
        """The document's bytes in that chunk; raises `WireError` where it was changed or is another one."""
        if len(sealed) != self._document.chunk_bytes:
            raise WireError("a chunk of the wrong size")
        try:
            AESGCM(self._document.chunk_key(index)).decrypt_into(_NONCE, sealed, _AAD, self._plain)
        except InvalidTag:
            raise WireError("a chunk that its key does not open") from None
        length = piece_length(self._document, index)
        if bytes(self._plain[length:]).strip(b"\0"):
            raise WireError("a chunk's padding is not zero")
        return self._plain[:length]


def _fill(file: BinaryIO, into: memoryview, otherwise: str) -> None:
    at = 0
    while at < len(into):
        count = file.readinto(into[at:])  # type: ignore[attr-defined]
        if not count:
            raise WireError(otherwise)
        at += count
