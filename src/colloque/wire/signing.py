"""Signatures and derived keys, each bound to its purpose (`spec/wire.md` W5, W6).

A signature made for one purpose never verifies for another: the label is part of what is signed. Keys for different uses
are drawn from one secret by HKDF under different labels.
"""

from __future__ import annotations

import hashlib
import hmac
from enum import StrEnum

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from colloque.wire.codec import WireError

SIGNATURE_BYTES = 64
SIGNATURE_KEY_BYTES = 32


class Purpose(StrEnum):
    """Everything that is signed, hashed or derived here, by name."""

    CARD = "colloque 1 card"
    HELLO = "colloque 1 hello"
    RETURN = "colloque 1 return"
    LASTING = "colloque 1 lasting part"
    INVITATION = "colloque 1 invitation"
    PERSON = "colloque 1 person"
    SAFETY = "colloque 1 safety number"
    LOCATOR = "colloque 1 locator"
    SEAL = "colloque 1 seal"
    MAC = "colloque 1 mac"
    PSK = "colloque 1 psk"
    CHUNK_KEY = "colloque 1 chunk key"
    CHUNK_WRITE = "colloque 1 chunk write"
    CHUNK_READ = "colloque 1 chunk read"
    CHUNK_DELETE = "colloque 1 chunk delete"


class Forged(WireError):
    """A signature, a MAC or a pinned hash does not fit: somebody changed the bytes on their way."""


def labelled(purpose: Purpose, data: bytes) -> bytes:
    label = purpose.value.encode("ascii")
    return bytes([len(label)]) + label + data


def public_key(seed: bytes) -> bytes:
    """The Ed25519 public key of a 32-byte seed."""
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def sign(seed: bytes, purpose: Purpose, data: bytes) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(seed).sign(labelled(purpose, data))


def verify(key: bytes, purpose: Purpose, data: bytes, signature: bytes) -> None:
    """Raises `Forged` where `signature` is not `key`'s over `data` for this purpose."""
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, labelled(purpose, data))
    except (InvalidSignature, ValueError):
        raise Forged(f"a signature does not fit: {purpose.value}") from None


def digest(purpose: Purpose, data: bytes) -> bytes:
    return hashlib.sha256(labelled(purpose, data)).digest()


def check_digest(purpose: Purpose, data: bytes, expected: bytes) -> None:
    if not hmac.compare_digest(digest(purpose, data), expected):
        raise Forged(f"a pinned hash does not fit: {purpose.value}")


def derive(secret: bytes, purpose: Purpose, context: bytes = b"", length: int = 32) -> bytes:
    return HKDF(SHA256(), length, None, labelled(purpose, context)).derive(secret)


def mac(secret: bytes, data: bytes) -> bytes:
    return hmac.new(derive(secret, Purpose.MAC), data, hashlib.sha256).digest()


def check_mac(secret: bytes, data: bytes, tag: bytes) -> None:
    if not hmac.compare_digest(mac(secret, data), tag):
        raise Forged("a MAC does not fit")


def person_id(signature_key: bytes) -> bytes:
    """The 32 bytes that name a person in every credential: the hash of their lasting signature key."""
    return digest(Purpose.PERSON, signature_key)


def safety_number(one: bytes, other: bytes) -> str:
    """Sixty digits in groups of five, the same at both ends, from both signature keys (`spec/sessions.md` S9)."""
    both = b"".join(sorted((one, other)))
    raw = hashlib.sha512(labelled(Purpose.SAFETY, both)).digest()
    groups = (int.from_bytes(raw[at : at + 5], "big") % 100_000 for at in range(0, 60, 5))
    return " ".join(f"{group:05d}" for group in groups)
