"""The key schedule: from one epoch's secrets to the next (RFC 9420 section 8)."""

from __future__ import annotations

from dataclasses import dataclass, field

from colloque.mls.codec import Reader, vector
from colloque.mls.crypto.suite import NONCE_BYTES, Suite


@dataclass(frozen=True, slots=True)
class EpochSecrets:
    """What is kept of an epoch. The encryption secret goes into the secret tree and is not kept here."""

    sender_data: bytes = field(repr=False)
    exporter: bytes = field(repr=False)
    external: bytes = field(repr=False)
    confirmation_key: bytes = field(repr=False)
    membership_key: bytes = field(repr=False)
    resumption_psk: bytes = field(repr=False)
    authenticator: bytes = field(repr=False)
    init: bytes = field(repr=False)

    def encode(self) -> bytes:
        return b"".join(vector(getattr(self, name)) for name in self.__slots__)

    @classmethod
    def read(cls, source: Reader) -> EpochSecrets:
        return cls(*(source.opaque() for _ in cls.__slots__))


_LABELS = (
    "sender data",
    "exporter",
    "external",
    "confirm",
    "membership",
    "resumption",
    "authentication",
    "init",
)


@dataclass(frozen=True, slots=True)
class NewEpoch:
    secrets: EpochSecrets
    joiner: bytes = field(repr=False)
    welcome: bytes = field(repr=False)
    encryption: bytes = field(repr=False)


def joiner_secret(suite: Suite, init: bytes, commit: bytes, context: bytes) -> bytes:
    return suite.expand_with_label(suite.extract(init, commit), "joiner", context, suite.hash_bytes)


def welcome_secret(suite: Suite, joiner: bytes, psk: bytes) -> bytes:
    return suite.derive_secret(suite.extract(joiner, psk), "welcome")


def welcome_key(suite: Suite, secret: bytes) -> tuple[bytes, bytes]:
    """(key, nonce) of the encrypted group info."""
    key = suite.expand_with_label(secret, "key", b"", suite.key_bytes)
    return key, suite.expand_with_label(secret, "nonce", b"", NONCE_BYTES)


def epoch_from_joiner(suite: Suite, joiner: bytes, psk: bytes, context: bytes) -> NewEpoch:
    """`context`: the encoded GroupContext of the new epoch."""
    member = suite.extract(joiner, psk)
    epoch = suite.expand_with_label(member, "epoch", context, suite.hash_bytes)
    return from_epoch_secret(suite, epoch, joiner, suite.derive_secret(member, "welcome"))


def from_epoch_secret(suite: Suite, epoch: bytes, joiner: bytes = b"", welcome: bytes = b"") -> NewEpoch:
    secrets = EpochSecrets(*(suite.derive_secret(epoch, label) for label in _LABELS))
    return NewEpoch(secrets, joiner, welcome, suite.derive_secret(epoch, "encryption"))


def next_epoch(suite: Suite, init: bytes, commit: bytes, psk: bytes, context: bytes) -> NewEpoch:
    return epoch_from_joiner(suite, joiner_secret(suite, init, commit, context), psk, context)


def export(suite: Suite, exporter: bytes, label: str, context: bytes, length: int) -> bytes:
    """RFC 9420 8.5."""
    secret = suite.derive_secret(exporter, label)
    return suite.expand_with_label(secret, "exported", suite.digest(context), length)
