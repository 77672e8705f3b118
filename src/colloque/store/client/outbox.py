"""What is written and not yet sent: bodies in line, to be encrypted in their turn, and envelopes on their way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from colloque.protocol.session.greet import turned_away
from colloque.protocol.session.model import Context, OwnQueue, Phase, Talk
from colloque.protocol.session.write import awaited, encrypt, is_outdated, may_write, number
from colloque.store.client.apply import set_delivery, uploading
from colloque.store.client.database import Database
from colloque.store.client.leaving import LEAVING, leave_now
from colloque.store.client.steps import Steps
from colloque.store.client.talks import Talks
from colloque.wire.content.content import Content
from colloque.wire.content.document import Document
from colloque.wire.content.receipt import RECEIPTS, Outcome, Receipt
from colloque.wire.content.wishes import Offer
from colloque.wire.envelope import Kind, Part, split

AT_ONCE: Final = 512
IN_ONE_COMMIT: Final = 32
ASK_AGAIN_MS: Final = 60_000
ASKED_AGAIN: Final = 1_440
"""How often a hello that may have been accepted asks, once a minute, whether it really was not: a day."""


def _for_readers(talk: Talk, content: Content) -> Content:
    """A sole reader deletes a document's chunks itself; where there are several, the sender does."""
    if isinstance(content.body, Document) and len(talk.conversation.peers) > 1:
        return replace(content, body=replace(content.body, deletion=b""))
    return content


def _is_in(talk: Talk, reader: bytes) -> bool:
    return any(member.signature_key == reader for member in talk.group.members())


