"""Key packages: how somebody is added while away (RFC 9420 section 10), and the secrets that stay behind."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from colloque.mls.codec import Reader, Wire, u8, u16, vector, vector_of
from colloque.mls.crypto.suite import Suite, suite
from colloque.mls.errors import InitKeyReused, KeyPackageForeign, LeafSourceWrong, StateInvalid
from colloque.mls.messages.extension import LAST_RESORT, Extensions, find, read_extensions
from colloque.mls.messages.leaf_node import LeafNode, Source

MLS10 = 1


@dataclass(frozen=True, slots=True)
class KeyPackage(Wire):
    version: int
    suite: int
    init_key: bytes
    leaf: LeafNode
    extensions: Extensions = ()
    signature: bytes = field(default=b"", repr=False)

    def _content(self) -> bytes:
        head = u16(self.version) + u16(self.suite) + vector(self.init_key)
        return head + self.leaf.encode() + vector_of(self.extensions)

    def encode(self) -> bytes:
        return self._content() + vector(self.signature)

    @classmethod
    def read(cls, source: Reader) -> KeyPackage:
        head = source.uint(2), source.uint(2), source.opaque()
        return cls(*head, LeafNode.read(source), read_extensions(source), source.opaque())

    def sign(self, private: bytes) -> KeyPackage:
        signature = suite(self.suite).sign_with_label(private, "KeyPackageTBS", self._content())
        return replace(self, signature=signature)

    @property
    def ref(self) -> bytes:
        """The KeyPackageRef (RFC 9420 5.2)."""
        return suite(self.suite).ref_hash("MLS 1.0 KeyPackage Reference", self.encode())

    @property
    def signature_key(self) -> bytes:
        return self.leaf.signature_key

    @property
    def identity(self) -> bytes:
        return self.leaf.credential.identity

    @property
    def last_resort(self) -> bool:
        """Whether it may be used several times, for want of a fresh one (RFC 9420 16.8)."""
        return find(self.extensions, LAST_RESORT) is not None

    def verify(self, now: int | None, number: int | None = None, max_lifetime: int | None = None) -> None:
        """RFC 9420 10.1. `now` in seconds; None leaves the lifetime unchecked. `number`: the group's suite, if known."""
        # MUST 10-4
        if self.version != MLS10 or (number is not None and self.suite != number):
            raise KeyPackageForeign
        kind = suite(self.suite)
        # MUST 10-5
        if self.leaf.source is not Source.KEY_PACKAGE or self.leaf.lifetime is None:
            raise LeafSourceWrong
        if self.init_key == self.leaf.encryption_key:
            raise InitKeyReused
        self.leaf.verify(kind)
        # MUST 10-3
        kind.verify_with_label(self.signature_key, "KeyPackageTBS", self._content(), self.signature)
        # MUST 10-1, 10-2
        kind.kem.load_public(self.init_key)
        kind.kem.load_public(self.leaf.encryption_key)
        self.leaf.lifetime.check(now, max_lifetime)

    def to_bytes(self) -> bytes:
        return self.encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> KeyPackage:
        return cls.decode(data)


@dataclass(frozen=True, slots=True)
class KeyPackageSecrets:
    """The private halves of a key package: `init` opens the Welcome, `leaf` is the leaf's encryption key."""

    suite: int
    init: bytes = field(repr=False)
    leaf: bytes = field(repr=False)

    def to_bytes(self) -> bytes:
        return u8(1) + u16(self.suite) + vector(self.init) + vector(self.leaf)

    @classmethod
    def from_bytes(cls, data: bytes) -> KeyPackageSecrets:
        source = Reader(data)
        if source.uint(1) != 1:
            raise StateInvalid
        value = cls(source.uint(2), source.opaque(), source.opaque())
        source.end()
        return value


def private_suite(secrets: KeyPackageSecrets) -> Suite:
    return suite(secrets.suite)
