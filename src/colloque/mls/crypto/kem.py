"""The KEMs of the suites: key derivation (RFC 9180 7.1.3, X-Wing), encapsulation, and keys from and to bytes.

Private keys: 32 bytes (X25519), 56 (X448), a big-endian scalar (NIST curves), or the 32-byte seed (X-Wing).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives import hashes, hpke
from cryptography.hazmat.primitives.asymmetric import ec, x448, x25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from colloque.mls.crypto import xwing
from colloque.mls.crypto.dhkem import Decapsulate, Encapsulate, dhkem
from colloque.mls.crypto.labelled import kem_labelled
from colloque.mls.errors import CryptoError, InvalidPublicKey


@dataclass(frozen=True, slots=True)
class Kem:
    """`derive`: input keying material to a private key; `public`: private to public; `load_*`: for `cryptography`, whose
    HPKE knows the KEM as `hpke_kem` where that is not None. `encapsulate`: a public key to (shared secret, KEM output)."""

    id: int
    hpke_kem: Any
    seed_bytes: int
    output_bytes: int
    derive: Callable[[bytes], bytes]
    public: Callable[[bytes], bytes]
    load_private: Callable[[bytes], Any]
    load_public: Callable[[bytes], Any]
    encapsulate: Encapsulate
    decapsulate: Decapsulate


def _montgomery(
    kem: int, hpke_kem: Any, size: int, hash_: hashes.HashAlgorithm, private_type: Any, public_type: Any
) -> Kem:
    """X25519 and X448."""

    def derive(ikm: bytes) -> bytes:
        labelled = kem_labelled(kem, hash_)
        return labelled.expand(labelled.extract(b"", b"dkp_prk", ikm), b"sk", b"", size)

    def encode(private: Any) -> bytes:
        data: bytes = private.public_key().public_bytes_raw()
        return data

    def load_private(private: bytes) -> Any:
        try:
            return private_type.from_private_bytes(private)
        except ValueError:
            raise CryptoError("a private key of the wrong length") from None

    def load_public(data: bytes) -> Any:
        try:
            return public_type.from_public_bytes(data)
        except ValueError:
            raise InvalidPublicKey from None

    def public(private: bytes) -> bytes:
        return encode(load_private(private))

    ways = dhkem(kem, hash_, private_type.generate, encode, load_private, load_public)
    return Kem(kem, hpke_kem, size, size, derive, public, load_private, load_public, *ways)


def _nist(
    kem: int, hpke_kem: Any, curve: ec.EllipticCurve, hash_: hashes.HashAlgorithm, order: int, mask: int
) -> Kem:
    size = (curve.key_size + 7) // 8

    def derive(ikm: bytes) -> bytes:
        labelled = kem_labelled(kem, hash_)
        prk = labelled.extract(b"", b"dkp_prk", ikm)
        for counter in range(256):
            candidate = bytearray(labelled.expand(prk, b"candidate", bytes([counter]), size))
            candidate[0] &= mask
            if 0 < int.from_bytes(candidate, "big") < order:
                return bytes(candidate)
        raise CryptoError("no key can be derived")

    def load_private(private: bytes) -> ec.EllipticCurvePrivateKey:
        try:
            return ec.derive_private_key(int.from_bytes(private, "big"), curve)
        except ValueError:
            raise CryptoError("a private key out of range") from None

    def encode(private: Any) -> bytes:
        data: bytes = private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return data

    def public(private: bytes) -> bytes:
        return encode(load_private(private))

    def load_public(data: bytes) -> ec.EllipticCurvePublicKey:
        try:
            if len(data) != 1 + 2 * size:
                raise InvalidPublicKey
            return ec.EllipticCurvePublicKey.from_encoded_point(curve, data)
        except ValueError:
            raise InvalidPublicKey from None

    ways = dhkem(kem, hash_, lambda: ec.generate_private_key(curve), encode, load_private, load_public)
    return Kem(kem, hpke_kem, size, 1 + 2 * size, derive, public, load_private, load_public, *ways)


_N256 = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_N384 = int(
    "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973", 16
)
_N521 = int(
    "01FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFA51868783BF2F966B7FCC0148F709A5D0"
    "3BB5C9B8899C47AEBB6FB71E91386409",
    16,
)

_S256, _S384, _S512 = hashes.SHA256(), hashes.SHA384(), hashes.SHA512()
X25519 = _montgomery(0x20, hpke.KEM.X25519, 32, _S256, x25519.X25519PrivateKey, x25519.X25519PublicKey)
X448 = _montgomery(0x21, None, 56, _S512, x448.X448PrivateKey, x448.X448PublicKey)
P256 = _nist(0x10, hpke.KEM.P256, ec.SECP256R1(), _S256, _N256, 0xFF)
P384 = _nist(0x11, hpke.KEM.P384, ec.SECP384R1(), _S384, _N384, 0xFF)
P521 = _nist(0x12, hpke.KEM.P521, ec.SECP521R1(), _S512, _N521, 0x01)
XWING = Kem(
    xwing.ID,
    hpke.KEM.MLKEM768_X25519,
    32,
    xwing.OUTPUT_BYTES,
    xwing.derive,
    xwing.public,
    xwing.load_private,
    xwing.load_public,
    xwing.encapsulate,
    xwing.decapsulate,
)
