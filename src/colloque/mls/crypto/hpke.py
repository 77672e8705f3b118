"""HPKE's base mode (RFC 9180 5.1), composed of `cryptography`'s HKDF and AEADs.

Its own HPKE is used wherever it can be; this serves what it lacks: X448, and the export that external commits need.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305

from colloque.mls.crypto.labelled import Labelled
from colloque.mls.errors import DecryptionFailed

_BASE = b"\x00"


@dataclass(frozen=True, slots=True)
class Parameters:
    """What a suite combines: the registered ids, the KDF's hash, and the AEAD with the bytes of its key."""

    kem_id: int
    kdf_id: int
    aead_id: int
    hash: hashes.HashAlgorithm
    aead: type[AESGCM] | type[ChaCha20Poly1305]
    key_bytes: int

    def labelled(self) -> Labelled:
        ids = (self.kem_id, self.kdf_id, self.aead_id)
        return Labelled(self.hash, b"HPKE" + b"".join(i.to_bytes(2, "big") for i in ids))


@dataclass(frozen=True, slots=True)
class Context:
    """One encryption context, for its first message only, and for exports."""

    parameters: Parameters
    key: bytes = field(repr=False)
    nonce: bytes = field(repr=False)
    exporter: bytes = field(repr=False)

    def seal(self, plaintext: bytes) -> bytes:
        return self.parameters.aead(self.key).encrypt(self.nonce, plaintext, b"")

    def open(self, ciphertext: bytes) -> bytes:
        """Raises `DecryptionFailed`."""
        try:
            return self.parameters.aead(self.key).decrypt(self.nonce, ciphertext, b"")
        except InvalidTag:
            raise DecryptionFailed from None

    def export(self, context: bytes, length: int) -> bytes:
        return self.parameters.labelled().expand(self.exporter, b"sec", context, length)


def schedule(parameters: Parameters, shared: bytes, info: bytes) -> Context:
    """KeySchedule of the base mode: no pre-shared key."""
    kdf = parameters.labelled()
    hashed = kdf.extract(b"", b"psk_id_hash", b"") + kdf.extract(b"", b"info_hash", info)
    secret = kdf.extract(shared, b"secret", b"")

    def expand(label: bytes, length: int) -> bytes:
        return kdf.expand(secret, label, _BASE + hashed, length)

    key, nonce = expand(b"key", parameters.key_bytes), expand(b"base_nonce", 12)
    return Context(parameters, key, nonce, expand(b"exp", parameters.hash.digest_size))
