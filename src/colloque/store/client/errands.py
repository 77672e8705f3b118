"""Errands at relays: what is to be done there, in order, until it is done. Kept in the same transaction as its cause."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from colloque.protocol.session.model import OwnQueue
from colloque.store.client.database import Database
from colloque.wire.content.document import Document


@dataclass(frozen=True, slots=True)
class Errand:
    """`kind`: drop-writers, publish, delete-card, lend, delete-chunk."""

    n: int
    relay: str
    kind: str
    arguments: bytes = field(repr=False)
    subject: bytes | None
    tries: int


def add(
    db: Database, relay: str, kind: str, arguments: bytes, subject: bytes | None = None, not_before: int = 0
) -> None:
    db.execute(
        "INSERT INTO errand (relay, kind, arguments, subject, tries, not_before) VALUES (?,?,?,?,0,?)",
        *(relay, kind, arguments, subject, not_before),
    )


def due(db: Database, now: int, relay: str) -> list[Errand]:
    rows = db.all(
        "SELECT n, relay, kind, arguments, subject, tries FROM errand WHERE not_before <= ? AND relay = ? ORDER BY n"
        " LIMIT 200",
        *(now, relay),
    )
    return [Errand(*row) for row in rows]


def relays(db: Database, now: int) -> list[str]:
    """Those at which a queue is to be made or dropped, or an errand is to be run."""
    rows = db.all(
        "SELECT relay FROM errand WHERE not_before <= ? UNION SELECT relay FROM queue WHERE state IN ('wanted', 'unwanted')",
        now,
    )
    return [relay for (relay,) in rows]


def done(db: Database, n: int) -> None:
    db.execute("DELETE FROM errand WHERE n = ?", n)


def later(db: Database, n: int, not_before: int) -> None:
    db.execute("UPDATE errand SET tries = tries + 1, not_before = ? WHERE n = ?", not_before, n)


def drop_writers(db: Database, queue: OwnQueue, indexes: Sequence[int]) -> None:
    hashes = b"".join(hashlib.sha256(queue.writers[i]).digest() for i in indexes if i < len(queue.writers))
    if hashes:
        add(db, queue.relay, "drop-writers", queue.read + hashes, queue.id)


def lend(db: Database, relay: str, grant: bytes, queues: int) -> None:
    add(db, relay, "lend", grant + queues.to_bytes(2, "big"))


def delete_chunks(db: Database, document: Document, message: bytes, not_before: int = 0) -> None:
    """The sender takes its chunks from the relay once everybody has them, unless a sole reader has done so already."""
    if not document.deletion:
        return
    for index in range(document.chunks):
        add(db, document.relay, "delete-chunk", document.delete_capability(index), message, not_before)


def hurry(db: Database, message: bytes) -> None:
    """That message's chunks are to be deleted now."""
    db.execute("UPDATE errand SET not_before = 0 WHERE subject = ? AND kind = 'delete-chunk'", message)


def spare_chunks(db: Database, message: bytes) -> None:
    """That message is kept: its chunks are needed."""
    db.execute("DELETE FROM errand WHERE subject = ? AND kind = 'delete-chunk'", message)


def burn_invitation(db: Database, ident: bytes, state: str) -> None:
    """Erases an invitation here, and has it erased at the relay."""
    row = db.one("SELECT owner_cap, queue, state FROM invitation WHERE id = ?", ident)
    if row is None or row[2] in ("used", "withdrawn"):
        return
    owner, queue, _ = row
    relay = db.one("SELECT relay FROM queue WHERE id = ?", queue)[0]
    db.execute("DELETE FROM errand WHERE subject = ? AND kind = 'publish'", ident)
    add(db, relay, "delete-card", owner, ident)
    db.execute("UPDATE queue SET state = 'unwanted' WHERE id = ?", queue)
    db.execute(
        "UPDATE invitation SET state = ?, secret = x'', hpke_seed = x'', old_seed = x'', body = x'', grant_ = x'' WHERE id = ?",
        *(state, ident),
    )
