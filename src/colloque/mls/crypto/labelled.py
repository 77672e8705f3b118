"""LabeledExtract and LabeledExpand of HPKE (RFC 9180 section 4), over `cryptography`'s HKDF."""

from __future__ import annotations

from dataclasses import dataclass

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand


@dataclass(frozen=True, slots=True)
class Labelled:
    """The two functions bound to a hash and a suite id ("KEM" or "HPKE" and numbers)."""

    hash: hashes.HashAlgorithm
    suite_id: bytes

    def extract(self, salt: bytes, label: bytes, ikm: bytes) -> bytes:
        return HKDF.extract(self.hash, salt, b"HPKE-v1" + self.suite_id + label + ikm)

    def expand(self, prk: bytes, label: bytes, info: bytes, length: int) -> bytes:
        labelled = length.to_bytes(2, "big") + b"HPKE-v1" + self.suite_id + label + info
        return HKDFExpand(self.hash, length, labelled).derive(prk)


def kem_labelled(kem: int, hash_: hashes.HashAlgorithm) -> Labelled:
    return Labelled(hash_, b"KEM" + kem.to_bytes(2, "big"))
