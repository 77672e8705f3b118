"""Bytes and choices drawn from a name: the same each time."""

from __future__ import annotations

import hashlib
import random

from colloque.mls.crypto.signature import ED25519, EcDsa
from colloque.mls.crypto.suite import Suite


class Seed:
    """Called like the system's randomness: `seed(32)`."""

    def __init__(self, name: str) -> None:
        self._name = name.encode()
        self._count = 0
        self.choice = random.Random(name)

    def __call__(self, size: int) -> bytes:
        self._count += 1
        return hashlib.shake_256(self._name + b"/%d" % self._count).digest(size)

    def hex(self, size: int) -> str:
        return self(size).hex()

    def signer(self, kind: Suite) -> bytes:
        """A private signing key of the suite."""
        scheme = kind.scheme
        if isinstance(scheme, EcDsa):
            return b"\0" + self((scheme.curve.key_size + 7) // 8 - 1)
        return self(32 if scheme is ED25519 else 57)
