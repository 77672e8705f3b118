"""My queues: which to make, to read, and to drop."""

from __future__ import annotations

from dataclasses import dataclass

from colloque.protocol.session.model import OwnQueue
from colloque.store.client.database import Database
from colloque.store.client.talks import Talks, own_queue
from colloque.wire.frames.position import Position


@dataclass(frozen=True, slots=True)
class Stored:
    """A queue with how far it has been read durably, and the quota of its writers (0: the relay's own)."""

    queue: OwnQueue
    incarnation: int
    sequence: int
    quota: int


class Queues:
    def __init__(self, database: Database, talks: Talks) -> None:
        self._db = database
        self._talks = talks

    def in_state(self, state: str, relay: str | None = None) -> list[Stored]:
        """At one relay, or at all."""
        rows = self._db.all(
            "SELECT id, relay, read_cap, key, writers, grant_, incarnation, sequence, quota FROM queue WHERE state = ?"
            " AND relay = coalesce(?, relay) ORDER BY made_at, id",
            *(state, relay),
        )
        return [Stored(own_queue(row[:6]), *row[6:]) for row in rows]

    def unwanted(self, relay: str) -> list[Stored]:
        """What is to be dropped now: a queue on whose account a document still goes up waits for it."""
        rows = self._db.all("SELECT DISTINCT conversation FROM transfer WHERE upload = 1")
        busy = {conversation for (conversation,) in rows}
        return [s for s in self.in_state("unwanted", relay) if self.conversation_of(s.queue.id) not in busy]

    def set_state(self, ident: bytes, state: str) -> None:
        with self._db.transaction():
            self._db.execute("UPDATE queue SET state = ? WHERE id = ?", state, ident)

    def position(self, ident: bytes) -> tuple[int, int]:
        row = self._db.one("SELECT incarnation, sequence FROM queue WHERE id = ?", ident)
        return (0, 0) if row is None else (row[0], row[1])

    def set_position(self, ident: bytes, position: Position) -> None:
        with self._db.transaction():
            self._db.execute(
                "UPDATE queue SET incarnation = ?, sequence = ? WHERE id = ?",
                *(position.incarnation, position.sequence, ident),
            )

    def conversation_of(self, ident: bytes) -> bytes | None:
        row = self._db.one("SELECT conversation FROM queue WHERE id = ?", ident)
        return None if row is None else row[0]