def _behind_its_chunks(content: Content) -> bool:
    return isinstance(content.body, Document) and not content.body.ahead


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One envelope for one reader: a part of the message in row `n`."""

    n: int
    write: bytes = field(repr=False)
    key: bytes = field(repr=False)
    part: Part = field(repr=False)
    tries: int = 0
    begun: bool = False


class Outbox:
    def __init__(self, database: Database, talks: Talks, steps: Steps) -> None:
        self._db = database
        self._talks = talks
        self._steps = steps

    def to_encrypt(self, now: int) -> list[bytes]:
        """The conversations that have something in line."""
        rows = self._db.all("SELECT DISTINCT conversation FROM writing WHERE not_before <= ?", now)
        return [ident for (ident,) in rows]

    def queues_of(self, ident: bytes) -> list[bytes]:
        """The queues to drain before anything is encrypted in this conversation."""
        return [
            q
            for (q,) in self._db.all("SELECT id FROM queue WHERE conversation = ? AND state = 'made'", ident)
        ]

    def encrypt(self, ctx: Context, ident: bytes) -> int:
        """Encrypts what is in line in one conversation, in order; how many were done. Wants a drained queue."""
        count = 0
        while count < AT_ONCE:
            with self._db.transaction():
                before = count
                while count - before < IN_ONE_COMMIT and self._encrypt_one(ctx, ident):
                    count += 1
            if count - before < IN_ONE_COMMIT:
                break
        return count

    def _encrypt_one(self, ctx: Context, ident: bytes) -> bool:
        with self._db.transaction():
            talk = self._talks.load(ident)
            if talk is None or not may_write(talk):
                return False
            for n, message, body, reader in self._db.all(
                "SELECT n, message, body, reader FROM writing WHERE conversation = ? AND not_before <= ? ORDER BY n LIMIT 500",
                *(ident, ctx.now),
            ):
                content = Content.decode(body) if message is None else self._message(ident, message)
                if content is None or is_outdated(content, ctx.now):
                    self._db.execute("DELETE FROM writing WHERE n = ?", n)
                    continue
                if (
                    message is not None
                    and _behind_its_chunks(content)
                    and uploading(self._db, ident, message)
                ):
                    return False
                if reader is not None and message is not None and not _is_in(talk, reader):
                    # It goes out when they come: see `SendAgain`.
                    self._db.execute("DELETE FROM writing WHERE n = ?", n)
                    continue
                if reader is not None and not self._reaches(talk, reader):
                    continue
                if isinstance(content.body, Offer):
                    if self._is_past(content.body):
                        self._db.execute("DELETE FROM writing WHERE n = ?", n)
                        continue
                    if not self._has_queue(content.body.conversation):
                        continue
                if content.body == LEAVING:
                    leave_now(self._db, self._steps, ctx, talk)
                    return False
                self._send(ctx, talk, n, message, content, reader)
                return True
        return False

    @staticmethod
    def _reaches(talk: Talk, reader: bytes) -> bool:
        peer = talk.conversation.peer(reader)
        return peer is not None and peer.address is not None

    def _is_past(self, body: Offer) -> bool:
        """Whether another queue has taken the place of the one offered: the host would write to one that is not there."""
        offered = self._talks.load(body.conversation)
        return offered is None or offered.conversation.queue.offer != body.queue

    def _has_queue(self, ident: bytes) -> bool:
        """Whether the relay has the queue that is offered for a conversation: the Welcome would be refused before."""
        return (
            self._db.one(
                "SELECT 1 FROM conversation c JOIN queue q ON q.id = c.queue WHERE c.id = ? AND q.state = 'wanted'",
                ident,
            )
            is None
        )

    def _send(
        self, ctx: Context, talk: Talk, n: int, message: bytes | None, content: Content, reader: bytes | None
    ) -> None:
        if message is not None and content.number == 0:
            talk, count = number(talk, content.body)
            content = Content(content.id, count, content.sent_at, content.body)
            self._db.execute(
                "UPDATE message SET number = ?, body = ? WHERE conversation = ? AND id = ?",
                *(count, content.encode(), talk.conversation.id, message),
            )
        after, posts = encrypt(ctx, talk, _for_readers(talk, content), reader)
        self._db.execute("DELETE FROM writing WHERE n = ?", n)
        self._steps.begin(ctx, after, (*posts, *(awaited(after, content) if reader is None else ())))

    def _message(self, ident: bytes, message: bytes) -> Content | None:
        row = self._db.one(
            "SELECT body, state FROM message WHERE conversation = ? AND id = ?", ident, message
        )
        return None if row is None or row[1] == "retracted" else Content.decode(row[0])

    def receipts(self, ctx: Context, ident: bytes, reading: bool) -> None:
        """Turns what is owed in one conversation into receipts in line, one for each author."""
        with self._db.transaction():
            talk = self._talks.load(ident)
            if talk is None or talk.conversation.phase is not Phase.OPEN or not may_write(talk):
                return
            authors = self._db.all("SELECT DISTINCT author FROM owed WHERE conversation = ?", ident)
            for (author,) in authors:
                rows = self._db.all(
                    "SELECT message, outcome FROM owed WHERE conversation = ? AND author = ? LIMIT ?",
                    *(ident, author, RECEIPTS),
                )
                items = tuple((m, Outcome(o)) for m, o in rows if reading or o != Outcome.READ)
                if items and self._reaches(talk, author):
                    body = Receipt(items, talk.conversation.number)
                    content = Content(ctx.random(16), 0, ctx.now, body)
                    self._db.execute(
                        "INSERT INTO writing (conversation, body, reader, not_before) VALUES (?,?,?,0)",
                        *(ident, content.encode(), author),
                    )
                for message, outcome in rows:
                    self._db.execute(
                        "DELETE FROM owed WHERE conversation = ? AND author = ? AND message = ? AND outcome = ?",
                        *(ident, author, message, outcome),
                    )

    def owing(self, before: int) -> list[bytes]:
        """The conversations in which a receipt has been owed since `before`."""
        rows = self._db.all("SELECT DISTINCT conversation FROM owed WHERE at <= ?", before)
        return [ident for (ident,) in rows]

    def holds_hello(self, conversation: bytes) -> bool:
        return (
            self._db.one(
                "SELECT 1 FROM outgoing o JOIN payload p ON p.id = o.payload WHERE o.conversation = ? AND p.kind = ?",
                *(conversation, int(Kind.HELLO)),
            )
            is not None
        )

    def idle(self, now: int) -> bool:
        """Whether nothing is left that could be done now."""
        return not any(self._db.one(question, *values) for question, values in _left(now))

    def relays(self, now: int) -> list[str]:
        """Those for which an envelope is in line."""
        rows = self._db.all("SELECT DISTINCT relay FROM outgoing WHERE not_before <= ?", now)
        return [relay for (relay,) in rows]

    def lines(self, relay: str, now: int, limit: int = 64) -> list[list[Outgoing]]:
        """The first envelopes in line for each reader's queue at one relay, where their time has come and our own queue is
        there; `limit` in all."""
        # From reader to reader through the index: however long a line is, only its head is looked at.
        rows = self._db.all(
            "WITH RECURSIVE line(cap) AS (SELECT min(write_cap) FROM outgoing UNION ALL"
            " SELECT (SELECT min(write_cap) FROM outgoing WHERE write_cap > cap) FROM line WHERE cap IS NOT NULL)"
            " SELECT o.write_cap FROM outgoing o"
            " LEFT JOIN conversation c ON c.id = o.conversation LEFT JOIN queue q ON q.id = c.queue"
            " WHERE o.n IN (SELECT (SELECT min(n) FROM outgoing WHERE write_cap = cap) FROM line WHERE cap IS NOT NULL)"
            " AND o.relay = ? AND o.not_before <= ?"
            " AND coalesce(q.state, 'made') != 'wanted' ORDER BY o.n LIMIT ?",
            *(relay, now, limit),
        )
        return [self._line(write, max(1, limit // len(rows))) for (write,) in rows]

    def _line(self, write: bytes, window: int) -> list[Outgoing]:
        rows = self._db.all(
            "SELECT o.n, o.key, o.ident, o.part, o.tries, o.begun, p.kind, p.bytes FROM outgoing o"
            " JOIN payload p ON p.id = o.payload WHERE o.write_cap = ? ORDER BY o.n LIMIT ?",
            *(write, window),
        )
        line: list[Outgoing] = []
        for n, key, ident, part, tries, begun, kind, payload in rows:
            parts = split(Kind(kind), ident, payload)[part : part + window - len(line)]
            line += (Outgoing(n, write, key, each, tries, bool(begun)) for each in parts)
        return line

    def drop_outdated(self, now: int) -> None:
        """What is of no use any more is not sent."""
        late = "until < ? AND part = 0"
        if self._db.one(f"SELECT 1 FROM outgoing WHERE {late} LIMIT 1", now) is not None:
            with self._db.transaction():
                self._db.execute(f"DELETE FROM outgoing WHERE {late}", now)

    def begin(self, line: Sequence[Outgoing]) -> None:
        """These are about to be sent: a stop, or a line that breaks, may keep what becomes of a hello from this home."""
        hellos = {one.n for one in line if one.part.kind is Kind.HELLO and not one.begun}
        if hellos:
            with self._db.transaction():
                for n in hellos:
                    self._db.execute("UPDATE outgoing SET begun = 1 WHERE n = ?", n)

    def accepted(self, ctx: Context, sent: Outgoing) -> None:
        """The relay has this envelope on its disk."""
        with self._db.transaction():
            if sent.part.index + 1 < sent.part.total:
                self._db.execute(
                    "UPDATE outgoing SET part = ?, tries = 0 WHERE n = ? AND ident = ?",
                    *(sent.part.index + 1, sent.n, sent.part.id),
                )
                return
            self._finished(ctx, sent, "accepted")

    def refused(self, ctx: Context, sent: Outgoing) -> None:
        """The relay knows no such queue, or not this capability: the reader took it away, or is gone.

        Of a hello that was sent before, this is also what is answered where it was accepted and the link is used up by it: a
        Welcome may come (`spec/sessions.md` S5).
        """
        with self._db.transaction():
            if sent.begun and sent.tries < ASKED_AGAIN and self._waits(sent):
                self.later(sent, ctx.now + ASK_AGAIN_MS)
                return
            conversation = self._finished(ctx, sent, "refused")
            if conversation is not None and sent.part.kind is Kind.HELLO:
                self._steps.run(ctx, conversation, turned_away)

    def _waits(self, sent: Outgoing) -> bool:
        """Whether it is a hello that nobody has answered yet."""
        row = self._db.one(
            "SELECT c.phase FROM outgoing o JOIN conversation c ON c.id = o.conversation WHERE o.n = ? AND o.ident = ?",
            *(sent.n, sent.part.id),
        )
        return sent.part.kind is Kind.HELLO and row is not None and row[0] == Phase.WAITING

    def turned_away(self, ctx: Context, queue: OwnQueue) -> bool:
        """An invitation's grant was used: by somebody else, since no queue was made with it here. Whether it was that."""
        row = self._db.one("SELECT conversation FROM queue WHERE id = ?", queue.id)
        if row is None or row[0] is None or queue.grant == ctx.identity.token or not self.holds_hello(row[0]):
            return False
        with self._db.transaction():
            self._db.execute("DELETE FROM outgoing WHERE conversation = ?", row[0])
            self._steps.run(ctx, row[0], turned_away)
        return True

    def later(self, sent: Outgoing, not_before: int) -> None:
        with self._db.transaction():
            self._db.execute(
                "UPDATE outgoing SET tries = tries + 1, not_before = ? WHERE n = ? AND ident = ?",
                *(not_before, sent.n, sent.part.id),
            )

    def _finished(self, ctx: Context, sent: Outgoing, state: str) -> bytes | None:
        """The conversation."""
        n = sent.n
        # It may have been taken out meanwhile, and its number given away.
        row = self._db.one(
            "SELECT conversation, reader, message FROM outgoing WHERE n = ? AND ident = ?",
            n,
            sent.part.id,
        )
        if row is None:
            return None
        conversation, reader, message = row
        self._db.execute("DELETE FROM outgoing WHERE n = ?", n)
        if message is not None:
            old = self._db.one(
                "SELECT state FROM delivery WHERE conversation = ? AND message = ? AND reader = ?",
                *(conversation, message, reader),
            )
            if old is not None and old[0] in ("waiting", "refused"):
                set_delivery(self._db, conversation, message, reader, state, ctx.now)
        return bytes(conversation)


def _left(now: int) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """Questions whose answer is a row where something is left to do."""
    receipts = "SELECT 1 FROM owed o JOIN conversation c ON c.id = o.conversation WHERE c.phase = 'open'"
    writing = (
        "SELECT 1 FROM writing w JOIN conversation c ON c.id = w.conversation WHERE c.phase = 'open'"
        " AND EXISTS (SELECT 1 FROM peer p WHERE p.conversation = c.id AND p.address IS NOT NULL)"
    )
    return (
        ("SELECT 1 FROM queue WHERE state IN ('wanted', 'unwanted')", ()),
        ("SELECT 1 FROM errand WHERE not_before <= ?", (now,)),
        ("SELECT 1 FROM outgoing WHERE not_before <= ?", (now,)),
        (receipts, ()),
        (writing, ()),
    )
