"""Finding messages and people by words, in the encrypted database (`spec/sessions.md` S39)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from colloque.store.client.database import Database
from colloque.store.client.messages import Entry, Messages

WORDS: Final = 12
QUERY_CHARACTERS: Final = 200
MOST: Final = 100


@dataclass(frozen=True, slots=True)
class Found:
    """`conversations`: those whose name, or a member's, has all the words. `messages`: newest first."""

    conversations: tuple[bytes, ...]
    messages: tuple[Entry, ...]


class Search:
    def __init__(self, database: Database, messages: Messages) -> None:
        self._db = database
        self._messages = messages

    def find(self, query: str, limit: int = 50, conversation: bytes | None = None) -> Found:
        """Everything with all the words of `query`, each complete or begun; accents and capitals do not count."""
        words = _words(query)
        if not words:
            return Found((), ())
        limit = min(max(limit, 1), MOST)
        # Each word stands in quotation marks: nothing that people type is an operator.
        match = " ".join(f'"{word}"*' for word in words)
        if conversation is None:
            rows = self._db.all(
                "SELECT rowid FROM found WHERE found MATCH ? ORDER BY rowid DESC LIMIT ?", match, limit
            )
        else:
            rows = self._db.all(
                "SELECT f.rowid FROM found f JOIN message m ON m.n = f.rowid WHERE f.found MATCH ?"
                " AND m.conversation = ? ORDER BY f.rowid DESC LIMIT ?",
                *(match, conversation, limit),
            )
        messages = self._messages.numbered([n for (n,) in rows]) if rows else []
        names = () if conversation is not None else self._named(words)
        return Found(names, tuple(messages))

    def _named(self, words: list[str]) -> tuple[bytes, ...]:
        found: dict[bytes, None] = {}
        rows = self._db.all(
            "SELECT id, name FROM conversation UNION ALL SELECT conversation, name || ' ' || profession || ' ' || rpps"
            " FROM peer"
        )
        begins: list[Callable[[str], object]] = [
            re.compile(rf"(?:^|\s){re.escape(word)}").search for word in words
        ]
        for ident, name in rows:
            plain = " ".join(_words(name))
            if all(begin(plain) for begin in begins):
                found[ident] = None
        return tuple(found)[:MOST]


def _words(text: str) -> list[str]:
    """As the index sees them: letters and digits only, without accents or capitals."""
    plain = unicodedata.normalize("NFKD", text[:QUERY_CHARACTERS]).lower()
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return re.findall(r"[^\W_]+", plain)[:WORDS]
