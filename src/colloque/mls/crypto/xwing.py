"""X-Wing (draft-connolly-cfrg-xwing-kem): ML-KEM-768 and X25519 of `cryptography`, their secrets combined by SHA3-256.

A private key is the 32-byte seed; a public key 1,184 bytes of ML-KEM and 32 of X25519; an output 1,088 and 32.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric import mlkem, x25519

from colloque.mls.errors import CryptoError, DecryptionFailed, InvalidPublicKey

ID = 0x647A
OUTPUT_BYTES = 1120
_LABEL = b"\\.//^\\"


@lru_cache(maxsize=256)
def _halves(seed: bytes) -> tuple[mlkem.MLKEM768PrivateKey, x25519.X25519PrivateKey]:
    if len(seed) != 32:
        raise CryptoError("a private key of the wrong length")
    wide = hashlib.shake_256(seed).digest(96)
    first = mlkem.MLKEM768PrivateKey.from_seed_bytes(wide[:64])
    return first, x25519.X25519PrivateKey.from_private_bytes(wide[64:])


def _public_halves(data: bytes) -> tuple[mlkem.MLKEM768PublicKey, x25519.X25519PublicKey]:
    """Raises `InvalidPublicKey`, also where the two are of another length together."""
    try:
        first = mlkem.MLKEM768PublicKey.from_public_bytes(data[:1184])
        return first, x25519.X25519PublicKey.from_public_bytes(data[1184:])
    except ValueError:
        raise InvalidPublicKey from None


def derive(ikm: bytes) -> bytes:
    return hashlib.shake_256(ikm).digest(32)


def public(private: bytes) -> bytes:
    first, second = _halves(private)
    return first.public_key().public_bytes_raw() + second.public_key().public_bytes_raw()


def load_private(private: bytes) -> hpke.MLKEM768X25519PrivateKey:
    return hpke.MLKEM768X25519PrivateKey(*_halves(private))


def load_public(data: bytes) -> hpke.MLKEM768X25519PublicKey:
    return hpke.MLKEM768X25519PublicKey(*_public_halves(data))


def _combine(first: bytes, second: bytes, output: bytes, key: bytes) -> bytes:
    return hashlib.sha3_256(first + second + output + key + _LABEL).digest()


def encapsulate(public_key: bytes) -> tuple[bytes, bytes]:
    """(shared secret, KEM output)."""
    one, two = _public_halves(public_key)
    ephemeral = x25519.X25519PrivateKey.generate()
    try:
        second = ephemeral.exchange(two)
    except ValueError:
        raise InvalidPublicKey from None
    first, sealed = one.encapsulate()
    output = ephemeral.public_key().public_bytes_raw()
    return _combine(first, second, output, public_key[1184:]), sealed + output


def decapsulate(private: bytes, output: bytes) -> bytes:
    """Raises `DecryptionFailed`, also where the output has another length."""
    one, two = _halves(private)
    try:
        second = two.exchange(x25519.X25519PublicKey.from_public_bytes(output[1088:]))
    except ValueError:
        raise DecryptionFailed from None
    first = one.decapsulate(output[:1088])
    return _combine(first, second, output[1088:], two.public_key().public_bytes_raw())
