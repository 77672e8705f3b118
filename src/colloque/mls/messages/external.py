"""What lets somebody outside act on a group: its public key, and the senders that it names (RFC 9420 12.1.8.1, 12.4.3.2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from colloque.mls.codec import Reader, Wire, vector, vector_of
from colloque.mls.messages.extension import EXTERNAL_PUB, EXTERNAL_SENDERS, Extension, Extensions, find
from colloque.mls.messages.leaf_node import BasicCredential, Credential


@dataclass(frozen=True, slots=True)
class ExternalSender(Wire):
    """Somebody outside whose proposals a group takes."""

    signature_key: bytes
    credential: Credential

    def encode(self) -> bytes:
        return vector(self.signature_key) + self.credential.encode()

    @classmethod
    def read(cls, source: Reader) -> ExternalSender:
        return cls(source.opaque(), BasicCredential.read(source))


def external_senders(senders: Sequence[ExternalSender]) -> Extension:
    """The group context extension that names them; a sender's place in it is its index."""
    return Extension(EXTERNAL_SENDERS, vector_of(senders))


def read_external_senders(extensions: Extensions) -> tuple[ExternalSender, ...]:
    data = find(extensions, EXTERNAL_SENDERS)
    if data is None:
        return ()
    source = Reader(data)
    senders = source.vector(ExternalSender.read)
    source.end()
    return senders


def external_pub(public: bytes) -> Extension:
    return Extension(EXTERNAL_PUB, vector(public))


def read_external_pub(extensions: Extensions) -> bytes | None:
    data = find(extensions, EXTERNAL_PUB)
    if data is None:
        return None
    source = Reader(data)
    public = source.opaque()
    source.end()
    return public
