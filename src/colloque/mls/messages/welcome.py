"""Welcome, GroupInfo and GroupContext (RFC 9420 8.1, 12.4.3)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from colloque.mls.codec import Reader, Wire, optional, u16, u32, u64, vector, vector_of
from colloque.mls.crypto.suite import Suite
from colloque.mls.messages.commit import HpkeCiphertext
from colloque.mls.messages.extension import Extensions, read_extensions
from colloque.mls.messages.psk import PskId


@dataclass(frozen=True, slots=True)
class GroupContext(Wire):
    """What every member of an epoch agrees on."""

    version: int
    suite: int
    group_id: bytes
    epoch: int
    tree_hash: bytes
    confirmed_transcript_hash: bytes
    extensions: Extensions = ()

    def encode(self) -> bytes:
        head = u16(self.version) + u16(self.suite) + vector(self.group_id) + u64(self.epoch)
        return (
            head
            + vector(self.tree_hash)
            + vector(self.confirmed_transcript_hash)
            + vector_of(self.extensions)
        )

    @classmethod
    def read(cls, source: Reader) -> GroupContext:
        head = source.uint(2), source.uint(2), source.opaque(), source.uint(8)
        return cls(*head, source.opaque(), source.opaque(), read_extensions(source))


@dataclass(frozen=True, slots=True)
class GroupInfo(Wire):
    context: GroupContext
    extensions: Extensions
    confirmation_tag: bytes
    signer: int
    signature: bytes = field(default=b"", repr=False)

    def _content(self) -> bytes:
        middle = vector_of(self.extensions) + vector(self.confirmation_tag)
        return self.context.encode() + middle + u32(self.signer)

    def encode(self) -> bytes:
        return self._content() + vector(self.signature)

    @classmethod
    def read(cls, source: Reader) -> GroupInfo:
        context, extensions = GroupContext.read(source), read_extensions(source)
        return cls(context, extensions, source.opaque(), source.uint(4), source.opaque())

    def sign(self, suite: Suite, private: bytes) -> GroupInfo:
        return replace(self, signature=suite.sign_with_label(private, "GroupInfoTBS", self._content()))

    def verify(self, suite: Suite, public: bytes) -> None:
        suite.verify_with_label(public, "GroupInfoTBS", self._content(), self.signature)


@dataclass(frozen=True, slots=True)
class PathSecret(Wire):
    secret: bytes = field(repr=False)

    def encode(self) -> bytes:
        return vector(self.secret)

    @classmethod
    def read(cls, source: Reader) -> PathSecret:
        return cls(source.opaque())


@dataclass(frozen=True, slots=True)
class GroupSecrets(Wire):
    """What one newcomer is told."""

    joiner_secret: bytes = field(repr=False)
    path_secret: PathSecret | None = field(repr=False)
    psks: tuple[PskId, ...]

    def encode(self) -> bytes:
        return vector(self.joiner_secret) + optional(self.path_secret) + vector_of(self.psks)

    @classmethod
    def read(cls, source: Reader) -> GroupSecrets:
        return cls(source.opaque(), source.optional(PathSecret.read), source.vector(PskId.read))


@dataclass(frozen=True, slots=True)
class EncryptedGroupSecrets(Wire):
    new_member: bytes
    secrets: HpkeCiphertext

    def encode(self) -> bytes:
        return vector(self.new_member) + self.secrets.encode()

    @classmethod
    def read(cls, source: Reader) -> EncryptedGroupSecrets:
        return cls(source.opaque(), HpkeCiphertext.read(source))


@dataclass(frozen=True, slots=True)
class Welcome(Wire):
    suite: int
    secrets: tuple[EncryptedGroupSecrets, ...]
    encrypted_group_info: bytes

    def encode(self) -> bytes:
        return u16(self.suite) + vector_of(self.secrets) + vector(self.encrypted_group_info)

    @classmethod
    def read(cls, source: Reader) -> Welcome:
        return cls(source.uint(2), source.vector(EncryptedGroupSecrets.read), source.opaque())
