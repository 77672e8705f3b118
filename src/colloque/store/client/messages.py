"""Messages as people see them: written, listed, shown once, looked up, taken back."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from colloque.protocol.session import calendar
from colloque.protocol.session.model import Context, Phase, Talk
from colloque.store.client import errands
from colloque.store.client.apply import delete_chunks, erase
from colloque.store.client.database import Database
from colloque.store.client.leaving import is_leaving
from colloque.store.client.talks import Talks
from colloque.wire.codec import WireError
from colloque.wire.content.content import Body, Content
from colloque.wire.content.document import Document
from colloque.wire.content.receipt import Outcome, Retraction
from colloque.wire.content.text import Text

HELD_BACK_MS: Final = 10_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a conversation. `author` is None for mine. Times in milliseconds. `again`: it may have been shown before."""

    n: int
    id: bytes
    conversation: bytes
    author: bytes | None
    kind: str
    state: str
    sent_at: int
    came_at: int
    text: str = field(default="", repr=False)
    document: Document | None = None
    notice: dict[str, Any] | None = None
    again: bool = False
    overdue: bool = False


@dataclass(frozen=True, slots=True)
class Letter:
    """A text or document to be put in line. `key`: its author's own, so that trying again sends nothing twice."""

    id: bytes
    body: Text | Document
    key: str | None = None

    def is_as(self, entry: Entry) -> bool:
        if entry.state == "retracted":
            return True
        if isinstance(self.body, Text):
            return entry.text == self.body.text
        return entry.document is not None and entry.document.sha256 == self.body.sha256


_COLUMNS = "n, id, conversation, author, kind, state, sent_at, came_at, body, shown, overdue"


