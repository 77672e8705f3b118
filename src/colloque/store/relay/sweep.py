"""What has expired, and how full the relay is (`spec/relay.md` R22)."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

from colloque.protocol.mailbox.limits import Limits
from colloque.store.relay.queues import Usage, drop_queue, forget_messages

SWEPT_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Swept:
    """`chunks`: names of files to remove; `more`: whether something is left for the next sweep."""

    messages: int
    queues: tuple[int, ...]
    chunks: tuple[bytes, ...]
    more: bool


def sweep(now: int, limits: Limits, usage: Usage) -> Callable[[sqlite3.Connection], Swept]:
    """Deletes what has expired, a bounded number at a time. `now` in seconds since the epoch."""

    def job(db: sqlite3.Connection) -> Swept:
        gone = db.execute(
            "DELETE FROM message WHERE n IN (SELECT n FROM message WHERE expires < ? LIMIT ?) RETURNING queue, writer",
            (now, SWEPT_AT_ONCE),
        ).fetchall()
        forget_messages(db, gone, usage)
        idle = db.execute(
            "SELECT id FROM queue WHERE read_at < ? LIMIT ?", (now - limits.queue_idle_s, SWEPT_AT_ONCE)
        ).fetchall()
        for (queue,) in idle:
            drop_queue(db, queue, usage)
        db.execute("DELETE FROM card WHERE expires < ?", (now,))
        db.execute("DELETE FROM grant_ WHERE expires < ? AND parent IS NOT NULL", (now,))
        chunks = db.execute(
            "DELETE FROM chunk WHERE write_hash IN (SELECT write_hash FROM chunk WHERE expires < ? LIMIT ?)"
            " RETURNING write_hash, queue, size",
            (now, SWEPT_AT_ONCE),
        ).fetchall()
        for _, queue, size in chunks:
            usage.total -= size
            db.execute("UPDATE queue SET chunk_bytes = chunk_bytes - ? WHERE id = ?", (size, queue))
        more = SWEPT_AT_ONCE in (len(gone), len(idle), len(chunks))
        return Swept(len(gone), tuple(q for (q,) in idle), tuple(bytes(c[0]) for c in chunks), more)

    return job


def measure(usage: Usage, envelope_bytes: int, free: int) -> Callable[[sqlite3.Connection], set[bytes]]:
    """Counts once, at the start, what lies in the relay; the names of all chunk files that are known."""

    def job(db: sqlite3.Connection) -> set[bytes]:
        messages = db.execute("SELECT count(*) FROM message").fetchone()[0]
        chunks = db.execute("SELECT write_hash, size FROM chunk").fetchall()
        usage.total = messages * envelope_bytes + sum(size for _, size in chunks)
        usage.free = free
        return {bytes(name) for name, _ in chunks}

    return job
