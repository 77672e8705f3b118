"""What has expired, and how full the relay is (`spec/relay.md` R22)."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

from colloque.protocol.mailbox.limits import Limits
from colloque.store.relay.grants import give_back
from colloque.store.relay.queues import close_account, drop_queue
from colloque.store.relay.usage import Usage
from colloque.wire.sizes import CARD_BYTES, ENVELOPE_BYTES

SWEPT_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Swept:
    """`files`: names of files to remove; `more`: whether something is left for the next sweep."""

    messages: int
    queues: tuple[int, ...]
    files: tuple[bytes, ...]
    more: bool


def sweep(now: int, limits: Limits, usage: Usage) -> Callable[[sqlite3.Connection], Swept]:
    """Deletes what has expired, a bounded number at a time. `now` in seconds since the epoch."""

    def job(db: sqlite3.Connection) -> Swept:
        gone = db.execute(
            "DELETE FROM message WHERE n IN (SELECT n FROM message WHERE expires < ? LIMIT ?) RETURNING queue, writer",
            (now, SWEPT_AT_ONCE),
        ).fetchall()
        usage.remove((queue, bytes(writer)) for queue, writer in gone)
        idle = db.execute(
            "SELECT id FROM queue WHERE read_at < ? AND dropped = 0 LIMIT ?",
            (now - limits.queue_idle_s, SWEPT_AT_ONCE),
        ).fetchall()
        for (queue,) in idle:
            drop_queue(db, queue, usage)
        cards = db.execute(
            "DELETE FROM card WHERE owner IN (SELECT owner FROM card WHERE expires < ? LIMIT ?)",
            (now, SWEPT_AT_ONCE),
        ).rowcount
        usage.total -= CARD_BYTES * cards
        give_back(db, now, SWEPT_AT_ONCE)
        usage.let_go(db)
        chunks = db.execute(
            "DELETE FROM chunk WHERE write_hash IN (SELECT write_hash FROM chunk WHERE expires < ? LIMIT ?)"
            " RETURNING file, queue, size",
            (now, SWEPT_AT_ONCE),
        ).fetchall()
        for _, queue, size in chunks:
            usage.total -= size
            db.execute("UPDATE queue SET chunk_bytes = chunk_bytes - ? WHERE id = ?", (size, queue))
            close_account(db, queue)
        files = tuple(bytes(name) for name, _, _ in chunks)
        more = SWEPT_AT_ONCE in (len(gone), len(idle), len(chunks), cards)
        return Swept(len(gone), tuple(q for (q,) in idle), files, more)

    return job


def kept_time(db: sqlite3.Connection) -> int:
    """What `keep_time` last wrote; 0 at the first start."""
    return int(db.execute("SELECT time FROM relay").fetchone()[0])


def keep_time(now: int) -> Callable[[sqlite3.Connection], None]:
    def job(db: sqlite3.Connection) -> None:
        db.execute("UPDATE relay SET time = ?", (now,))

    return job


def measure(usage: Usage, free: int) -> Callable[[sqlite3.Connection], set[bytes]]:
    """Counts once, at the start, what lies in the relay; the names of all chunk files that are known."""

    def job(db: sqlite3.Connection) -> set[bytes]:
        messages = db.execute("SELECT count(*) FROM message").fetchone()[0]
        chunks = db.execute("SELECT file, size FROM chunk").fetchall()
        cards = db.execute("SELECT count(*) FROM card").fetchone()[0]
        usage.total = messages * ENVELOPE_BYTES + cards * CARD_BYTES + sum(size for _, size in chunks)
        usage.free = free
        return {bytes(name) for name, _ in chunks}

    return job
