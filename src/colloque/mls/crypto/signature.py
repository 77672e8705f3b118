"""Signature keys of the suites: Ed25519, Ed448, and ECDSA on the NIST curves (RFC 9420 5.1.2)."""

from __future__ import annotations

from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature as BadSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PrivateKey, Ed448PublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from colloque.mls.errors import CryptoError, InvalidPublicKey, InvalidSignature


@dataclass(frozen=True, slots=True)
class EdDsa:
    """Private keys are seeds: 32 bytes (Ed25519) or 57 (Ed448)."""

    private_type: type[Ed25519PrivateKey] | type[Ed448PrivateKey]
    public_type: type[Ed25519PublicKey] | type[Ed448PublicKey]

    def generate(self) -> bytes:
        return self.private_type.generate().private_bytes_raw()

    def _private(self, private: bytes) -> Ed25519PrivateKey | Ed448PrivateKey:
        try:
            return self.private_type.from_private_bytes(private)
        except ValueError:
            raise CryptoError("a private key of the wrong length") from None

    def public(self, private: bytes) -> bytes:
        return self._private(private).public_key().public_bytes_raw()

    def sign(self, private: bytes, message: bytes) -> bytes:
        return self._private(private).sign(message)

    def verify(self, public: bytes, message: bytes, signature: bytes) -> None:
        """Raises `InvalidSignature`, or `InvalidPublicKey`."""
        try:
            self.public_type.from_public_bytes(public).verify(signature, message)
        except BadSignature:
            raise InvalidSignature from None
        except ValueError:
            raise InvalidPublicKey("a signature key") from None


@dataclass(frozen=True, slots=True)
class EcDsa:
    """Private keys are big-endian scalars; public keys uncompressed points, of others also compressed (as ts-mls sends them)."""

    curve: ec.EllipticCurve
    hash: hashes.HashAlgorithm

    def generate(self) -> bytes:
        number = ec.generate_private_key(self.curve).private_numbers().private_value
        return number.to_bytes((self.curve.key_size + 7) // 8, "big")

    def _private(self, private: bytes) -> ec.EllipticCurvePrivateKey:
        try:
            return ec.derive_private_key(int.from_bytes(private, "big"), self.curve)
        except ValueError:
            raise CryptoError("a private key out of range") from None

    def public(self, private: bytes) -> bytes:
        key = self._private(private).public_key()
        return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    def sign(self, private: bytes, message: bytes) -> bytes:
        return self._private(private).sign(message, ec.ECDSA(self.hash))

    def verify(self, public: bytes, message: bytes, signature: bytes) -> None:
        """Raises `InvalidSignature`, or `InvalidPublicKey`."""
        try:
            key = ec.EllipticCurvePublicKey.from_encoded_point(self.curve, public)
            key.verify(signature, message, ec.ECDSA(self.hash))
        except BadSignature:
            raise InvalidSignature from None
        except ValueError:
            raise InvalidPublicKey("a signature key") from None


Scheme = EdDsa | EcDsa

ED25519 = EdDsa(Ed25519PrivateKey, Ed25519PublicKey)
ED448 = EdDsa(Ed448PrivateKey, Ed448PublicKey)
P256 = EcDsa(ec.SECP256R1(), hashes.SHA256())
P384 = EcDsa(ec.SECP384R1(), hashes.SHA384())
P521 = EcDsa(ec.SECP521R1(), hashes.SHA512())