class Messages:
    def __init__(self, database: Database, talks: Talks, clock: Callable[[], int]) -> None:
        self._db = database
        self._talks = talks
        self._clock = clock

    def write_all(self, ctx: Context, conversation: bytes, letters: Sequence[Letter]) -> list[Entry]:
        """Puts messages of mine in line, all or none. Where one has a key that was used before, it is the one of then;
        raises `WireError` where that one was for somebody else, or another."""
        with self._db.transaction():
            sent = []
            for letter in letters:
                known = self.by_key(letter.key) if letter.key else None
                if known is None:
                    self.write(ctx, conversation, letter.id, letter.body, letter.key)
                    known = self.get(letter.id)
                elif known.conversation != conversation or not letter.is_as(known):
                    raise WireError("this key was used before, for something else or somebody else")
                assert known is not None
                sent.append(known)
            return sent

    def write(self, ctx: Context, conversation: bytes, ident: bytes, body: Body, own_key: str | None) -> None:
        """Puts a message of mine in line. A `Document` waits until its chunks are through."""
        self.check_open(conversation)
        document = isinstance(body, Document)
        content = Content(ident, 0, ctx.now, body)
        with self._db.transaction():
            self._db.execute(
                "INSERT INTO message (id, conversation, author, kind, number, body, sent_at, came_at, state, shown, own_key)"
                " VALUES (?,?,NULL,?,0,?,?,?,?,2,?)",
                *(ident, conversation, _kind(body), content.encode(), ctx.now, ctx.now),
                *("uploading" if document else "waiting", own_key),
            )
            if document:
                self._db.execute("INSERT INTO transfer VALUES (?,?,1,0,0,0)", ident, conversation)
                errands.spare_chunks(self._db, ident)
            self._db.execute(
                "INSERT INTO writing (conversation, message, not_before) VALUES (?,?,0)", conversation, ident
            )

    def check_open(self, conversation: bytes) -> None:
        """Raises `WireError` where nothing can be sent."""
        talk = self._talks.load(conversation)
        if (
            talk is None
            or talk.conversation.phase in (Phase.LEFT, Phase.REMOVED)
            or is_leaving(self._db, conversation)
        ):
            raise WireError("this conversation is over: nothing can be sent there")
        if _alone(talk):
            raise WireError("nobody else is in this conversation: add somebody first")

    def by_key(self, own_key: str) -> Entry | None:
        rows = self._select("own_key = ?", own_key)
        return rows[0] if rows else None

    def retract(self, ctx: Context, ident: bytes) -> bytes:
        """Takes a message of mine back: here at once, at the others' when they get the word; the retraction's own id."""
        entry = self.get(ident)
        if entry is None or entry.author is not None or entry.kind not in ("text", "file"):
            raise WireError("only a message of one's own can be retracted")
        if entry.state == "retracted":
            return ident
        with self._db.transaction():
            left, body = self._db.one(
                "SELECT number, body FROM message WHERE conversation = ? AND id = ?",
                entry.conversation,
                ident,
            )
            delete_chunks(self._db, body, ident)
            erase(self._db, entry.conversation, ident)
            self._db.execute(
                "DELETE FROM writing WHERE conversation = ? AND message = ?", entry.conversation, ident
            )
            own = ctx.random(16)
            talk = self._talks.load(entry.conversation)
            if left and not (talk is not None and _alone(talk)):
                self.write(ctx, entry.conversation, own, Retraction(ident), None)
        return own

    def get(self, ident: bytes) -> Entry | None:
        rows = self._select("id = ? ORDER BY n LIMIT 1", ident)
        return rows[0] if rows else None

    def is_retracted(self, conversation: bytes, ident: bytes) -> bool:
        sql = "SELECT state FROM message WHERE conversation = ? AND id = ?"
        row = self._db.one(sql, conversation, ident)
        return row is not None and row[0] == "retracted"

    def starting(self, prefix: str) -> Entry | None:
        """The one message whose id (hexadecimal) begins so."""
        if not prefix or any(c not in "0123456789abcdef" for c in prefix.lower()):
            return None
        rows = self._select("hex(id) LIKE ? AND kind IN ('text', 'file') LIMIT 2", prefix.upper() + "%")
        return rows[0] if len(rows) == 1 else None

    def history(self, conversation: bytes) -> list[Entry]:
        return [
            e for e in self._select("conversation = ? ORDER BY n", conversation) if e.kind != "retraction"
        ]

    def page(self, conversation: bytes, before: bytes | None, limit: int) -> list[Entry]:
        """The newest `limit` lines before message `before` (or at all), oldest first."""
        end = None if before is None else self.get(before)
        if before is not None and (end is None or end.conversation != conversation):
            raise WireError("there is no such message")
        rows = self._select(
            "conversation = ? AND kind != 'retraction' AND n < ? ORDER BY n DESC LIMIT ?",
            *(conversation, 1 << 62 if end is None else end.n, limit),
        )
        return rows[::-1]

    def around(self, conversation: bytes, ident: bytes, limit: int) -> list[Entry]:
        """Message `ident` with what stands before and after it, `limit` lines in all, oldest first."""
        before = self.page(conversation, ident, limit // 2)
        rest = self._select(
            "conversation = ? AND kind != 'retraction' AND n >= (SELECT n FROM message WHERE id = ? AND conversation = ?)"
            " ORDER BY n LIMIT ?",
            *(conversation, ident, conversation, limit - len(before)),
        )
        return before + rest

    def newest(self) -> dict[bytes, Entry]:
        """The newest text or file of each conversation."""
        rows = self._select(
            "n IN (SELECT (SELECT m.n FROM message m WHERE m.conversation = c.id AND m.kind IN ('text', 'file')"
            " ORDER BY m.n DESC LIMIT 1) FROM conversation c)"
        )
        return {entry.conversation: entry for entry in rows}

    def numbered(self, numbers: Sequence[int]) -> list[Entry]:
        """The messages of these `n`, newest first."""
        gaps = ",".join("?" * len(numbers))
        return self._select(f"n IN ({gaps}) ORDER BY n DESC", *numbers)

    def unread(self) -> dict[bytes, int]:
        """How many texts and files of others were not shown yet, by conversation."""
        return dict(
            self._db.all(
                "SELECT conversation, count(*) FROM message WHERE shown < 2 AND author IS NOT NULL AND state != 'arriving'"
                " AND kind IN ('text', 'file') GROUP BY conversation"
            )
        )

    def read_all(self, ctx: Context, conversation: bytes) -> int:
        """Everything that is here was seen; its authors are told, in time. How much that was."""
        new = self._select(
            "conversation = ? AND shown < 2 AND state != 'arriving' ORDER BY n LIMIT 10000", conversation
        )
        with self._db.transaction():
            for entry in new:
                self.shown(ctx, entry)
        return len(new)

    def alarms(self) -> list[Entry]:
        """What was not delivered in time, or was refused, and nobody has dealt with."""
        late = self._clock() - calendar.LATE_AFTER
        return self._select(
            "author IS NULL AND kind IN ('text', 'file') AND overdue != 2 AND (state = 'failed' OR"
            " (state IN ('waiting', 'uploading', 'accepted') AND (overdue = 1 OR sent_at < ?))) ORDER BY n",
            late,
        )

    def deal_with(self, ident: bytes) -> None:
        """Somebody has seen to it that this message was not delivered: its alarm is over, its state stays."""
        if not any(entry.id == ident for entry in self.alarms()):
            raise WireError("there is no such alarm")
        with self._db.transaction():
            self._db.execute("UPDATE message SET overdue = 2 WHERE id = ? AND author IS NULL", ident)

    def unshown(self, now: int, limit: int = 200) -> list[Entry]:
        """What came and was not shown yet, oldest first. What was written after a document waits for it a while
        (`spec/sessions.md` S17), but not where its way is blocked, or long."""
        on_their_way = self._select(
            "state = 'arriving' AND came_at > ? AND EXISTS (SELECT 1 FROM transfer t WHERE t.tries = 0 AND"
            " t.conversation = message.conversation AND t.message = message.id) ORDER BY n DESC",
            now - HELD_BACK_MS,
        )
        first = {e.conversation: e.n for e in on_their_way if e.document and not e.document.ahead}
        found = self._select(
            "shown < 2 AND state != 'arriving' ORDER BY n LIMIT ?", limit + 200 * bool(first)
        )
        return [e for e in found if e.n < first.get(e.conversation, e.n + 1)][:limit]

    def showing(self, entry: Entry) -> None:
        """Before it is shown: what a crash leaves so is shown again, and says that it may have been before."""
        with self._db.transaction():
            self._db.execute("UPDATE message SET shown = 1 WHERE n = ?", entry.n)

    def shown(self, ctx: Context, entry: Entry) -> None:
        """After it was shown; its author is told, in time, that it was read."""
        with self._db.transaction():
            self._db.execute("UPDATE message SET shown = 2 WHERE n = ?", entry.n)
            if entry.author is not None and entry.kind in ("text", "file"):
                self._db.execute(
                    "INSERT OR IGNORE INTO owed VALUES (?,?,?,?,?)",
                    *(entry.conversation, entry.author, entry.id, int(Outcome.READ), ctx.now),
                )

    def deliveries(self, entry: Entry) -> list[tuple[bytes, str, int]]:
        """What each reader's end said: (reader, state, when)."""
        return [
            (reader, state, at)
            for reader, state, at in self._db.all(
                "SELECT reader, state, at FROM delivery WHERE conversation = ? AND message = ?",
                *(entry.conversation, entry.id),
            )
        ]

    def overdue(self) -> list[Entry]:
        """By the clock, whether or not an engine has run since (`spec/sessions.md` S27)."""
        late = self._clock() - calendar.LATE_AFTER
        return self._select(
            "author IS NULL AND ((overdue = 1 AND state = 'failed') OR (state IN ('waiting', 'uploading', 'accepted')"
            " AND (overdue = 1 OR sent_at < ?))) ORDER BY n",
            late,
        )

    def _select(self, where: str, *values: Any) -> list[Entry]:
        late = self._clock() - calendar.LATE_AFTER
        rows = self._db.all(f"SELECT {_COLUMNS} FROM message WHERE {where}", *values)
        return [_entry(row, late) for row in rows]


def _alone(talk: Talk) -> bool:
    """Everybody else has gone from this host's conversation: whoever is added reads what is written after."""
    return talk.hosting is not None and not talk.conversation.peers


def _kind(body: Body) -> str:
    match body:
        case Text():
            return "text"
        case Document():
            return "file"
        case _:
            return "retraction"


def _entry(row: Any, late: int) -> Entry:
    """`late`: what was sent before this moment is to be delivered by now."""
    n, ident, conversation, author, kind, state, sent_at, came_at, data, shown, overdue = row
    head = (n, ident, conversation, author, kind, state, sent_at, came_at)
    if kind == "notice":
        return Entry(*head, notice=json.loads(data), again=shown == 1)
    body = Content.decode(data).body
    text = body.text if isinstance(body, Text) else ""
    document = body if isinstance(body, Document) else None
    tardy = (
        author is None and state in ("waiting", "uploading", "accepted") and (bool(overdue) or sent_at < late)
    )
    return Entry(
        *head,
        text=text,
        document=document,
        again=shown == 1,
        overdue=tardy or (bool(overdue) and state == "failed"),
    )
