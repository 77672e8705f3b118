"""Who may make queues: tokens for practitioners, and what they lend to those whom they invite (`spec/relay.md` R20)."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

from colloque.store.relay.queues import draw, sha256


@dataclass(frozen=True, slots=True)
class Grant:
    """`short`: the first eight hexadecimal digits of its hash, by which an administrator names it."""

    short: str
    queues: int
    used: int
    expires: int


def short_name(grant: bytes) -> str:
    return sha256(grant).hex()[:8]


def issue(grant: bytes, queues: int, expires: int) -> Callable[[sqlite3.Connection], str]:
    """Stores a new token's hash; its short name."""

    def job(db: sqlite3.Connection) -> str:
        db.execute("INSERT INTO grant_ VALUES (?,NULL,?,0,?)", (sha256(grant), queues, expires))
        return short_name(grant)

    return job


def lend(
    grant: bytes | None, new_hash: bytes, queues: int, expires: int, now: int
) -> Callable[[sqlite3.Connection], None]:
    """A grant drawn from another one (None: where everybody may make queues). Lending the same twice lends once."""

    def job(db: sqlite3.Connection) -> None:
        if db.execute("SELECT 1 FROM grant_ WHERE hash = ?", (new_hash,)).fetchone():
            return
        parent = None
        if grant is not None:
            parent = sha256(grant)
            draw(db, parent, queues, now)
        db.execute("INSERT INTO grant_ VALUES (?,?,?,0,?)", (new_hash, parent, queues, expires))

    return job


def revoke(short: str) -> Callable[[sqlite3.Connection], int]:
    """Ends the grants whose hash begins so, and what they lent: how many. Queues made with them stay."""

    def job(db: sqlite3.Connection) -> int:
        rows = [h for (h,) in db.execute("SELECT hash FROM grant_") if h.hex().startswith(short)]
        for found in rows:
            db.execute("DELETE FROM grant_ WHERE parent = ? AND used < queues", (found,))
            db.execute("DELETE FROM grant_ WHERE hash = ?", (found,))
        return len(rows)

    return job


def give_back(db: sqlite3.Connection, now: int, limit: int) -> None:
    """Lent grants that have ended: what was not used goes back, and what was used is on its lender's account from now on."""
    ended = db.execute(
        "SELECT hash, parent, queues - used FROM grant_ WHERE expires < ? AND parent IS NOT NULL LIMIT ?",
        (now, limit),
    ).fetchall()
    for found, parent, unused in ended:
        db.execute("UPDATE grant_ SET used = max(0, used - ?) WHERE hash = ?", (unused, parent))
        db.execute("UPDATE queue SET grant_ = ? WHERE grant_ = ?", (parent, found))
        db.execute("DELETE FROM grant_ WHERE hash = ?", (found,))


def listing(db: sqlite3.Connection) -> list[Grant]:
    rows = db.execute("SELECT hash, queues, used, expires FROM grant_ WHERE parent IS NULL ORDER BY expires")
    return [Grant(h.hex()[:8], queues, used, expires) for h, queues, used, expires in rows]
