"""PrivateMessage: encrypted content, and its sender encrypted apart (RFC 9420 6.3)."""

from __future__ import annotations

from dataclasses import dataclass, field

from colloque.mls.codec import Reader, Wire, u8, u32, u64, vector
from colloque.mls.crypto.suite import NONCE_BYTES, Suite
from colloque.mls.errors import DecodeError, PaddingNotZero
from colloque.mls.framing.content import (
    Auth,
    AuthenticatedContent,
    ContentType,
    FramedContent,
    Sender,
    SenderType,
    WireFormat,
    encode_body,
    read_body,
    read_content_type,
)


@dataclass(frozen=True, slots=True)
class SenderData(Wire):
    leaf: int
    generation: int
    reuse_guard: bytes

    def encode(self) -> bytes:
        return u32(self.leaf) + u32(self.generation) + self.reuse_guard

    @classmethod
    def read(cls, source: Reader) -> SenderData:
        return cls(source.uint(4), source.uint(4), source.fixed(4))


@dataclass(frozen=True, slots=True)
class PrivateMessage(Wire):
    group_id: bytes
    epoch: int
    type: ContentType
    authenticated_data: bytes
    encrypted_sender_data: bytes = field(repr=False)
    ciphertext: bytes = field(repr=False)

    def _head(self) -> bytes:
        return vector(self.group_id) + u64(self.epoch) + u8(self.type)

    def encode(self) -> bytes:
        data = vector(self.authenticated_data) + vector(self.encrypted_sender_data)
        return self._head() + data + vector(self.ciphertext)

    @classmethod
    def read(cls, source: Reader) -> PrivateMessage:
        head = source.opaque(), source.uint(8), read_content_type(source)
        return cls(*head, source.opaque(), source.opaque(), source.opaque())

    def open_sender(self, suite: Suite, sender_data_secret: bytes) -> SenderData:
        key, nonce = sender_key(suite, sender_data_secret, self.ciphertext)
        return SenderData.decode(suite.open(key, nonce, self._head(), self.encrypted_sender_data))

    def open(self, suite: Suite, key: bytes, nonce: bytes, sender: SenderData) -> AuthenticatedContent:
        """Raises `DecryptionFailed`, `PaddingNotZero`. The signature is the caller's to check."""
        aad = self._head() + vector(self.authenticated_data)
        plain = suite.open(key, _guarded(nonce, sender.reuse_guard), aad, self.ciphertext)
        source = Reader(plain)
        body = read_body(self.type, source)
        auth = Auth.read(source, self.type)
        # MUST 6.3.1-1
        if any(source.rest()):
            raise PaddingNotZero(by=sender.leaf)
        author = Sender(SenderType.MEMBER, sender.leaf)
        content = FramedContent(self.group_id, self.epoch, author, self.authenticated_data, self.type, body)
        return AuthenticatedContent(WireFormat.PRIVATE, content, auth)


def seal_private(
    suite: Suite,
    message: AuthenticatedContent,
    sender_data_secret: bytes,
    key: bytes,
    nonce: bytes,
    sender: SenderData,
    padding: int = 0,
) -> PrivateMessage:
    """`padding`: zero bytes after the content."""
    content = message.content
    if message.wire is not WireFormat.PRIVATE:
        raise DecodeError("content that was signed for another wire format")
    plain = encode_body(content.body) + message.auth.encode(content.type) + bytes(padding)
    empty = PrivateMessage(
        content.group_id, content.epoch, content.type, content.authenticated_data, b"", b""
    )
    aad = empty._head() + vector(content.authenticated_data)
    ciphertext = suite.seal(key, _guarded(nonce, sender.reuse_guard), aad, plain)
    data_key, data_nonce = sender_key(suite, sender_data_secret, ciphertext)
    data = suite.seal(data_key, data_nonce, empty._head(), sender.encode())
    head = content.group_id, content.epoch, content.type, content.authenticated_data
    return PrivateMessage(*head, data, ciphertext)


def sender_key(suite: Suite, secret: bytes, ciphertext: bytes) -> tuple[bytes, bytes]:
    """The key and nonce of the sender data, from a sample of the ciphertext (RFC 9420 6.3.2)."""
    sample = ciphertext[: suite.hash_bytes]
    key = suite.expand_with_label(secret, "key", sample, suite.key_bytes)
    return key, suite.expand_with_label(secret, "nonce", sample, NONCE_BYTES)


def _guarded(nonce: bytes, guard: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(nonce[:4], guard, strict=True)) + nonce[4:]
