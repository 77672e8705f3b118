"""The recovery sheet: 24 words on paper that open a home and its backups where the passphrase is forgotten.

The words are those of BIP 39, English or French, for 32 bytes and a checksum. Nothing else of BIP 39 is used.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from mnemonic import Mnemonic

from colloque.store.client.vault import Locked

KEY_BYTES: Final = 32
SEALED_BYTES: Final = 12 + KEY_BYTES + 16
WORDS: Final = 24
LANGUAGES: Final = {"en": "english", "fr": "french"}
_NOT_THE_WORDS: Final = (
    "those are not the 24 words of a recovery sheet: look for a word read or typed wrongly"
)


@dataclass(frozen=True, slots=True)
class RecoveryKey:
    """What the words stand for. It seals other keys, each for one purpose."""

    raw: bytes = field(repr=False)

    def words(self, language: str) -> tuple[str, ...]:
        """In `language`, "en" or "fr", as they are printed."""
        phrase = _list(language).to_mnemonic(self.raw)
        return tuple(unicodedata.normalize("NFC", word) for word in phrase.split())

    def seal(self, key: bytes, purpose: bytes, random: Callable[[int], bytes]) -> bytes:
        """`nonce[12]` and `key` (32 bytes) under AES-256-GCM."""
        nonce = random(12)
        return nonce + AESGCM(self._sealing_key(purpose)).encrypt(nonce, key, purpose)

    def open(self, sealed: bytes, purpose: bytes) -> bytes:
        """Raises `Locked` where another sheet sealed it, or it was changed."""
        try:
            return AESGCM(self._sealing_key(purpose)).decrypt(sealed[:12], sealed[12:], purpose)
        except (InvalidTag, ValueError):
            raise Locked("that recovery sheet is of another home") from None

    def _sealing_key(self, purpose: bytes) -> bytes:
        return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(self.raw)

    @classmethod
    def from_words(cls, text: str) -> RecoveryKey:
        """In either language; capitals, accents and what stands between the words do not count. Raises `Locked`."""
        typed = [_plain(word) for word in text.replace(",", " ").split()]
        typed = [word for word in typed if word]
        for language in LANGUAGES:
            known = _by_plain(language)
            if len(typed) == WORDS and all(word in known for word in typed):
                try:
                    return cls(bytes(_list(language).to_entropy([known[word] for word in typed])))
                except ValueError:
                    continue
        raise Locked(_NOT_THE_WORDS)


def new_recovery_key(random: Callable[[int], bytes]) -> RecoveryKey:
    return RecoveryKey(random(KEY_BYTES))


@lru_cache(maxsize=2)
def _list(language: str) -> Mnemonic:
    return Mnemonic(LANGUAGES[language])


@lru_cache(maxsize=2)
def _by_plain(language: str) -> dict[str, str]:
    return {_plain(word): word for word in _list(language).wordlist}


def _plain(word: str) -> str:
    """Letters only, small and without accents; numbers before the words may be typed as well."""
    plain = unicodedata.normalize("NFKD", word[:40]).lower()
    return "".join(c for c in plain if "a" <= c <= "z")
