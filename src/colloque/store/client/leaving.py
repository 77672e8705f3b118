"""Leaving a conversation in turn: nothing that was written there before is lost by it (`spec/sessions.md` S29)."""

from __future__ import annotations

from typing import Final

from colloque.protocol.session.leave import check_leave, leave
from colloque.protocol.session.model import Context, Talk
from colloque.protocol.session.write import may_write
from colloque.store.client.database import Database
from colloque.store.client.steps import Steps
from colloque.store.client.talks import Talks
from colloque.wire.codec import WireError
from colloque.wire.content.content import Content
from colloque.wire.content.wishes import Wish, WishKind

LEAVING: Final = Wish(WishKind.LEAVE)


class Leaving:
    def __init__(self, database: Database, talks: Talks, steps: Steps) -> None:
        self._db = database
        self._talks = talks
        self._steps = steps

    def leave(self, ctx: Context, ident: bytes) -> None:
        """At once where nothing of mine is in line; behind it otherwise. Raises `WireError` where a second host is wanted."""
        with self._db.transaction():
            talk = self._talks.load(ident)
            if talk is None:
                raise WireError("there is no such conversation")
            check_leave(ctx, talk)
            written = "SELECT 1 FROM writing WHERE conversation = ? AND message IS NOT NULL"
            if not may_write(talk) or self._db.one(written, ident) is None:
                leave_now(self._db, self._steps, ctx, talk)
            elif not is_leaving(self._db, ident):
                self._db.execute(
                    "INSERT INTO writing (conversation, body, reader, not_before) VALUES (?,?,NULL,0)",
                    *(ident, Content(ctx.random(16), 0, ctx.now, LEAVING).encode()),
                )


def is_leaving(db: Database, ident: bytes) -> bool:
    """Whether the leave is in line: nothing more can be written behind it."""
    rows = db.all("SELECT body FROM writing WHERE conversation = ? AND message IS NULL", ident)
    return any(Content.decode(body).body == LEAVING for (body,) in rows)


def leave_now(db: Database, steps: Steps, ctx: Context, talk: Talk) -> None:
    """What is still in line had nobody to read it, and never will."""
    ident = talk.conversation.id
    for (message,) in db.all("SELECT message FROM writing WHERE conversation = ?", ident):
        if message is not None:
            db.execute(
                "UPDATE message SET state = 'failed' WHERE conversation = ? AND id = ?", ident, message
            )
            db.execute("DELETE FROM transfer WHERE conversation = ? AND message = ?", ident, message)
    db.execute("DELETE FROM writing WHERE conversation = ?", ident)
    steps.begin(ctx, *leave(ctx, talk))
