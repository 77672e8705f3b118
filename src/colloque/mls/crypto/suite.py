"""Cipher suites and their labelled operations (RFC 9420 section 5).

Suite 83 is `MLS_256_XWING_AES256GCM_SHA512_Ed25519`: nobody has assigned that number yet (`spec/mls.md` M1).
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, hpke
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from colloque.mls.codec import u16, u32, vector
from colloque.mls.crypto import hpke as composed
from colloque.mls.crypto import kem as kems
from colloque.mls.crypto import signature as signatures
from colloque.mls.errors import DecryptionFailed, InvalidPublicKey, UnsupportedSuite

XWING = 83
NONCE_BYTES = 12


@dataclass(frozen=True, eq=False)
class Suite:
    number: int
    kem: kems.Kem
    hash: hashes.HashAlgorithm
    kdf: Any
    kdf_id: int
    aead: type[AESGCM] | type[ChaCha20Poly1305]
    aead_kind: Any
    aead_id: int
    key_bytes: int
    scheme: signatures.Scheme

    def __repr__(self) -> str:
        return f"Suite({self.number})"

    @property
    def hash_bytes(self) -> int:
        return self.hash.digest_size

    @cached_property
    def _hpke(self) -> hpke.Suite:
        return hpke.Suite(self.kem.hpke_kem, self.kdf, self.aead_kind)

    @cached_property
    def _composed(self) -> composed.Parameters:
        return composed.Parameters(
            self.kem.id, self.kdf_id, self.aead_id, self.hash, self.aead, self.key_bytes
        )

    # --- hash, MAC, KDF ---

    def digest(self, data: bytes) -> bytes:
        return hashlib.new(self.hash.name, data).digest()

    def mac(self, key: bytes, data: bytes) -> bytes:
        return hmac.digest(key, data, self.hash.name)

    def extract(self, salt: bytes, ikm: bytes) -> bytes:
        return hmac.digest(salt or bytes(self.hash_bytes), ikm, self.hash.name)

    def expand(self, secret: bytes, info: bytes, length: int) -> bytes:
        return HKDFExpand(self.hash, length, info).derive(secret)

    def expand_with_label(self, secret: bytes, label: str, context: bytes, length: int) -> bytes:
        info = u16(length) + vector(b"MLS 1.0 " + label.encode("ascii")) + vector(context)
        return self.expand(secret, info, length)

    def derive_secret(self, secret: bytes, label: str) -> bytes:
        return self.expand_with_label(secret, label, b"", self.hash_bytes)

    def derive_tree_secret(self, secret: bytes, label: str, generation: int, length: int) -> bytes:
        return self.expand_with_label(secret, label, u32(generation), length)

    def ref_hash(self, label: str, value: bytes) -> bytes:
        return self.digest(vector(label.encode("ascii")) + vector(value))

    # --- AEAD ---

    def seal(self, key: bytes, nonce: bytes, aad: bytes, plaintext: bytes) -> bytes:
        return self.aead(key).encrypt(nonce, plaintext, aad)

    def open(self, key: bytes, nonce: bytes, aad: bytes, ciphertext: bytes) -> bytes:
        try:
            return self.aead(key).decrypt(nonce, ciphertext, aad)
        except InvalidTag:
            raise DecryptionFailed from None

    # --- signatures ---

    def sign_with_label(self, private: bytes, label: str, content: bytes) -> bytes:
        # MUST 5.1.2-1
        return self.scheme.sign(private, vector(b"MLS 1.0 " + label.encode("ascii")) + vector(content))

    def verify_with_label(self, public: bytes, label: str, content: bytes, signature: bytes) -> None:
        # MUST 5.1.2-1
        self.scheme.verify(public, vector(b"MLS 1.0 " + label.encode("ascii")) + vector(content), signature)

    # --- HPKE ---

    def derive_key_pair(self, ikm: bytes) -> tuple[bytes, bytes]:
        """(private, public)."""
        private = self.kem.derive(ikm)
        return private, self.kem.public(private)

    def encrypt_with_label(
        self, public: bytes, label: str, context: bytes, plaintext: bytes
    ) -> tuple[bytes, bytes]:
        """(KEM output, ciphertext)."""
        info = vector(b"MLS 1.0 " + label.encode("ascii")) + vector(context)
        if self.kem.hpke_kem is None:
            shared, output = self.kem.encapsulate(public)
            return output, composed.schedule(self._composed, shared, info).seal(plaintext)
        try:
            sealed = self._hpke.encrypt(plaintext, self.kem.load_public(public), info)
        except ValueError:
            raise InvalidPublicKey from None
        length = self.kem.output_bytes
        return sealed[:length], sealed[length:]

    def decrypt_with_label(
        self, private: bytes, label: str, context: bytes, kem_output: bytes, ciphertext: bytes
    ) -> bytes:
        info = vector(b"MLS 1.0 " + label.encode("ascii")) + vector(context)
        if len(kem_output) != self.kem.output_bytes:
            raise DecryptionFailed
        if self.kem.hpke_kem is None:
            shared = self.kem.decapsulate(private, kem_output)
            return composed.schedule(self._composed, shared, info).open(ciphertext)
        try:
            return self._hpke.decrypt(kem_output + ciphertext, self.kem.load_private(private), info)
        except (InvalidTag, ValueError):
            raise DecryptionFailed from None

    def send_export(self, public: bytes, label: str) -> tuple[bytes, bytes]:
        """(KEM output, a secret that only the key's holder exports too): SetupBaseS and its export (RFC 9420 8.3)."""
        shared, output = self.kem.encapsulate(public)
        return output, self._exported(shared, label)

    def receive_export(self, private: bytes, kem_output: bytes, label: str) -> bytes:
        """Raises `DecryptionFailed`."""
        return self._exported(self.kem.decapsulate(private, kem_output), label)

    def _exported(self, shared: bytes, label: str) -> bytes:
        context = composed.schedule(self._composed, shared, b"")
        return context.export(b"MLS 1.0 " + label.encode("ascii"), self.hash_bytes)


_AES128 = (AESGCM, hpke.AEAD.AES_128_GCM, 1, 16)
_AES256 = (AESGCM, hpke.AEAD.AES_256_GCM, 2, 32)
_CHACHA = (ChaCha20Poly1305, hpke.AEAD.CHACHA20_POLY1305, 3, 32)
_SHA256 = (hashes.SHA256(), hpke.KDF.HKDF_SHA256, 1)
_SHA384 = (hashes.SHA384(), hpke.KDF.HKDF_SHA384, 2)
_SHA512 = (hashes.SHA512(), hpke.KDF.HKDF_SHA512, 3)


def _suite(
    number: int,
    kem: kems.Kem,
    sha: tuple[Any, Any, int],
    aead: tuple[Any, Any, int, int],
    scheme: signatures.Scheme,
) -> Suite:
    return Suite(number, kem, *sha, *aead, scheme)  # type: ignore[arg-type]


_SUITES = {
    suite.number: suite
    for suite in (
        # MUST 17.1-1
        _suite(1, kems.X25519, _SHA256, _AES128, signatures.ED25519),
        _suite(2, kems.P256, _SHA256, _AES128, signatures.P256),
        _suite(3, kems.X25519, _SHA256, _CHACHA, signatures.ED25519),
        _suite(4, kems.X448, _SHA512, _AES256, signatures.ED448),
        _suite(5, kems.P521, _SHA512, _AES256, signatures.P521),
        _suite(6, kems.X448, _SHA512, _CHACHA, signatures.ED448),
        _suite(7, kems.P384, _SHA384, _AES256, signatures.P384),
        _suite(XWING, kems.XWING, _SHA512, _AES256, signatures.ED25519),
    )
}
SUPPORTED = tuple(_SUITES)


def suite(number: int) -> Suite:
    """Raises `UnsupportedSuite`."""
    found = _SUITES.get(number)
    if found is None:
        raise UnsupportedSuite(str(number))
    return found
