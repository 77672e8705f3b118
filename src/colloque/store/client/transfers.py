"""Documents on their way, and how far each has come; their chunks lie in the spool."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from colloque.protocol.session.model import Context
from colloque.store.client import errands
from colloque.store.client.apply import owe, settle_state
from colloque.store.client.database import Database
from colloque.store.client.spool import Spool
from colloque.wire.content.content import Content
from colloque.wire.content.document import Document
from colloque.wire.content.receipt import Outcome

STRAY_MS: Final = 3_600_000
EARLY_MS: Final = 86_400_000
"""Longer than any document takes to be read and sealed."""


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
    def __init__(self, database: Database, spool: Spool, keeps_own: Callable[[], bool]) -> None:
        self._db = database
        self._spool = spool
        self._keeps_own = keeps_own

    def early(self, ctx: Context, document: Document, message: bytes) -> None:
        """Chunks are about to go up whose message is not kept yet; where it never is, they are deleted in time."""
        with self._db.transaction():
            errands.delete_chunks(self._db, document, message, ctx.now + EARLY_MS)

    def never(self, message: bytes) -> None:
        """That message will not be kept."""
        with self._db.transaction():
            errands.hurry(self._db, message)

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

    def came_at(self, transfer: Transfer) -> int:
        sql = "SELECT came_at FROM message WHERE conversation = ? AND id = ?"
        row = self._db.one(sql, transfer.conversation, transfer.message)
        return 0 if row is None else int(row[0])

    def arriving(self, now: int) -> bool:
        """Whether a document is on its way here, and its way is not blocked."""
        return self._db.one("SELECT 1 FROM transfer WHERE upload = 0 AND not_before <= ?", now) is not None

    def advance(self, transfer: Transfer, done: int) -> bool:
        """Whether it is counted at all: not before its message is kept, nor after it was taken back."""
        with self._db.transaction():
            cursor = self._db.execute(
                "UPDATE transfer SET done = max(done, ?), tries = 0 WHERE conversation = ? AND message = ?",
                *(done, transfer.conversation, transfer.message),
            )
        return bool(cursor.rowcount)

    def later(self, transfer: Transfer, not_before: int) -> None:
        with self._db.transaction():
            self._db.execute(
                "UPDATE transfer SET tries = tries + 1, not_before = ? WHERE conversation = ? AND message = ?",
                *(not_before, transfer.conversation, transfer.message),
            )

    def uploaded(self, transfer: Transfer) -> None:
        """All chunks lie at the relay. The spool may be emptied afterwards."""
        with self._db.transaction():
            self._end(transfer)
            settle_state(self._db, transfer.conversation, transfer.message)

    def unwanted(self, transfer: Transfer) -> None:
        """It was taken back, or is through already: what an upload may have brought since goes, too."""
        with self._db.transaction():
            errands.delete_chunks(self._db, transfer.document, transfer.message)

    def arrived(self, ctx: Context, transfer: Transfer) -> None:
        """All chunks are here and were checked: shown, told to the author; a sole reader has them deleted."""
        with self._db.transaction():
            row = self._db.one(
                "SELECT author, state FROM message WHERE conversation = ? AND id = ?",
                *(transfer.conversation, transfer.message),
            )
            self._end(transfer)
            if row is None or row[1] != "arriving":
                return
            self._show(transfer, "here")
            owe(self._db, transfer.conversation, row[0], transfer.message, Outcome.DELIVERED, ctx.now)
            errands.delete_chunks(self._db, transfer.document, transfer.message)

    def damaged(self, transfer: Transfer) -> None:
        """It cannot come any more: the chunks are not those of the document, or gone from the relay."""
        with self._db.transaction():
            self._end(transfer)
            self._show(transfer, "damaged")

    def _show(self, transfer: Transfer, state: str) -> None:
        self._db.execute(
            "UPDATE message SET state = ?, shown = 0 WHERE conversation = ? AND id = ? AND state = 'arriving'",
            *(state, transfer.conversation, transfer.message),
        )

    def _end(self, transfer: Transfer) -> None:
        self._db.execute(
            "DELETE FROM transfer WHERE conversation = ? AND message = ?",
            transfer.conversation,
            transfer.message,
        )

    def sweep(self, now: int) -> None:
        """Empties the spool of what nothing stands for any more: at once where its message is kept and needs it no longer,
        after a while where there is no message, for another program may be just putting it there."""
        rows = self._db.all(
            "SELECT m.conversation, m.id, m.state NOT IN ('retracted', 'damaged') AND (m.author IS NOT NULL OR ? OR EXISTS"
            " (SELECT 1 FROM transfer t WHERE t.conversation = m.conversation AND t.message = m.id))"
            " FROM message m WHERE m.kind = 'file'",
            self._keeps_own(),
        )
        needed = {
            self._spool.folder(conversation, message).name: bool(n) for conversation, message, n in rows
        }
        for folder in self._spool.folders():
            old = folder.stat().st_mtime * 1000 < now - STRAY_MS
            if not needed.get(folder.name, not old):
                self._spool.remove(folder)
