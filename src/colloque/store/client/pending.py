"""What one act of this home still has to do at relays, apart from whatever was in line before it."""

from __future__ import annotations

from typing import Any, Final

from colloque.store.client.database import Database

_LEFT: Final = (
    "SELECT 'queue', id, state FROM queue WHERE state IN ('wanted', 'unwanted')",
    "SELECT 'errand', n, arguments FROM errand",
    "SELECT 'outgoing', n, ident FROM outgoing",
    # Where nobody can be written to yet, nothing is left to do here.
    (
        "SELECT 'writing', n, coalesce(message, body) FROM writing WHERE conversation IN (SELECT c.id FROM conversation c"
        " JOIN peer p ON p.conversation = c.id WHERE c.phase = 'open' AND p.address IS NOT NULL)"
    ),
)


class Pending:
    """Made before the act. What a dead relay holds up from earlier days does not count."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._before = self._now()

    def _now(self) -> set[Any]:
        return {row for question in _LEFT for row in self._db.all(question)}

    def done(self) -> bool:
        """Whether the relays have taken everything that was put in line since."""
        return self._now() <= self._before
