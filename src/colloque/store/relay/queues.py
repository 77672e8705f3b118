"""Queues, their writers and their messages: each function is a job of `RelayDatabase` (`spec/relay.md` R10 to R20)."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from colloque.protocol.mailbox.limits import Limits
from colloque.protocol.mailbox.rules import Fill, Refusal, check_confirm, check_room
from colloque.store.relay.following import Following
from colloque.store.relay.usage import Usage
from colloque.wire.frames.answers import Code
from colloque.wire.frames.commands import WriterSpec
from colloque.wire.frames.position import Position
from colloque.wire.sizes import ENVELOPE_BYTES

WRITERS_PER_QUEUE: Final = 1_024
J = TypeVar("J", bound=Callable[..., Any])


def sha256(capability: bytes) -> bytes:
    return hashlib.sha256(capability).digest()


def takes_room(job: J) -> J:
    """Marks what a full disk refuses; everything else is carried out from the reserve."""
    job.takes_room = True  # type: ignore[attr-defined]
    return job


def only_adds(job: J) -> J:
    """Marks what takes nothing away: the log need not be emptied for it soon."""
    job.only_adds = True  # type: ignore[attr-defined]
    return job


def when_it_fails(told: Callable[[Refusal], None], job: J) -> J:
    """Marks what is to be told, in the database's thread, of a failure that the job itself does not see."""
    job.failed = told  # type: ignore[attr-defined]
    return job


@dataclass(frozen=True, slots=True)
class Stored:
    """A message that lies in a queue."""

    position: Position
    envelope: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Opened:
    """A queue as its reader finds it."""

    queue: int
    confirmed: Position
    waiting: int


def find_reader(db: sqlite3.Connection, read: bytes) -> int:
    """The queue that a read capability opens; raises NO."""
    row = db.execute("SELECT id FROM queue WHERE read_hash = ?", (sha256(read),)).fetchone()
    if row is None:
        raise Refusal(Code.NO)
    return int(row[0])


def make_queue(
    read_hash: bytes, writers: Sequence[WriterSpec], grant: bytes | None, now: int
) -> Callable[[sqlite3.Connection], None]:
    """`grant`: the hash of what pays for it, or None where everybody may. The same queue made twice is made once."""

    def job(db: sqlite3.Connection) -> None:
        if db.execute("SELECT 1 FROM queue WHERE read_hash = ?", (read_hash,)).fetchone():
            return
        check_writers(db, 0, writers)
        if grant is not None:
            draw(db, grant, 1, now)
        cursor = db.execute(
            "INSERT INTO queue (read_hash, grant_, read_at, confirmed_incarnation, confirmed_sequence, chunk_bytes, dropped)"
            " VALUES (?,?,?,0,0,0,0)",
            (read_hash, grant, now),
        )
        insert_writers(db, int(cursor.lastrowid or 0), writers)

    return takes_room(job)


def draw(db: sqlite3.Connection, grant: bytes, queues: int, now: int) -> None:
    """Takes `queues` from a grant; raises GRANT where it has ended or is used up."""
    row = db.execute("SELECT queues - used, expires FROM grant_ WHERE hash = ?", (grant,)).fetchone()
    if row is None or row[0] < queues or row[1] < now:
        raise Refusal(Code.GRANT)
    db.execute("UPDATE grant_ SET used = used + ? WHERE hash = ?", (queues, grant))


def check_writers(db: sqlite3.Connection, queue: int, writers: Sequence[WriterSpec]) -> None:
    """Raises RATE where a queue would have too many, BAD where a hash is another queue's. Nothing is written."""
    count = db.execute("SELECT count(*) FROM writer WHERE queue = ?", (queue,)).fetchone()[0]
    if count + len(writers) > WRITERS_PER_QUEUE:
        raise Refusal(Code.RATE)
    for spec in writers:
        row = db.execute("SELECT queue FROM writer WHERE hash = ?", (spec.hash,)).fetchone()
        if row is not None and row[0] != queue:
            raise Refusal(Code.BAD)


def insert_writers(db: sqlite3.Connection, queue: int, writers: Sequence[WriterSpec]) -> None:
    rows = [(spec.hash, queue, spec.quota) for spec in writers]
    db.executemany("INSERT OR IGNORE INTO writer VALUES (?,?,?)", rows)


def add_writers(read: bytes, writers: Sequence[WriterSpec]) -> Callable[[sqlite3.Connection], None]:
    def job(db: sqlite3.Connection) -> None:
        queue = find_reader(db, read)
        check_writers(db, queue, writers)
        insert_writers(db, queue, writers)

    return job


def drop_writers(read: bytes, hashes: Sequence[bytes]) -> Callable[[sqlite3.Connection], None]:
    def job(db: sqlite3.Connection) -> None:
        queue = find_reader(db, read)
        db.executemany("DELETE FROM writer WHERE hash = ? AND queue = ?", [(h, queue) for h in hashes])

    return job


def send(
    write: bytes, envelope: bytes, incarnation: int, expires: int, limits: Limits, usage: Usage
) -> Callable[[sqlite3.Connection], tuple[int, Position]]:
    """Puts an envelope at the end of its queue: (queue, position). Raises NO or FULL."""
    return takes_room(only_adds(_send(write, envelope, incarnation, expires, limits, usage)))


def send_in_turn(
    line: Following,
    follows: bool,
    write: bytes,
    envelope: bytes,
    incarnation: int,
    expires: int,
    limits: Limits,
    usage: Usage,
) -> Callable[[sqlite3.Connection], tuple[int, Position]]:
    """As `send`, and refused where what it follows on its line was (R12)."""
    put, writer = _send(write, envelope, incarnation, expires, limits, usage), sha256(write)

    def job(db: sqlite3.Connection) -> tuple[int, Position]:
        line.check(writer, follows)
        try:
            return put(db)
        except Refusal as refusal:
            line.refused(writer, refusal)
            raise

    return when_it_fails(lambda refusal: line.refused(writer, refusal), takes_room(only_adds(job)))


