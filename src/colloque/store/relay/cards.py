"""Sealed cards and invitation cards, found by the hash of a locator (`spec/relay.md` R30, R31)."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from colloque.protocol.mailbox.rules import Refusal
from colloque.store.relay.queues import sha256, takes_room
from colloque.wire.frames.answers import Code

CARDS_PER_GRANT = 4


def put(
    owner: bytes, locator_hash: bytes, sealed: bytes, expires: int, grant: bytes | None, now: int
) -> Callable[[sqlite3.Connection], None]:
    """Puts a card, or another in its place. A new one wants a grant that has not ended (None: everybody may)."""

    def job(db: sqlite3.Connection) -> None:
        known = db.execute("SELECT locator FROM card WHERE owner = ?", (sha256(owner),)).fetchone()
        if known is None and grant is not None:
            row = db.execute("SELECT expires FROM grant_ WHERE hash = ?", (sha256(grant),)).fetchone()
            if row is None or row[0] < now:
                raise Refusal(Code.GRANT)
        try:
            db.execute(
                "INSERT INTO card VALUES (?,?,?,?) ON CONFLICT (owner) DO UPDATE SET locator = excluded.locator,"
                " sealed = excluded.sealed, expires = excluded.expires",
                (sha256(owner), locator_hash, sealed, expires),
            )
        except sqlite3.IntegrityError:
            raise Refusal(Code.BAD) from None

    return takes_room(job)


def get(locator: bytes, now: int) -> Callable[[sqlite3.Connection], bytes]:
    """Raises NO."""

    def job(db: sqlite3.Connection) -> bytes:
        row = db.execute("SELECT sealed, expires FROM card WHERE locator = ?", (sha256(locator),)).fetchone()
        if row is None or row[1] < now:
            raise Refusal(Code.NO)
        return bytes(row[0])

    return job


def delete(owner: bytes) -> Callable[[sqlite3.Connection], None]:
    def job(db: sqlite3.Connection) -> None:
        if not db.execute("DELETE FROM card WHERE owner = ?", (sha256(owner),)).rowcount:
            raise Refusal(Code.NO)

    return job
