"""Sealed cards and invitation cards, found by the hash of a locator (`spec/relay.md` R28 to R31)."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from colloque.protocol.mailbox.limits import Limits
from colloque.protocol.mailbox.rules import Refusal
from colloque.store.relay.queues import sha256, takes_room
from colloque.store.relay.usage import Usage
from colloque.wire.frames.answers import Code
from colloque.wire.sizes import CARD_BYTES


def put(
    owner: bytes,
    locator_hash: bytes,
    sealed: bytes,
    expires: int,
    grant: bytes | None,
    now: int,
    limits: Limits,
    usage: Usage,
) -> Callable[[sqlite3.Connection], None]:
    """Puts a card, or another in its place. A new one wants a grant that has not ended and has fewer cards than queues
    (None: everybody may). Raises GRANT, FULL, and BAD where another card has that locator."""
    paid_by = None if grant is None else sha256(grant)

    def job(db: sqlite3.Connection) -> None:
        known = db.execute("SELECT 1 FROM card WHERE owner = ?", (sha256(owner),)).fetchone() is not None
        if not known:
            if paid_by is not None:
                _check_grant(db, paid_by, now)
            if not usage.has_room(CARD_BYTES, limits):
                raise Refusal(Code.FULL, limits.retry_after_ms)
        try:
            db.execute(
                "INSERT INTO card VALUES (?,?,?,?,?) ON CONFLICT (owner) DO UPDATE SET locator = excluded.locator,"
                " sealed = excluded.sealed, expires = excluded.expires",
                (sha256(owner), locator_hash, sealed, expires, paid_by),
            )
        except sqlite3.IntegrityError:
            raise Refusal(Code.BAD) from None
        if not known:
            usage.take(CARD_BYTES)

    return takes_room(job)


def _check_grant(db: sqlite3.Connection, grant: bytes, now: int) -> None:
    row = db.execute("SELECT expires, queues FROM grant_ WHERE hash = ?", (grant,)).fetchone()
    if row is None or row[0] < now:
        raise Refusal(Code.GRANT)
    if db.execute("SELECT count(*) FROM card WHERE grant_ = ?", (grant,)).fetchone()[0] >= row[1]:
        raise Refusal(Code.GRANT)


def get(locator: bytes, now: int) -> Callable[[sqlite3.Connection], bytes]:
    """Raises NO."""

    def job(db: sqlite3.Connection) -> bytes:
        row = db.execute("SELECT sealed, expires FROM card WHERE locator = ?", (sha256(locator),)).fetchone()
        if row is None or row[1] < now:
            raise Refusal(Code.NO)
        return bytes(row[0])

    return job


def delete(owner: bytes, usage: Usage) -> Callable[[sqlite3.Connection], None]:
    """Raises NO."""

    def job(db: sqlite3.Connection) -> None:
        if not db.execute("DELETE FROM card WHERE owner = ?", (sha256(owner),)).rowcount:
            raise Refusal(Code.NO)
        usage.total -= CARD_BYTES

    return job
