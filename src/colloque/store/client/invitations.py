"""The public card and the personal invitations that this home has given out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from colloque.protocol.session.keys import new_queue
from colloque.protocol.session.model import Context
from colloque.store.client import errands
from colloque.store.client.apply import insert_queue
from colloque.store.client.database import Database
from colloque.store.client.talks import Talks
from colloque.wire import xwing
from colloque.wire.card import DATED_DAYS, Card, Lasting
from colloque.wire.invitation import Invitation
from colloque.wire.links import Link, LinkKind

_DAY: Final = 86_400
RENEW_CARD_DAYS: Final = 7


@dataclass(frozen=True, slots=True)
class Publication:
    """What is to be put at the relay for an invitation or a card. `body` is sealed anew at each try."""

    id: bytes
    link: Link
    owner: bytes = field(repr=False)
    body: bytes = field(repr=False)
    grant: bytes = field(repr=False)
    token: bytes = field(repr=False)
    not_after: int


class Invitations:
    def __init__(self, database: Database, talks: Talks) -> None:
        self._db = database
        self._talks = talks

    def invite(self, ctx: Context, for_name: str, seconds: int) -> bytes:
        """A new personal invitation, to be published; its id."""
        relay, ident = ctx.identity.relay, ctx.random(16)
        queue, seed = new_queue(ctx, relay, ctx.identity.token), ctx.random(32)
        grant = ctx.random(32)
        invitation = Invitation(
            ctx.identity.key,
            ctx.identity.profile,
            queue.offer.address(0),
            xwing.public_key(seed),
            grant,
            ctx.seconds + seconds,
            ctx.random(16),
        )
        with self._db.transaction():
            insert_queue(self._db, queue, invitation=ident, now=ctx.now)
            self._db.execute(
                "INSERT INTO invitation VALUES (?,0,?,?,?,?,x'',?,?,?,?,0,?,'wanted')",
                *(ident, ctx.random(32), invitation.pin, invitation.encode(), seed, ctx.random(32)),
                *(queue.id, grant, for_name, invitation.not_after),
            )
            errands.add(self._db, relay, "publish", ident, ident)
        return ident

    def card(self, ctx: Context) -> bytes:
        """The public card's id; made at the first call, and dated anew when it has grown old."""
        row = self._db.one(
            "SELECT id, not_after, body FROM invitation WHERE card = 1 AND state != 'withdrawn'"
        )
        if row is None:
            return self._first_card(ctx)
        ident, not_after, body = row
        if not_after - ctx.seconds > (DATED_DAYS - RENEW_CARD_DAYS) * _DAY:
            return bytes(ident)
        card = Card.decode(body)
        with self._db.transaction():
            self._date(ctx, ident, card.lasting, card.serial + 1)
        return bytes(ident)

    def renew_card(self, ctx: Context) -> None:
        """Where there is a public card, it is dated anew in time."""
        if self._db.one("SELECT 1 FROM invitation WHERE card = 1 AND state != 'withdrawn'"):
            self.card(ctx)

    def _first_card(self, ctx: Context) -> bytes:
        ident = ctx.random(16)
        queue = new_queue(ctx, ctx.identity.relay, ctx.identity.token)
        lasting = Lasting(ctx.identity.key, queue.offer.address(0), ctx.random(16))
        with self._db.transaction():
            insert_queue(self._db, queue, invitation=ident, now=ctx.now)
            self._db.execute(
                "INSERT INTO invitation VALUES (?,1,?,?,x'',x'',x'',?,?,x'','',0,0,'wanted')",
                *(ident, ctx.random(32), lasting.pin, ctx.random(32), queue.id),
            )
            self._date(ctx, ident, lasting, 1)
        return ident

    def _date(self, ctx: Context, ident: bytes, lasting: Lasting, serial: int) -> None:
        """A new dated part under a new key; the key before it stays for hellos under way."""
        seed = ctx.random(32)
        not_after = ctx.seconds + DATED_DAYS * _DAY
        card = Card(lasting, serial, not_after, ctx.identity.profile, xwing.public_key(seed)).sign(
            ctx.identity.seed
        )
        self._db.execute(
            "UPDATE invitation SET body = ?, old_seed = hpke_seed, hpke_seed = ?, serial = ?, not_after = ?, state = 'wanted'"
            " WHERE id = ?",
            *(card.encode(), seed, serial, not_after, ident),
        )
        errands.add(self._db, ctx.identity.relay, "publish", ident, ident)

    def link(self, ident: bytes) -> Link:
        card, secret, pin, queue = self._db.one(
            "SELECT card, secret, pin, queue FROM invitation WHERE id = ?", ident
        )
        relay = self._talks.queue(queue).relay
        return Link(LinkKind.CARD if card else LinkKind.INVITATION, relay, relay, secret, pin)

    def publication(self, ident: bytes, token: bytes) -> Publication | None:
        """None where the invitation was used or withdrawn meanwhile."""
        row = self._db.one(
            "SELECT owner_cap, body, grant_, not_after, state FROM invitation WHERE id = ?", ident
        )
        if row is None or row[4] not in ("wanted", "ready"):
            return None
        owner, body, grant, not_after, _ = row
        return Publication(ident, self.link(ident), owner, body, grant, token, not_after)

    def waits(self, ident: bytes) -> bool:
        """Whether its queue is still to be made."""
        sql = (
            "SELECT 1 FROM invitation i JOIN queue q ON q.id = i.queue WHERE i.id = ? AND q.state = 'wanted'"
        )
        return self._db.one(sql, ident) is not None

    def ready(self, ident: bytes) -> None:
        with self._db.transaction():
            self._db.execute("UPDATE invitation SET state = 'ready' WHERE id = ? AND state = 'wanted'", ident)

    def state(self, ident: bytes) -> str:
        row = self._db.one("SELECT state FROM invitation WHERE id = ?", ident)
        return "withdrawn" if row is None else str(row[0])

    def withdraw(self, ident: bytes) -> None:
        with self._db.transaction():
            errands.burn_invitation(self._db, ident, "withdrawn")

    def pending(self) -> list[tuple[bytes, str, int, str]]:
        """Personal invitations that nobody has used yet: (id, for whom, until when in seconds, state)."""
        return [
            (ident, name, until, state)
            for ident, name, until, state in self._db.all(
                "SELECT id, for_name, not_after, state FROM invitation WHERE card = 0 AND state IN ('wanted', 'ready')"
            )
        ]
