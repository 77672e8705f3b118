"""A document into sealed chunks and back, one chunk in memory at a time (`spec/wire.md` W30 to W33)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

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


def seal_chunk(document: Document, index: int, plain: bytes) -> bytes:
    padded = plain + bytes(document.chunk_room - len(plain))
    return AESGCM(document.chunk_key(index)).encrypt(_NONCE, padded, _AAD)


def open_chunk(document: Document, index: int, sealed: bytes) -> bytes:
    """Raises `WireError` where it was changed or is another chunk."""
    try:
        padded = AESGCM(document.chunk_key(index)).decrypt(_NONCE, sealed, _AAD)
    except InvalidTag:
        raise WireError("a chunk that its key does not open") from None
    start = index * document.chunk_room
    length = max(0, min(document.chunk_room, document.size - start))
    if any(padded[length:]):
        raise WireError("a chunk's padding is not zero")
    return padded[:length]


def read_pieces(file: BinaryIO, document: Document) -> Iterator[tuple[int, bytes]]:
    """The document's pieces with their numbers; raises `WireError` where the file is longer or shorter than it was."""
    total = 0
    for index in range(document.chunks):
        piece = file.read(document.chunk_room)
        total += len(piece)
        yield index, piece
    if total != document.size or file.read(1):
        raise WireError("the file changed while it was read")


def checked_size(size: int) -> int:
    """Raises `WireError` where a file is larger than a document may be."""
    if size > DOCUMENT_BYTES:
        raise WireError("a document may have 2 GiB at most")
    return size
