"""The KEMs of the suites: key derivation (RFC 9180 7.1.3, X-Wing), and keys from and to bytes.

Private keys: 32 bytes (X25519), a big-endian scalar (NIST curves), or the 32-byte seed (X-Wing).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from cryptography.hazmat.primitives import hashes, hpke
from cryptography.hazmat.primitives.asymmetric import ec, mlkem, x25519
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from colloque.mls.errors import CryptoError, InvalidPublicKey


@dataclass(frozen=True, slots=True)
class Kem:
    """`derive`: input keying material to a private key; `public`: private to public; `load_*`: for `cryptography`."""

    id: int
    hpke_kem: Any
    seed_bytes: int
    derive: Callable[[bytes], bytes]
    public: Callable[[bytes], bytes]
    load_private: Callable[[bytes], Any]
    load_public: Callable[[bytes], Any]


def _labelled(kem: int, hash_: hashes.HashAlgorithm, ikm: bytes) -> Callable[[bytes, bytes, int], bytes]:
    """RFC 9180 4: LabeledExtract of "dkp_prk", then LabeledExpand from it."""
    suite = b"KEM" + kem.to_bytes(2, "big")
    prk = HKDF.extract(hash_, b"", b"HPKE-v1" + suite + b"dkp_prk" + ikm)

    def expand(label: bytes, info: bytes, length: int) -> bytes:
        labelled = length.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info
        return HKDFExpand(hash_, length, labelled).derive(prk)

    return expand


def _x25519() -> Kem:
    def derive(ikm: bytes) -> bytes:
        return _labelled(0x20, hashes.SHA256(), ikm)(b"sk", b"", 32)

    def public(private: bytes) -> bytes:
        return load_private(private).public_key().public_bytes_raw()

    def load_private(private: bytes) -> x25519.X25519PrivateKey:
        try:
            return x25519.X25519PrivateKey.from_private_bytes(private)
        except ValueError:
            raise CryptoError("a private key of the wrong length") from None

    def load_public(data: bytes) -> x25519.X25519PublicKey:
        try:
            return x25519.X25519PublicKey.from_public_bytes(data)
        except ValueError:
            raise InvalidPublicKey from None

    return Kem(0x20, hpke.KEM.X25519, 32, derive, public, load_private, load_public)


def _nist(
    kem: int, hpke_kem: Any, curve: ec.EllipticCurve, hash_: hashes.HashAlgorithm, order: int, mask: int
) -> Kem:
    size = (curve.key_size + 7) // 8

    def derive(ikm: bytes) -> bytes:
        expand = _labelled(kem, hash_, ikm)
        for counter in range(256):
            candidate = bytearray(expand(b"candidate", bytes([counter]), size))
            candidate[0] &= mask
            if 0 < int.from_bytes(candidate, "big") < order:
                return bytes(candidate)
        raise CryptoError("no key can be derived")

    def load_private(private: bytes) -> ec.EllipticCurvePrivateKey:
        try:
            return ec.derive_private_key(int.from_bytes(private, "big"), curve)
        except ValueError:
            raise CryptoError("a private key out of range") from None

    def public(private: bytes) -> bytes:
        return load_private(private).public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    def load_public(data: bytes) -> ec.EllipticCurvePublicKey:
        try:
            if len(data) != 1 + 2 * size:
                raise InvalidPublicKey
            return ec.EllipticCurvePublicKey.from_encoded_point(curve, data)
        except ValueError:
            raise InvalidPublicKey from None

    return Kem(kem, hpke_kem, size, derive, public, load_private, load_public)


@lru_cache(maxsize=256)
def _xwing_halves(seed: bytes) -> tuple[mlkem.MLKEM768PrivateKey, x25519.X25519PrivateKey]:
    if len(seed) != 32:
        raise CryptoError("a private key of the wrong length")
    wide = hashlib.shake_256(seed).digest(96)
    first = mlkem.MLKEM768PrivateKey.from_seed_bytes(wide[:64])
    return first, x25519.X25519PrivateKey.from_private_bytes(wide[64:])


def _xwing() -> Kem:
    def derive(ikm: bytes) -> bytes:
        return hashlib.shake_256(ikm).digest(32)

    def public(private: bytes) -> bytes:
        first, second = _xwing_halves(private)
        return first.public_key().public_bytes_raw() + second.public_key().public_bytes_raw()

    def load_private(private: bytes) -> hpke.MLKEM768X25519PrivateKey:
        return hpke.MLKEM768X25519PrivateKey(*_xwing_halves(private))

    def load_public(data: bytes) -> hpke.MLKEM768X25519PublicKey:
        if len(data) != 1216:
            raise InvalidPublicKey
        try:
            first = mlkem.MLKEM768PublicKey.from_public_bytes(data[:1184])
            return hpke.MLKEM768X25519PublicKey(first, x25519.X25519PublicKey.from_public_bytes(data[1184:]))
        except ValueError:
            raise InvalidPublicKey from None

    return Kem(0x647A, hpke.KEM.MLKEM768_X25519, 32, derive, public, load_private, load_public)


_N256 = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_N384 = int(
    "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973", 16
)
_N521 = int(
    "01FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFA51868783BF2F966B7FCC0148F709A5D0"
    "3BB5C9B8899C47AEBB6FB71E91386409",
    16,
)

X25519 = _x25519()
P256 = _nist(0x10, hpke.KEM.P256, ec.SECP256R1(), hashes.SHA256(), _N256, 0xFF)
P384 = _nist(0x11, hpke.KEM.P384, ec.SECP384R1(), hashes.SHA384(), _N384, 0xFF)
P521 = _nist(0x12, hpke.KEM.P521, ec.SECP521R1(), hashes.SHA512(), _N521, 0x01)
XWING = _xwing()