def _send(
    write: bytes, envelope: bytes, incarnation: int, expires: int, limits: Limits, usage: Usage
) -> Callable[[sqlite3.Connection], tuple[int, Position]]:
    writer = sha256(write)

    def job(db: sqlite3.Connection) -> tuple[int, Position]:
        row = db.execute("SELECT queue, quota FROM writer WHERE hash = ?", (writer,)).fetchone()
        if row is None:
            raise Refusal(Code.NO)
        queue, quota = row
        box = usage.box(db, queue)
        fill = Fill(box.messages, box.of(writer), quota, usage.total, usage.free)
        check_room(fill, ENVELOPE_BYTES, limits)
        sequence = usage.add(box, writer)
        db.execute(
            "INSERT INTO message (queue, incarnation, sequence, writer, expires, envelope) VALUES (?,?,?,?,?,?)",
            (queue, incarnation, sequence, writer, expires, envelope),
        )
        return queue, Position(incarnation, sequence)

    return job


def open_reading(read: bytes, now: int, usage: Usage) -> Callable[[sqlite3.Connection], Opened]:
    def job(db: sqlite3.Connection) -> Opened:
        row = db.execute(
            "SELECT id, confirmed_incarnation, confirmed_sequence FROM queue WHERE read_hash = ?",
            (sha256(read),),
        ).fetchone()
        if row is None:
            raise Refusal(Code.NO)
        db.execute("UPDATE queue SET read_at = ? WHERE id = ? AND read_at < ?", (now, row[0], now - 3_600))
        return Opened(row[0], Position(row[1], row[2]), usage.box(db, row[0]).messages)

    return job


def fetch(queue: int, after: Position, limit: int) -> Callable[[sqlite3.Connection], list[Stored]]:
    """The next messages after a position, in order."""

    def job(db: sqlite3.Connection) -> list[Stored]:
        rows = db.execute(
            "SELECT incarnation, sequence, envelope FROM message WHERE queue = ? AND (incarnation, sequence) > (?, ?)"
            " ORDER BY incarnation, sequence LIMIT ?",
            (queue, after.incarnation, after.sequence, limit),
        )
        return [Stored(Position(i, s), e) for i, s, e in rows]

    return job


def confirm(
    queue: int, position: Position, handed_out: Position, usage: Usage
) -> Callable[[sqlite3.Connection], Position]:
    """Deletes everything up to `position`; raises BEYOND."""

    def job(db: sqlite3.Connection) -> Position:
        row = db.execute(
            "SELECT confirmed_incarnation, confirmed_sequence FROM queue WHERE id = ?", (queue,)
        ).fetchone()
        if row is None:
            raise Refusal(Code.NO)
        before = Position(*row)
        after = check_confirm(position, handed_out, before)
        if after == before:
            return after
        db.execute(
            "UPDATE queue SET confirmed_incarnation = ?, confirmed_sequence = ? WHERE id = ?",
            (after.incarnation, after.sequence, queue),
        )
        writers = db.execute(
            "DELETE FROM message WHERE queue = ? AND (incarnation, sequence) <= (?, ?) RETURNING writer",
            (queue, after.incarnation, after.sequence),
        ).fetchall()
        usage.remove((queue, bytes(w)) for (w,) in writers)
        return after

    return job


def rotate(read: bytes, new_hash: bytes) -> Callable[[sqlite3.Connection], None]:
    def job(db: sqlite3.Connection) -> None:
        queue = find_reader(db, read)
        try:
            db.execute("UPDATE queue SET read_hash = ? WHERE id = ?", (new_hash, queue))
        except sqlite3.IntegrityError:
            raise Refusal(Code.BAD) from None

    return job


def drop(read: bytes, usage: Usage) -> Callable[[sqlite3.Connection], int]:
    """Drops the queue that a read capability opens: its number. Raises NO."""

    def job(db: sqlite3.Connection) -> int:
        queue = find_reader(db, read)
        drop_queue(db, queue, usage)
        return queue

    return job


def drop_queue(db: sqlite3.Connection, queue: int, usage: Usage) -> None:
    """Takes a queue away with its messages and writers. Its account stays, with nothing to open it by, until the last chunk
    stored on it is gone: somebody may still be fetching it (R19)."""
    gone = db.execute("DELETE FROM message WHERE queue = ?", (queue,)).rowcount
    usage.drop(queue, gone)
    db.execute("DELETE FROM writer WHERE queue = ?", (queue,))
    db.execute("UPDATE queue SET read_hash = randomblob(32), dropped = 1 WHERE id = ?", (queue,))
    close_account(db, queue)


def close_account(db: sqlite3.Connection, queue: int) -> None:
    """Where a queue was dropped and no chunk is left on its account, its place goes back to its grant."""
    row = db.execute(
        "DELETE FROM queue WHERE id = ? AND dropped = 1 AND chunk_bytes = 0 RETURNING grant_", (queue,)
    ).fetchone()
    if row is not None and row[0] is not None:
        db.execute("UPDATE grant_ SET used = used - 1 WHERE hash = ? AND used > 0", (row[0],))


def touch(queues: Sequence[int], now: int) -> Callable[[sqlite3.Connection], None]:
    """Queues whose reader is there do not grow idle."""

    def job(db: sqlite3.Connection) -> None:
        db.executemany("UPDATE queue SET read_at = ? WHERE id = ?", [(now, queue) for queue in queues])

    return job
