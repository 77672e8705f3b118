"""Document chunks: files of fixed sizes, named at random, with their index in the database (`spec/relay.md` R33 to R37)."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from colloque.protocol.mailbox.limits import Limits
from colloque.protocol.mailbox.rules import Refusal
from colloque.store.relay.queues import close_account, find_reader, sha256, takes_room
from colloque.store.relay.usage import Usage
from colloque.store.step import Step, no_step
from colloque.wire.frames.answers import Code

FOLDER: Final = "chunks"
_PIECE: Final = 262_144


class ChunkFiles:
    """The files, named at random. A file without an index entry is swept away at the next start."""

    def __init__(self, data: Path, step: Step = no_step) -> None:
        self._folder = data / FOLDER
        self.step = step
        self._folder.mkdir(parents=True, exist_ok=True)

    def path(self, name: bytes) -> Path:
        return self._folder / name.hex()

    def settle(self) -> None:
        """Puts the folder's entries on the disk. The files in it were synced before."""
        handle = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
        self.step("chunk settled")

    def check_same(self, name: bytes, other: bytes) -> None:
        """Raises BAD where the two files differ, and NO where the other one is gone."""
        try:
            with self.path(name).open("rb") as one, self.path(other).open("rb") as two:
                piece = None
                while piece != b"":
                    piece = one.read(_PIECE)
                    if piece != two.read(_PIECE):
                        raise Refusal(Code.BAD)
        except FileNotFoundError:
            raise Refusal(Code.NO) from None

    def remove(self, name: bytes) -> None:
        self.remove_path(self.path(name))

    def remove_path(self, path: Path) -> None:
        """Emptied first: whoever still reads the file does not keep its bytes on the disk."""
        self.step("before removal")
        with contextlib.suppress(FileNotFoundError):
            os.truncate(path, 0)
            self.step("chunk emptied")
            path.unlink()
        self.step("chunk removed")

    def stray(self, known: set[bytes]) -> Iterator[Path]:
        names = {name.hex() for name in known}
        for path in self._folder.iterdir():
            if path.name not in names:
                yield path


def check_room(db: sqlite3.Connection, queue: int, size: int, limits: Limits, usage: Usage) -> None:
    """Raises FULL."""
    held = db.execute("SELECT chunk_bytes FROM queue WHERE id = ?", (queue,)).fetchone()[0]
    full = held + size > limits.chunk_bytes_per_queue or not usage.has_room(size, limits)
    if full:
        raise Refusal(Code.FULL, limits.retry_after_ms)


def admit(
    write: bytes, authority: bytes, size: int, limits: Limits, usage: Usage
) -> Callable[[sqlite3.Connection], None]:
    """Before a byte of it is taken: raises NO or FULL. A chunk that lies there already is compared, whatever the room."""

    def job(db: sqlite3.Connection) -> None:
        queue = find_reader(db, authority)
        if db.execute("SELECT 1 FROM chunk WHERE write_hash = ?", (sha256(write),)).fetchone() is None:
            check_room(db, queue, size, limits, usage)

    return job


def enter(
    write: bytes,
    hashes: tuple[bytes, bytes],
    authority: bytes,
    size: int,
    expires: int,
    name: bytes,
    limits: Limits,
    usage: Usage,
) -> Callable[[sqlite3.Connection], bytes | None]:
    """Enters a stored file into the index, or gives the name of the file that lies there already, to be compared.

    `hashes`: of the read and the delete capability. Raises NO, FULL, and BAD where another chunk has one of the hashes.
    """

    def job(db: sqlite3.Connection) -> bytes | None:
        queue = find_reader(db, authority)
        row = db.execute("SELECT file FROM chunk WHERE write_hash = ?", (sha256(write),)).fetchone()
        if row is not None:
            return bytes(row[0])
        check_room(db, queue, size, limits, usage)
        try:
            db.execute(
                "INSERT INTO chunk VALUES (?,?,?,?,?,?,?)",
                (sha256(write), *hashes, queue, size, expires, name),
            )
        except sqlite3.IntegrityError:
            raise Refusal(Code.BAD) from None
        db.execute("UPDATE queue SET chunk_bytes = chunk_bytes + ? WHERE id = ?", (size, queue))
        usage.take(size)
        return None

    return takes_room(job)


def has(write: bytes) -> Callable[[sqlite3.Connection], None]:
    def job(db: sqlite3.Connection) -> None:
        if db.execute("SELECT 1 FROM chunk WHERE write_hash = ?", (sha256(write),)).fetchone() is None:
            raise Refusal(Code.NO)

    return job


def find(read: bytes, now: int) -> Callable[[sqlite3.Connection], tuple[bytes, int]]:
    """(the file's name, its size); raises NO."""

    def job(db: sqlite3.Connection) -> tuple[bytes, int]:
        row = db.execute(
            "SELECT file, size, expires FROM chunk WHERE read_hash = ?", (sha256(read),)
        ).fetchone()
        if row is None or row[2] < now:
            raise Refusal(Code.NO)
        return bytes(row[0]), int(row[1])

    return job


def delete(capability: bytes, usage: Usage) -> Callable[[sqlite3.Connection], bytes]:
    """Takes a chunk out of the index; the file's name. Raises NO."""

    def job(db: sqlite3.Connection) -> bytes:
        row = db.execute(
            "DELETE FROM chunk WHERE delete_hash = ? RETURNING file, queue, size", (sha256(capability),)
        ).fetchone()
        if row is None:
            raise Refusal(Code.NO)
        usage.total -= row[2]
        db.execute("UPDATE queue SET chunk_bytes = chunk_bytes - ? WHERE id = ?", (row[2], row[1]))
        close_account(db, row[1])
        return bytes(row[0])

    return job
