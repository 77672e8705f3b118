"""The recovery sheet (`spec/sessions.md` S38)."""

from __future__ import annotations

import os
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colloque.store.client.sheet import LANGUAGES, RecoveryKey
from colloque.store.client.vault import Locked

KEY = RecoveryKey(bytes(range(32)))


@pytest.mark.parametrize("language", LANGUAGES)
@given(raw=st.binary(min_size=32, max_size=32))
def test_words_and_back(language: str, raw: bytes) -> None:
    """S38: as printed, in capitals, without accents, numbered."""
    key = RecoveryKey(raw)
    words = key.words(language)
    assert len(words) == 24
    printed = " ".join(words)
    bare = "".join(c for c in unicodedata.normalize("NFKD", printed) if not unicodedata.combining(c))
    numbered = "\n".join(f"{n}. {word}," for n, word in enumerate(words, 1))
    for typed in (printed, printed.upper(), bare, numbered):
        assert RecoveryKey.from_words(typed) == key


def test_the_words_are_those_of_the_list() -> None:
    """Known answers of BIP 39, for 32 zero bytes."""
    zeros = RecoveryKey(bytes(32))
    assert zeros.words("en") == ("abandon",) * 23 + ("art",)
    assert zeros.words("fr")[:2] == ("abaisser", "abaisser")


@given(text=st.text(max_size=300))
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(Locked):
        RecoveryKey.from_words(text)


def test_a_word_read_wrongly_is_noticed() -> None:
    """S38: the checksum finds all but one in 256."""
    words = list(KEY.words("en"))
    found = 0
    for place in range(24):
        spoilt = words.copy()
        spoilt[place] = "zebra" if words[place] != "zebra" else "zoo"
        try:
            assert RecoveryKey.from_words(" ".join(spoilt)) != KEY
        except Locked:
            found += 1
    assert found >= 22


def test_one_purpose_is_not_another_and_nothing_is_shown() -> None:
    sealed = KEY.seal(bytes(32), b"one", os.urandom)
    assert KEY.open(sealed, b"one") == bytes(32)
    for key, purpose, data in (
        (KEY, b"two", sealed),
        (RecoveryKey(bytes(32)), b"one", sealed),
        (KEY, b"one", sealed[:-1] + bytes([sealed[-1] ^ 1])),
        (KEY, b"one", b""),
    ):
        with pytest.raises(Locked):
            key.open(data, purpose)
    assert KEY.raw.hex()[:8] not in repr(KEY)
