"""Argon2id: what makes guessing a passphrase slow (RFC 9106)."""

from __future__ import annotations

import threading
from typing import Final

from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

_ONE_AT_A_TIME: Final = threading.Lock()
"""OpenSSL gives all derivations of a process together as many threads as there are processors: two that want several each may
wait for one another for ever, or fail. One at a time also bounds the memory that they take."""


def stretch(passphrase: str, salt: bytes, memory_kib: int, iterations: int, lanes: int) -> bytes:
    """32 bytes. From any thread; whoever comes while another passphrase is stretched waits."""
    kdf = Argon2id(salt=salt, length=32, iterations=iterations, lanes=lanes, memory_cost=memory_kib)
    with _ONE_AT_A_TIME:
        return kdf.derive(passphrase.encode("utf-8"))
