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
    aead: type[AESGCM] | type[ChaCha20Poly1305]
    aead_id: Any
    key_bytes: int
    scheme: signatures.Scheme

    def __repr__(self) -> str:
        return f"Suite({self.number})"

    @property
    def hash_bytes(self) -> int:
        return self.hash.digest_size

    @cached_property
    def _hpke(self) -> hpke.Suite:
        return hpke.Suite(self.kem.hpke_kem, self.kdf, self.aead_id)

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
        return self.scheme.sign(private, vector(b"MLS 1.0 " + label.encode("ascii")) + vector(content))

    def verify_with_label(self, public: bytes, label: str, content: bytes, signature: bytes) -> None:
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
        try:
            sealed = self._hpke.encrypt(plaintext, self.kem.load_public(public), info)
        except ValueError:
            raise InvalidPublicKey from None
        length = self.kem.hpke_kem.enc_length()
        return sealed[:length], sealed[length:]

    def decrypt_with_label(
        self, private: bytes, label: str, context: bytes, kem_output: bytes, ciphertext: bytes
    ) -> bytes:
        info = vector(b"MLS 1.0 " + label.encode("ascii")) + vector(context)
        if len(kem_output) != self.kem.hpke_kem.enc_length():
            raise DecryptionFailed
        try:
            return self._hpke.decrypt(kem_output + ciphertext, self.kem.load_private(private), info)
        except (InvalidTag, ValueError):
            raise DecryptionFailed from None


_AES128 = (AESGCM, hpke.AEAD.AES_128_GCM, 16)
_AES256 = (AESGCM, hpke.AEAD.AES_256_GCM, 32)
_CHACHA = (ChaCha20Poly1305, hpke.AEAD.CHACHA20_POLY1305, 32)
_S256, _S384, _S512 = hashes.SHA256(), hashes.SHA384(), hashes.SHA512()
_K256, _K384, _K512 = hpke.KDF.HKDF_SHA256, hpke.KDF.HKDF_SHA384, hpke.KDF.HKDF_SHA512

_SUITES = {
    1: Suite(1, kems.X25519, _S256, _K256, *_AES128, signatures.ED25519),
    2: Suite(2, kems.P256, _S256, _K256, *_AES128, signatures.P256),
    3: Suite(3, kems.X25519, _S256, _K256, *_CHACHA, signatures.ED25519),
    5: Suite(5, kems.P521, _S512, _K512, *_AES256, signatures.P521),
    7: Suite(7, kems.P384, _S384, _K384, *_AES256, signatures.P384),
    XWING: Suite(XWING, kems.XWING, _S512, _K512, *_AES256, signatures.ED25519),
}
SUPPORTED = tuple(_SUITES)


def suite(number: int) -> Suite:
    """Raises `UnsupportedSuite`."""
    found = _SUITES.get(number)
    if found is None:
        raise UnsupportedSuite(str(number))
    return found
