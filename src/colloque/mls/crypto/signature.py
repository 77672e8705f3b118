"""Signature keys of the suites: Ed25519, and ECDSA on the NIST curves (RFC 9420 5.1.2)."""

from __future__ import annotations

from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature as BadSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from colloque.mls.errors import CryptoError, InvalidPublicKey, InvalidSignature


@dataclass(frozen=True, slots=True)
class Scheme:
    """A signature scheme; private keys are 32-byte seeds (Ed25519) or big-endian scalars (ECDSA)."""

    curve: ec.EllipticCurve | None
    hash: hashes.HashAlgorithm | None

    def generate(self) -> bytes:
        if self.curve is None:
            return Ed25519PrivateKey.generate().private_bytes_raw()
        number = ec.generate_private_key(self.curve).private_numbers().private_value
        return number.to_bytes((self.curve.key_size + 7) // 8, "big")

    def _private(self, private: bytes) -> ec.EllipticCurvePrivateKey:
        assert self.curve is not None
        try:
            return ec.derive_private_key(int.from_bytes(private, "big"), self.curve)
        except ValueError:
            raise CryptoError("a private key out of range") from None

    def public(self, private: bytes) -> bytes:
        if self.curve is None:
            try:
                return Ed25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()
            except ValueError:
                raise CryptoError("a private key of the wrong length") from None
        key = self._private(private).public_key()
        return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    def sign(self, private: bytes, message: bytes) -> bytes:
        if self.curve is None:
            try:
                return Ed25519PrivateKey.from_private_bytes(private).sign(message)
            except ValueError:
                raise CryptoError("a private key of the wrong length") from None
        assert self.hash is not None
        return self._private(private).sign(message, ec.ECDSA(self.hash))

    def verify(self, public: bytes, message: bytes, signature: bytes) -> None:
        """Raises `InvalidSignature`, or `InvalidPublicKey`."""
        try:
            if self.curve is None:
                Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
                return
            assert self.hash is not None
            key = ec.EllipticCurvePublicKey.from_encoded_point(self.curve, public)
            key.verify(signature, message, ec.ECDSA(self.hash))
        except BadSignature:
            raise InvalidSignature from None
        except ValueError:
            raise InvalidPublicKey("a signature key") from None


ED25519 = Scheme(None, None)
P256 = Scheme(ec.SECP256R1(), hashes.SHA256())
P384 = Scheme(ec.SECP384R1(), hashes.SHA384())
P521 = Scheme(ec.SECP521R1(), hashes.SHA512())
