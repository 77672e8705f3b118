"""Leaf nodes, with their credential, capabilities and lifetime (RFC 9420 5.3, 7.2)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import IntEnum
from functools import cached_property

from colloque.mls.codec import Reader, Wire, u8, u16, u32, u64, vector, vector_of
from colloque.mls.crypto.suite import SUPPORTED, Suite
from colloque.mls.errors import DecodeError, LeafExpired, LifetimeTooLong
from colloque.mls.messages.extension import Extensions, read_extensions


class CredentialType(IntEnum):
    BASIC = 1
    X509 = 2


@dataclass(frozen=True, slots=True)
class BasicCredential(Wire):
    """An identity that the application vouches for (RFC 9420 5.3)."""

    identity: bytes
    type: int = CredentialType.BASIC

    def encode(self) -> bytes:
        return u16(self.type) + vector(self.identity)

    @classmethod
    def read(cls, source: Reader) -> BasicCredential | OtherCredential:  # type: ignore[override]
        kind = source.uint(2)
        if kind == CredentialType.BASIC:
            return cls(source.opaque())
        if kind == CredentialType.X509:
            return OtherCredential(kind, source.vector(lambda r: r.opaque()))
        return OtherCredential(kind, (source.opaque(),))


@dataclass(frozen=True, slots=True)
class OtherCredential:
    """A credential that is carried but not validated here: a chain of certificates (X.509, end entity first), or the bytes
    of a type that is not known. `identity`: the whole credential, so that two that differ are never taken for one."""

    type: int
    parts: tuple[bytes, ...]

    @property
    def identity(self) -> bytes:
        return self.encode()

    def encode(self) -> bytes:
        if self.type == CredentialType.X509:
            return u16(self.type) + vector(b"".join(vector(part) for part in self.parts))
        return u16(self.type) + vector(self.parts[0])


Credential = BasicCredential | OtherCredential


def x509(*chain: bytes) -> OtherCredential:
    """Certificates in DER, the end entity's first; whether they are good is the application's to say."""
    return OtherCredential(CredentialType.X509, chain)


def _u16s(values: tuple[int, ...]) -> bytes:
    return vector(b"".join(u16(value) for value in values))


@dataclass(frozen=True, slots=True)
class Capabilities(Wire):
    versions: tuple[int, ...] = (1,)
    suites: tuple[int, ...] = SUPPORTED
    extensions: tuple[int, ...] = ()
    proposals: tuple[int, ...] = ()
    credentials: tuple[int, ...] = (CredentialType.BASIC,)

    def encode(self) -> bytes:
        lists = (self.versions, self.suites, self.extensions, self.proposals, self.credentials)
        return b"".join(_u16s(values) for values in lists)

    @classmethod
    def read(cls, source: Reader) -> Capabilities:
        # MUST 7.2-3, 13.4-2, 13.5-2
        return cls(*(source.vector(lambda r: r.uint(2)) for _ in range(5)))


@dataclass(frozen=True, slots=True)
class Lifetime(Wire):
    """Seconds since the epoch."""

    not_before: int
    not_after: int

    def check(self, now: int | None, longest: int | None) -> None:
        """That `now` is within it, and that it is not longer than `longest`; where `now` is None, nothing."""
        if now is None:
            return
        # MUST 7.3-2
        if not self.not_before <= now <= self.not_after:
            raise LeafExpired
        # MUST 7.2-4
        if longest is not None and self.not_after - self.not_before > longest:
            raise LifetimeTooLong

    def encode(self) -> bytes:
        return u64(self.not_before) + u64(self.not_after)

    @classmethod
    def read(cls, source: Reader) -> Lifetime:
        return cls(source.uint(8), source.uint(8))


class Source(IntEnum):
    KEY_PACKAGE = 1
    UPDATE = 2
    COMMIT = 3


@dataclass(frozen=True)
class LeafNode(Wire):
    """`lifetime` only with source KEY_PACKAGE, `parent_hash` only with COMMIT.

    Its bytes are made once and kept: they are hashed, stored and sent again in every epoch.
    """

    encryption_key: bytes
    signature_key: bytes
    credential: Credential
    capabilities: Capabilities
    source: Source
    lifetime: Lifetime | None = None
    parent_hash: bytes = b""
    extensions: Extensions = ()
    signature: bytes = field(default=b"", repr=False)

    @cached_property
    def _content(self) -> bytes:
        tail = b""
        if self.source is Source.KEY_PACKAGE and self.lifetime is not None:
            tail = self.lifetime.encode()
        elif self.source is Source.COMMIT:
            tail = vector(self.parent_hash)
        return (
            vector(self.encryption_key)
            + vector(self.signature_key)
            + self.credential.encode()
            + self.capabilities.encode()
            + u8(self.source)
            + tail
            + vector_of(self.extensions)
        )

    @cached_property
    def _encoded(self) -> bytes:
        return self._content + vector(self.signature)

    def encode(self) -> bytes:
        return self._encoded

    @cached_property
    def person(self) -> bytes:
        """Who it is, as it is stored of past epochs."""
        return vector(self.credential.identity) + vector(self.signature_key)

    @classmethod
    def read(cls, source: Reader) -> LeafNode:
        start = source.at
        keys = source.opaque(), source.opaque()
        credential = BasicCredential.read(source)
        capabilities = Capabilities.read(source)
        number = source.uint(1)
        if number not in list(Source):
            raise DecodeError("a leaf node of an unknown source")
        kind = Source(number)
        lifetime = Lifetime.read(source) if kind is Source.KEY_PACKAGE else None
        parent_hash = source.opaque() if kind is Source.COMMIT else b""
        extensions = read_extensions(source)
        content = source.since(start)
        signature = source.opaque()
        leaf = cls(*keys, credential, capabilities, kind, lifetime, parent_hash, extensions, signature)
        # Where `cached_property` looks: what was read is what would be written.
        leaf.__dict__.update(_content=content, _encoded=source.since(start))
        return leaf

    def _signed(self, group_id: bytes | None, leaf: int | None) -> bytes:
        if self.source is Source.KEY_PACKAGE:
            return self._content
        return self._content + vector(group_id or b"") + u32(leaf or 0)

    def sign(
        self, suite: Suite, private: bytes, group_id: bytes | None = None, leaf: int | None = None
    ) -> LeafNode:
        signature = suite.sign_with_label(private, "LeafNodeTBS", self._signed(group_id, leaf))
        return replace(self, signature=signature)

    def verify(self, suite: Suite, group_id: bytes | None = None, leaf: int | None = None) -> None:
        """Raises `InvalidSignature`. A leaf from an update or a commit is bound to its group and place."""
        signed = self._signed(group_id, leaf)
        suite.verify_with_label(self.signature_key, "LeafNodeTBS", signed, self.signature)
