"""Sealing to a public key: HPKE (RFC 9180) with X-Wing, HKDF-SHA512 and AES-256-GCM (`spec/wire.md` W6)."""

from __future__ import annotations

import hashlib

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric import mlkem, x25519

from colloque.wire.signing import Forged

PUBLIC_BYTES, SEED_BYTES = 1216, 32
_MLKEM_BYTES = 1184
_SUITE = hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA512, hpke.AEAD.AES_256_GCM)


def _halves(seed: bytes) -> tuple[mlkem.MLKEM768PrivateKey, x25519.X25519PrivateKey]:
    wide = hashlib.shake_256(seed).digest(96)
    return (
        mlkem.MLKEM768PrivateKey.from_seed_bytes(wide[:64]),
        x25519.X25519PrivateKey.from_private_bytes(wide[64:]),
    )


def public_key(seed: bytes) -> bytes:
    """The X-Wing public key, 1,216 bytes, of a 32-byte seed."""
    first, second = _halves(seed)
    return first.public_key().public_bytes_raw() + second.public_key().public_bytes_raw()


def seal(public: bytes, plaintext: bytes, info: bytes) -> bytes:
    """Readable only by the holder of the seed; raises `Forged` where `public` is no usable key."""
    try:
        key = hpke.MLKEM768X25519PublicKey(
            mlkem.MLKEM768PublicKey.from_public_bytes(public[:_MLKEM_BYTES]),
            x25519.X25519PublicKey.from_public_bytes(public[_MLKEM_BYTES:]),
        )
        return _SUITE.encrypt(plaintext, key, info)
    except ValueError:
        raise Forged("a key to seal to is not usable") from None


def unseal(seed: bytes, sealed: bytes, info: bytes) -> bytes:
    """Raises `Forged` where it was not sealed to this seed with this `info`, or was changed."""
    try:
        return _SUITE.decrypt(sealed, hpke.MLKEM768X25519PrivateKey(*_halves(seed)), info)
    except (InvalidTag, ValueError):
        raise Forged("a sealed message that this key does not open") from None
