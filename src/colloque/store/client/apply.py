"""Effects into rows: everything that one event brings about, inside the caller's transaction."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Final

from colloque.protocol.session import effects as fx
from colloque.protocol.session.model import Context, OwnQueue
from colloque.store.client import errands
from colloque.store.client.database import Database
from colloque.wire.content.content import Content
from colloque.wire.content.document import Document
from colloque.wire.content.receipt import Outcome
from colloque.wire.content.text import Text

RAW_MESSAGES: Final = 512
RAW_BYTES: Final = 16 << 20
_QUOTA_PUBLIC: Final = 64
_RANK: Final = {"refused": 0, "waiting": 1, "uploading": 1, "accepted": 2, "delivered": 3, "read": 4}


class Apply:
    """Carries out the effects of one event in one conversation. What only a rule can go on with is left in `left`."""

    def __init__(self, database: Database, ctx: Context, conversation: bytes) -> None:
        self._db = database
        self._ctx = ctx
        self._conversation = conversation
        self._payloads: dict[int, tuple[bytes, int]] = {}
        self.left: list[fx.Effect] = []

    def all(self, effects: Iterable[fx.Effect]) -> None:
        for effect in effects:
            self._one(effect)

    def _one(self, effect: fx.Effect) -> None:
        match effect:
            case fx.Post():
                self.post(effect)
            case fx.Write():
                self.write(effect)
            case fx.Show():
                self.show(effect)
            case fx.Owe():
                self.owe(effect)
            case fx.Told():
                self.told(effect)
            case fx.Retract():
                self.retract(effect)
            case fx.Notice():
                self.notice(effect)
            case fx.KeepRaw():
                self.keep_raw(effect)
            case fx.MakeQueue():
                self.make_queue(effect)
            case fx.DropQueue():
                self.drop_queue(effect)
            case fx.DropWriters():
                self.drop_writers(effect)
            case fx.Lend():
                errands.lend(self._db, self._ctx.identity.relay, effect.grant, effect.queues)
            case fx.KeepKeyPackage():
                self.keep_package(effect)
            case fx.ForgetKeyPackage():
                self.forget_package(effect)
            case fx.Burn():
                self.burn(effect)
            case fx.SendAgain():
                self.send_again(effect)
            case fx.Await():
                self.awaits(effect)
            case fx.GiveUp():
                self.give_up(effect)
            case _:
                self.left.append(effect)

    def post(self, e: fx.Post) -> None:
        known = self._payloads.get(id(e.payload))
        if known is None:
            cursor = self._db.execute(
                "INSERT INTO payload (kind, bytes) VALUES (?,?)", int(e.kind), e.payload
            )
            known = (e.payload, int(cursor.lastrowid))
            self._payloads[id(e.payload)] = known
        self._db.execute(
            "INSERT INTO outgoing (conversation, reader, relay, write_cap, key, payload, ident, part, message, until, tries,"
            " not_before) VALUES (?,?,?,?,?,?,?,0,?,?,0,0)",
            *(self._conversation, e.to, e.address.relay, e.address.write, e.address.key, known[1]),
            *(self._ctx.random(16), e.about, e.until),
        )
        if e.about is not None:
            self._db.execute(
                "INSERT OR REPLACE INTO delivery VALUES (?,?,?,'waiting',?)",
                *(self._conversation, e.about, e.to, self._ctx.now),
            )

    def write(self, e: fx.Write) -> None:
        content = Content(self._ctx.random(16), 0, self._ctx.now, e.body)
        self._db.execute(
            "INSERT INTO writing (conversation, body, reader, not_before) VALUES (?,?,?,0)",
            *(self._conversation, content.encode(), e.to),
        )

    def show(self, e: fx.Show) -> None:
        content, document = e.content, isinstance(e.content.body, Document)
        kind = "file" if document else "text"
        cursor = self._db.execute(
            "INSERT OR IGNORE INTO message (id, conversation, author, kind, number, body, sent_at, came_at, state, shown)"
            " VALUES (?,?,?,?,?,?,?,?,?,?)",
            *(
                content.id,
                self._conversation,
                e.author,
                kind,
                content.number,
                content.encode(),
                content.sent_at,
            ),
            *(self._ctx.now, "arriving" if document else "here", 2 if document else 0),
        )
        if cursor.rowcount and document:
            self._db.execute("INSERT INTO transfer VALUES (?,?,0,0,0,0)", content.id, self._conversation)

    def owe(self, e: fx.Owe) -> None:
        row = self._db.one(
            "SELECT state FROM message WHERE conversation = ? AND id = ? AND author = ?",
            *(self._conversation, e.id, e.author),
        )
        if row is None or row[0] != "arriving":
            owe(self._db, self._conversation, e.author, e.id, Outcome.DELIVERED, self._ctx.now)

    def told(self, e: fx.Told) -> None:
        state = {Outcome.DELIVERED: "delivered", Outcome.READ: "read"}[e.outcome]
        row = self._db.one(
            "SELECT state FROM delivery WHERE conversation = ? AND message = ? AND reader = ?",
            *(self._conversation, e.id, e.by),
        )
        if row is not None and _RANK[row[0]] < _RANK[state]:
            set_delivery(self._db, self._conversation, e.id, e.by, state, self._ctx.now)

    def retract(self, e: fx.Retract) -> None:
        row = self._db.one(
            "SELECT n, kind FROM message WHERE conversation = ? AND id = ? AND author = ? AND kind != 'notice'",
            *(self._conversation, e.target, e.author),
        )
        if row is not None:
            erase(self._db, self._conversation, e.target)
            body = json.dumps({"what": "retracted", "target": e.target.hex()})
            self._notice(body, e.author)

    def notice(self, e: fx.Notice) -> None:
        who = e.who.hex()
        numbered = {"first": e.first} if e.first else {}
        self._notice(json.dumps({"what": e.what.value, "who": who, "count": e.count, **numbered}), e.who)

    def _notice(self, body: str, who: bytes) -> None:
        self._db.execute(
            "INSERT INTO message (id, conversation, author, kind, number, body, sent_at, came_at, state, shown)"
            " VALUES (?,?,?,'notice',0,?,?,?,'here',0)",
            *(self._ctx.random(16), self._conversation, who, body.encode(), self._ctx.now, self._ctx.now),
        )

    def keep_raw(self, e: fx.KeepRaw) -> None:
        count, size = self._db.one(
            "SELECT count(*), coalesce(sum(length(payload)), 0) FROM raw WHERE conversation = ?",
            self._conversation,
        )
        if count >= RAW_MESSAGES or size + len(e.payload) > RAW_BYTES:
            self.notice(fx.Notice(fx.Happening.UNREADABLE, count=1))
            return
        self._db.execute(
            "INSERT INTO raw (conversation, payload, epoch, at) VALUES (?,?,?,?)",
            *(self._conversation, e.payload, e.epoch, self._ctx.now),
        )

    def make_queue(self, e: fx.MakeQueue) -> None:
        insert_queue(self._db, e.queue, conversation=self._conversation, now=self._ctx.now)

    def drop_queue(self, e: fx.DropQueue) -> None:
        self._db.execute("UPDATE queue SET state = 'unwanted' WHERE id = ?", e.queue.id)

    def drop_writers(self, e: fx.DropWriters) -> None:
        errands.drop_writers(self._db, e.queue, e.indexes)

    def keep_package(self, e: fx.KeepKeyPackage) -> None:
        self._db.execute(
            "INSERT INTO key_package VALUES (?,?,?,?,?)",
            e.ref,
            e.conversation,
            e.package,
            e.secrets,
            self._ctx.now,
        )

    def forget_package(self, e: fx.ForgetKeyPackage) -> None:
        self._db.execute("DELETE FROM key_package WHERE ref = ?", e.ref)

    def burn(self, e: fx.Burn) -> None:
        errands.burn_invitation(self._db, e.invitation, "used")

    def send_again(self, e: fx.SendAgain) -> None:
        """What this reader has not confirmed is put in line again; copies under older keys are not sent any more."""
        self._db.execute(
            "DELETE FROM outgoing WHERE conversation = ? AND reader = ? AND message IS NOT NULL",
            self._conversation,
            e.to,
        )
        self._db.execute(
            "DELETE FROM writing WHERE conversation = ? AND reader = ? AND message IS NOT NULL",
            self._conversation,
            e.to,
        )
        rows = self._db.all(
            "SELECT d.message FROM delivery d JOIN message m ON m.conversation = d.conversation AND m.id = d.message"
            " WHERE d.conversation = ? AND d.reader = ? AND d.state IN ('waiting', 'accepted', 'refused') AND"
            " m.state != 'retracted' ORDER BY m.n",
            *(self._conversation, e.to),
        )
        # Ahead of what was written since, so that the order is kept.
        first = self._db.one("SELECT coalesce(min(n), 1) FROM writing")[0] - len(rows)
        for n, (message,) in enumerate(rows, first):
            self._db.execute(
                "INSERT INTO writing (n, conversation, message, reader, not_before) VALUES (?,?,?,?,0)",
                *(n, self._conversation, message, e.to),
            )

    def awaits(self, e: fx.Await) -> None:
        self._db.execute(
            "INSERT OR IGNORE INTO delivery VALUES (?,?,?,'waiting',?)",
            *(self._conversation, e.about, e.to, self._ctx.now),
        )

    def give_up(self, e: fx.GiveUp) -> None:
        rows = self._db.all(
            "SELECT d.message FROM delivery d WHERE d.conversation = ? AND d.reader = ? AND d.state = 'waiting' AND NOT EXISTS"
            " (SELECT 1 FROM outgoing o WHERE o.conversation = d.conversation AND o.message = d.message AND o.reader = d.reader)",
            *(self._conversation, e.to),
        )
        for (message,) in rows:
            set_delivery(self._db, self._conversation, message, e.to, "refused", self._ctx.now)


def owe(db: Database, conversation: bytes, author: bytes, message: bytes, outcome: Outcome, now: int) -> None:
    db.execute(
        "INSERT OR IGNORE INTO owed VALUES (?,?,?,?,?)", conversation, author, message, int(outcome), now
    )


def insert_queue(
    db: Database,
    queue: OwnQueue,
    *,
    now: int,
    conversation: bytes | None = None,
    invitation: bytes | None = None,
) -> None:
    quota = 0 if invitation is None else _QUOTA_PUBLIC
    db.execute(
        "INSERT OR IGNORE INTO queue VALUES (?,?,?,?,?,?,?,?,'wanted',?,0,0,?)",
        *(queue.id, conversation, invitation, queue.relay, queue.read, queue.key, b"".join(queue.writers)),
        *(queue.grant, quota, now),
    )


def set_delivery(
    db: Database, conversation: bytes, message: bytes, reader: bytes, state: str, now: int
) -> None:
    """One reader's state, and with it the whole message's."""
    db.execute(
        "UPDATE delivery SET state = ?, at = ? WHERE conversation = ? AND message = ? AND reader = ?",
        *(state, now, conversation, message, reader),
    )
    settle_state(db, conversation, message)


def settle_state(db: Database, conversation: bytes, message: bytes) -> None:
    """A message's state: the least that every reader has reached; a document is accepted when its chunks are, too."""
    states = [
        r[0]
        for r in db.all(
            "SELECT state FROM delivery WHERE conversation = ? AND message = ?", conversation, message
        )
    ]
    if not states:
        states = ["waiting"]
    reachable = [s for s in states if s != "refused"]
    whole = min(reachable, key=_RANK.__getitem__) if reachable else "failed"
    if whole in ("waiting", "accepted") and uploading(db, conversation, message):
        whole = "uploading"
    row = db.one(
        "SELECT state, kind, body FROM message WHERE conversation = ? AND id = ?", conversation, message
    )
    if row is None or row[0] in ("retracted", whole):
        return
    db.execute("UPDATE message SET state = ? WHERE conversation = ? AND id = ?", whole, conversation, message)
    if _RANK.get(whole, 0) >= _RANK["delivered"]:
        db.execute("UPDATE message SET overdue = 0 WHERE conversation = ? AND id = ?", conversation, message)
        if row[1] == "file":
            db.execute("DELETE FROM transfer WHERE conversation = ? AND message = ?", conversation, message)
            delete_chunks(db, row[2], message)


def uploading(db: Database, conversation: bytes, message: bytes) -> bool:
    sql = "SELECT 1 FROM transfer WHERE conversation = ? AND message = ? AND upload = 1"
    return db.one(sql, conversation, message) is not None


def delete_chunks(db: Database, body: bytes, message: bytes) -> None:
    document = Content.decode(body).body
    if isinstance(document, Document):
        errands.delete_chunks(db, document, message)


def erase(db: Database, conversation: bytes, message: bytes) -> None:
    """Takes a message's words, or its file, away; what is left says that it was retracted."""
    empty = Content(message, 0, 0, Text("")).encode()
    db.execute(
        "UPDATE message SET state = 'retracted', body = ? WHERE conversation = ? AND id = ?",
        empty,
        conversation,
        message,
    )
    db.execute("DELETE FROM transfer WHERE conversation = ? AND message = ?", conversation, message)
