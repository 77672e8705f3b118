"""Documents on their way: sealed chunks in the home's spool, and how far each document has come."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, Final

from colloque.protocol.session.model import Context
from colloque.store.client import errands
from colloque.store.client.apply import owe
from colloque.store.client.chunking import checked_size, chunk_size, open_chunk, read_pieces, seal_chunk
from colloque.store.client.database import Database
from colloque.wire.codec import WireError
from colloque.wire.content.content import Content
from colloque.wire.content.document import Document
from colloque.wire.content.receipt import Outcome

SPOOL: Final = "spool"
STRAY_MS: Final = 3_600_000


@dataclass(frozen=True, slots=True)
class Transfer:
    """`done`: chunks that are through."""

    conversation: bytes
    message: bytes
    upload: bool
    done: int
    document: Document
    tries: int


class Transfers:
    def __init__(self, database: Database, home: Path) -> None:
        self._db = database
        self._spool = home / SPOOL

    def folder(self, conversation: bytes, message: bytes) -> Path:
        return self._spool / f"{conversation.hex()[:16]}-{message.hex()}"

    def chunk(self, transfer: Transfer, index: int) -> Path:
        return self.folder(transfer.conversation, transfer.message) / f"{index:06d}"

    def spool(
        self,
        ctx: Context,
        conversation: bytes,
        message: bytes,
        path: Path,
        name: str,
        media_type: str,
        relay: str,
    ) -> Document:
        """Seals a file into the spool, synced; it may be changed or removed afterwards. Blocking: call it in a thread."""
        folder, digest = self.folder(conversation, message), hashlib.sha256()
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        with path.open("rb") as file:
            size = checked_size(os.fstat(file.fileno()).st_size)
            secrets = ctx.random(32), ctx.random(32)
            document = Document(name, media_type, size, bytes(32), relay, chunk_size(size), *secrets)
            for index, piece in read_pieces(file, document):
                digest.update(piece)
                (folder / f"{index:06d}").write_bytes(seal_chunk(document, index, piece))
        for chunk in sorted(folder.iterdir()):
            sync_file(chunk)
        sync_folder(folder)
        return replace(document, sha256=digest.digest())

    def due(self, now: int) -> list[Transfer]:
        rows = self._db.all(
            "SELECT t.conversation, t.message, t.upload, t.done, m.body, t.tries FROM transfer t JOIN message m"
            " ON m.conversation = t.conversation AND m.id = t.message WHERE t.not_before <= ? ORDER BY m.n",
            now,
        )
        found = []
        for conversation, message, upload, done, body, tries in rows:
            content = Content.decode(body)
            if isinstance(content.body, Document):
                found.append(Transfer(conversation, message, bool(upload), done, content.body, tries))
        return found

    def progress(self, conversation: bytes, message: bytes) -> int | None:
        """Chunks that are through, while a document is on its way."""
        row = self._db.one(
            "SELECT done FROM transfer WHERE conversation = ? AND message = ?", conversation, message
        )
        return None if row is None else int(row[0])

    def arriving(self, now: int) -> bool:
        """Whether a document is on its way here, and its way is not blocked."""
        return self._db.one("SELECT 1 FROM transfer WHERE upload = 0 AND not_before <= ?", now) is not None

    def advance(self, transfer: Transfer, done: int) -> None:
        with self._db.transaction():
            self._db.execute(
                "UPDATE transfer SET done = max(done, ?), tries = 0 WHERE conversation = ? AND message = ?",
                *(done, transfer.conversation, transfer.message),
            )

    def later(self, transfer: Transfer, not_before: int) -> None:
        with self._db.transaction():
            self._db.execute(
                "UPDATE transfer SET tries = tries + 1, not_before = ? WHERE conversation = ? AND message = ?",
                *(not_before, transfer.conversation, transfer.message),
            )

    def uploaded(self, transfer: Transfer) -> None:
        """All chunks lie at the relay: the message may go; the spool is emptied."""
        with self._db.transaction():
            self._end(transfer)
            self._db.execute(
                "UPDATE message SET state = 'waiting' WHERE conversation = ? AND id = ? AND state = 'uploading'",
                *(transfer.conversation, transfer.message),
            )
        shutil.rmtree(self.folder(transfer.conversation, transfer.message), ignore_errors=True)

    def arrived(self, ctx: Context, transfer: Transfer) -> None:
        """All chunks are here: checked as a whole, shown, told to the author; a sole reader has them deleted."""
        try:
            self.check(transfer.conversation, transfer.message, transfer.document)
            state = "here"
        except WireError:
            state = "damaged"
            shutil.rmtree(self.folder(transfer.conversation, transfer.message), ignore_errors=True)
        with self._db.transaction():
            row = self._db.one(
                "SELECT author, state FROM message WHERE conversation = ? AND id = ?",
                *(transfer.conversation, transfer.message),
            )
            self._end(transfer)
            if row is None or row[1] != "arriving":
                return
            self._db.execute(
                "UPDATE message SET state = ?, shown = 0 WHERE conversation = ? AND id = ?",
                *(state, transfer.conversation, transfer.message),
            )
            if state == "here":
                owe(self._db, transfer.conversation, row[0], transfer.message, Outcome.DELIVERED, ctx.now)
                content = Content(transfer.message, 0, 0, transfer.document)
                errands.delete_chunks(self._db, content, transfer.message)

    def lost(self, transfer: Transfer) -> None:
        """The chunks are gone from the relay (expired, or retracted): the document cannot come any more."""
        with self._db.transaction():
            self._end(transfer)
            self._db.execute(
                "UPDATE message SET state = 'damaged', shown = 0 WHERE conversation = ? AND id = ? AND state = 'arriving'",
                *(transfer.conversation, transfer.message),
            )

    def _end(self, transfer: Transfer) -> None:
        self._db.execute(
            "DELETE FROM transfer WHERE conversation = ? AND message = ?",
            transfer.conversation,
            transfer.message,
        )

    def pieces(self, conversation: bytes, message: bytes, document: Document) -> Iterator[bytes]:
        """The document's content, piece by piece; raises `WireError` where a chunk is missing or was changed."""
        folder = self.folder(conversation, message)
        for index in range(document.chunks):
            try:
                sealed = (folder / f"{index:06d}").read_bytes()
            except OSError:
                raise WireError("a chunk of this document is missing here") from None
            yield open_chunk(document, index, sealed)

    def check(self, conversation: bytes, message: bytes, document: Document) -> None:
        digest = hashlib.sha256()
        for piece in self.pieces(conversation, message, document):
            digest.update(piece)
        if digest.digest() != document.sha256:
            raise WireError("the document is not the one that was sent")

    def save(self, conversation: bytes, message: bytes, document: Document, out: BinaryIO) -> None:
        """Writes the content out; raises `WireError`, and then what was written is to be thrown away. The whole was
        checked when it arrived, and every chunk is authentic by its key."""
        for piece in self.pieces(conversation, message, document):
            out.write(piece)

    def drop(self, conversation: bytes, message: bytes) -> None:
        shutil.rmtree(self.folder(conversation, message), ignore_errors=True)

    def sweep(self, now: int) -> None:
        """Removes what no message stands for any more, but not what another program is just putting there."""
        if not self._spool.is_dir():
            return
        rows = self._db.all(
            "SELECT conversation, id FROM message WHERE kind = 'file' AND state != 'retracted'"
        )
        known = {self.folder(conversation, message).name for conversation, message in rows}
        for folder in self._spool.iterdir():
            if folder.name not in known and folder.stat().st_mtime * 1000 < now - STRAY_MS:
                shutil.rmtree(folder, ignore_errors=True)


def write_synced(path: Path, data: bytes) -> None:
    """Whole or not at all, and on the disk when it returns."""
    temporary = path.with_suffix(".part")
    with temporary.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)
    sync_folder(path.parent)


def sync_file(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Puts a folder's entries on the disk, where the system can (Windows does so by itself)."""
    with contextlib.suppress(OSError, AttributeError):
        handle = os.open(folder, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
