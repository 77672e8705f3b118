"""How full the relay is, kept in memory by the thread that owns the database: counted once, then followed.

Kept here and not in the tables, so that storing an envelope writes the envelope and nothing else.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from colloque.protocol.mailbox.limits import Limits
from colloque.wire.sizes import ENVELOPE_BYTES

BOXES: Final = 20_000
"""Queues kept in memory, if they are empty."""


@dataclass(slots=True)
class Box:
    """One queue: the last sequence given in this incarnation, and how many messages of each writer lie there."""

    sequence: int = 0
    messages: int = 0
    by_writer: Counter[bytes] | None = None

    def of(self, writer: bytes) -> int:
        return self.by_writer[writer] if self.by_writer else 0


@dataclass(slots=True)
class Usage:
    """Bytes in the relay, free ones on its disk as last measured, and the queues used in this incarnation."""

    incarnation: int = 0
    total: int = 0
    free: int = 1 << 62
    _boxes: dict[int, Box] = field(default_factory=dict)

    def take(self, size: int) -> None:
        """What is stored goes once into the log and once into the table before the disk is measured again."""
        self.total += size
        self.free -= 2 * size

    def has_room(self, size: int, limits: Limits) -> bool:
        """Whether the relay as a whole, and its disk, take that much more."""
        return self.total + size <= limits.total_bytes and self.free - size >= limits.minimum_free_bytes

    def box(self, db: sqlite3.Connection, queue: int) -> Box:
        box = self._boxes.get(queue)
        if box is None:
            box = self._boxes[queue] = Box(self._last_sequence(db, queue))
        if box.by_writer is None:
            rows = db.execute(
                "SELECT writer, count(*) FROM message WHERE queue = ? GROUP BY writer", (queue,)
            )
            box.by_writer = Counter(dict(rows.fetchall()))
            box.messages = box.by_writer.total()
        return box

    def _last_sequence(self, db: sqlite3.Connection, queue: int) -> int:
        """As the table knows it, of an empty queue."""
        sql = "SELECT confirmed_sequence FROM queue WHERE id = ? AND confirmed_incarnation = ?"
        row = db.execute(sql, (queue, self.incarnation)).fetchone()
        return 0 if row is None else int(row[0])

    def let_go(self, db: sqlite3.Connection, keep: int = BOXES) -> None:
        """Forgets queues that are empty, the longest known first, until `keep` are left; but none of which the table does not
        know its last sequence: that is given once (R8)."""
        for queue in [q for q, box in self._boxes.items() if not box.messages][
            : max(0, len(self._boxes) - keep)
        ]:
            if self._last_sequence(db, queue) == self._boxes[queue].sequence:
                del self._boxes[queue]

    def add(self, box: Box, writer: bytes) -> int:
        """One more message; its sequence."""
        assert box.by_writer is not None
        box.by_writer[writer] += 1
        box.messages += 1
        box.sequence += 1
        self.take(ENVELOPE_BYTES)
        return box.sequence

    def remove(self, gone: Iterable[tuple[int, bytes]]) -> None:
        """Messages that were deleted: (queue, writer) of each. What was not counted yet needs no correction."""
        for (queue, writer), count in Counter(gone).items():
            self.total -= ENVELOPE_BYTES * count
            box = self._boxes.get(queue)
            if box is not None and box.by_writer is not None:
                box.messages -= count
                box.by_writer[writer] -= count
                if box.by_writer[writer] <= 0:
                    del box.by_writer[writer]

    def drop(self, queue: int, messages: int) -> None:
        """A queue is gone with its messages. No other ever gets its number."""
        self.total -= ENVELOPE_BYTES * messages
        self._boxes.pop(queue, None)

    def lose_counts(self) -> None:
        """After a transaction that was undone: what was counted in it is counted again. Sequences never go back."""
        for box in self._boxes.values():
            box.by_writer = None
