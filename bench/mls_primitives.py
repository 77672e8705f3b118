"""What the primitives of a message alone take, as `cryptography` has them: the floor under `protect` and `unprotect`.

Protect: a signature; three HKDF-Expands of the sender's ratchet and two of the sender data; two AEAD seals. Unprotect: the
same with a verification and two openings. Keys come as bytes, as they do from a stored state, so reading them counts.
"""

from __future__ import annotations

import os

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from bench.mls_sides import timed
from colloque.mls.crypto.suite import suite

SIGNED_OVERHEAD = 150


def floors(number: int, size: int, count: int) -> tuple[float, float]:
    """Microseconds for one message of `size` bytes: (protect, unprotect)."""
    kind = suite(number)
    seed = os.urandom(32)
    public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    signed = os.urandom(size + SIGNED_OVERHEAD)
    signature = Ed25519PrivateKey.from_private_bytes(seed).sign(signed)
    key, nonce, secret = os.urandom(kind.key_bytes), os.urandom(12), os.urandom(kind.hash_bytes)
    content, sender, info = os.urandom(size + 67), os.urandom(12), os.urandom(30)
    sealed = kind.aead(key).encrypt(nonce, content, info), kind.aead(key).encrypt(nonce, sender, info)
    lengths = (kind.key_bytes, 12, kind.hash_bytes, kind.key_bytes, 12)

    def expand() -> None:
        for length in lengths:
            HKDFExpand(kind.hash, length, info).derive(secret)

    def protect() -> None:
        for _ in range(count):
            Ed25519PrivateKey.from_private_bytes(seed).sign(signed)
            expand()
            kind.aead(key).encrypt(nonce, content, info)
            kind.aead(key).encrypt(nonce, sender, info)

    def unprotect() -> None:
        for _ in range(count):
            kind.aead(key).decrypt(nonce, sealed[1], info)
            expand()
            kind.aead(key).decrypt(nonce, sealed[0], info)
            Ed25519PublicKey.from_public_bytes(public).verify(signature, signed)

    return timed(protect)[1] / count, timed(unprotect)[1] / count
