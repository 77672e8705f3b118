"""DHKEM (RFC 9180 4.1): encapsulation over one Diffie-Hellman exchange of `cryptography`, which refuses all-zero results."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from colloque.mls.crypto.labelled import kem_labelled
from colloque.mls.errors import DecryptionFailed, InvalidPublicKey

Encapsulate = Callable[[bytes], tuple[bytes, bytes]]
Decapsulate = Callable[[bytes, bytes], bytes]


def exchange(private: Any, public: Any) -> bytes:
    """Raises `ValueError` where the result would be all zeros (RFC 7748 6)."""
    if isinstance(private, ec.EllipticCurvePrivateKey):
        return private.exchange(ec.ECDH(), public)
    shared: bytes = private.exchange(public)
    return shared


def dhkem(
    kem: int,
    hash_: hashes.HashAlgorithm,
    generate: Callable[[], Any],
    encode: Callable[[Any], bytes],
    load_private: Callable[[bytes], Any],
    load_public: Callable[[bytes], Any],
) -> tuple[Encapsulate, Decapsulate]:
    """`generate` a private key; `encode` its public half; the shared secret is as long as the hash."""

    def derive(shared: bytes, context: bytes) -> bytes:
        labelled = kem_labelled(kem, hash_)
        prk = labelled.extract(b"", b"eae_prk", shared)
        return labelled.expand(prk, b"shared_secret", context, hash_.digest_size)

    def encapsulate(public: bytes) -> tuple[bytes, bytes]:
        ephemeral = generate()
        output = encode(ephemeral)
        try:
            shared = exchange(ephemeral, load_public(public))
        except ValueError:
            raise InvalidPublicKey from None
        return derive(shared, output + public), output

    def decapsulate(private: bytes, output: bytes) -> bytes:
        own = load_private(private)
        try:
            shared = exchange(own, load_public(output))
        except (ValueError, InvalidPublicKey):
            raise DecryptionFailed from None
        return derive(shared, output + encode(own))

    return encapsulate, decapsulate
