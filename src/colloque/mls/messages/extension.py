"""Extensions, by type and bytes (RFC 9420 section 13), and the one whose content the protocol itself needs."""

from __future__ import annotations

from dataclasses import dataclass

from colloque.mls.codec import Reader, Wire, u16, vector
from colloque.mls.errors import DecodeError

APPLICATION_ID, RATCHET_TREE, REQUIRED_CAPABILITIES, EXTERNAL_PUB, EXTERNAL_SENDERS = 1, 2, 3, 4, 5
LAST_RESORT = 0x000A
"""Of a key package that may be used several times (draft-ietf-mls-extensions, `last_resort`); no data."""
DEFAULT_TYPES = frozenset({1, 2, 3, 4, 5})
DEFAULT_PROPOSALS = frozenset(range(1, 8))
"""What everybody supports, and nobody lists (RFC 9420 7.2)."""


@dataclass(frozen=True, slots=True)
class Extension(Wire):
    type: int
    data: bytes

    def encode(self) -> bytes:
        return u16(self.type) + vector(self.data)

    @classmethod
    def read(cls, source: Reader) -> Extension:
        return cls(source.uint(2), source.opaque())


Extensions = tuple[Extension, ...]


def read_extensions(source: Reader) -> Extensions:
    """A list of extensions; refuses a type that stands twice (RFC 9420 13.4)."""
    # MUST 10-7, 13.4-2, 13.4-4
    extensions = source.vector(Extension.read)
    if len({e.type for e in extensions}) != len(extensions):
        raise DecodeError("an extension type stands twice")
    return extensions


def find(extensions: Extensions, kind: int) -> bytes | None:
    # MUST 12.4.3-1, 13.4-3
    return next((e.data for e in extensions if e.type == kind), None)


@dataclass(frozen=True, slots=True)
class RequiredCapabilities(Wire):
    """What every member must support (RFC 9420 11.1)."""

    extensions: tuple[int, ...] = ()
    proposals: tuple[int, ...] = ()
    credentials: tuple[int, ...] = ()

    def encode(self) -> bytes:
        return b"".join(
            vector(b"".join(u16(v) for v in values))
            for values in (self.extensions, self.proposals, self.credentials)
        )

    @classmethod
    def read(cls, source: Reader) -> RequiredCapabilities:
        return cls(*(source.vector(lambda r: r.uint(2)) for _ in range(3)))
