"""What a queue handed out: opened, put together, told apart from doubles, and given to the rules; one transaction each."""

from __future__ import annotations

import logging
from typing import Final

import sqlcipher3.dbapi2 as sqlcipher  # type: ignore[import-untyped]

from colloque.mls import api as mls
from colloque.protocol.session import effects as fx
from colloque.protocol.session.answer import answer
from colloque.protocol.session.model import Context
from colloque.store.client.apply import Apply
from colloque.store.client.database import Database
from colloque.store.client.newcomers import admits_by_hand, keep_waiting
from colloque.store.client.steps import Steps
from colloque.store.client.talks import Talks, renamed
from colloque.wire.codec import WireError
from colloque.wire.envelope import Kind, Part, join, open_envelope
from colloque.wire.hello import Hello
from colloque.wire.links import Link, LinkKind

_LOG: Final = logging.getLogger(__name__)
INCOMPLETE_PARTS: Final = 512
HELLOS_A_DAY: Final = 64
_DAY: Final = 86_400_000


class Intake:
    """`take` never raises for what others sent: what cannot be read is set aside, counted and confirmed."""

    def __init__(self, database: Database, talks: Talks, steps: Steps) -> None:
        self._db = database
        self._talks = talks
        self._steps = steps

    def take(self, ctx: Context, queue: bytes, incarnation: int, sequence: int, envelope: bytes) -> None:
        """One envelope at one position; when this returns it is durable here and may be confirmed."""
        try:
            with self._db.transaction():
                if self._advance(queue, incarnation, sequence):
                    self._open(ctx, queue, envelope)
        except (sqlcipher.Error, OSError, MemoryError):
            raise
        except Exception as problem:
            # Also what nobody foresaw: a message that stops the program would stop it again at every start.
            if not isinstance(problem, WireError | mls.MlsError):
                _LOG.error("a message was set aside after an unexpected %s", type(problem).__name__)
            with self._db.transaction():
                if self._advance(queue, incarnation, sequence):
                    self._set_aside(ctx, queue)

    def _advance(self, queue: bytes, incarnation: int, sequence: int) -> bool:
        cursor = self._db.execute(
            "UPDATE queue SET incarnation = ?, sequence = ? WHERE id = ? AND (incarnation, sequence) < (?, ?)",
            *(incarnation, sequence, queue, incarnation, sequence),
        )
        return bool(cursor.rowcount)

    def _open(self, ctx: Context, queue: bytes, envelope: bytes) -> None:
        key, conversation, invitation = self._db.one(
            "SELECT key, conversation, invitation FROM queue WHERE id = ?", queue
        )
        part = open_envelope(key, envelope)
        if self._db.one("SELECT 1 FROM seen WHERE queue = ? AND ident = ?", queue, part.id):
            return
        message = self._whole(ctx, queue, part)
        if message is None:
            return
        self._db.execute("INSERT INTO seen VALUES (?,?,?)", queue, part.id, ctx.now)
        if invitation is not None:
            if part.kind is Kind.HELLO:
                self._hello(ctx, invitation, message)
            return
        if part.kind is Kind.MLS:
            self._mls(ctx, conversation, message)
        elif part.kind is Kind.RETURN:
            self._steps.returning(ctx, conversation, message)

    def _whole(self, ctx: Context, queue: bytes, part: Part) -> bytes | None:
        if part.total == 1:
            return part.data
        self._db.execute(
            "INSERT OR REPLACE INTO part VALUES (?,?,?,?,?,?,?)",
            *(queue, part.id, part.index, int(part.kind), part.total, part.data, ctx.now),
        )
        rows = self._db.all(
            "SELECT place, kind, total, bytes FROM part WHERE queue = ? AND ident = ? ORDER BY place",
            queue,
            part.id,
        )
        if len(rows) < part.total:
            self._db.execute(
                "DELETE FROM part WHERE queue = ? AND rowid NOT IN"
                " (SELECT rowid FROM part WHERE queue = ? ORDER BY rowid DESC LIMIT ?)",
                *(queue, queue, INCOMPLETE_PARTS),
            )
            return None
        self._db.execute("DELETE FROM part WHERE queue = ? AND ident = ?", queue, part.id)
        return join(tuple(Part(Kind(kind), part.id, place, total, data) for place, kind, total, data in rows))

    def _mls(self, ctx: Context, conversation: bytes, message: bytes) -> None:
        header = mls.peek(message)
        if header.kind == "welcome":
            self._steps.welcome(ctx, conversation, message, header.key_package_refs)
        else:
            self._steps.message(ctx, conversation, message)

    def _hello(self, ctx: Context, invitation: bytes, sealed: bytes) -> None:
        card, secret, pin, seed, old, for_name, state, not_after = self._db.one(
            "SELECT card, secret, pin, hpke_seed, old_seed, for_name, state, not_after FROM invitation WHERE id = ?",
            invitation,
        )
        if state not in ("ready", "wanted") or (not card and ctx.seconds > not_after):
            return
        hello = self._unsealed(ctx, sealed, secret, pin, [s for s in (seed, old) if s])
        blocked = self._db.one("SELECT blocked FROM contact WHERE key = ?", hello.signature_key)
        if blocked is not None and blocked[0]:
            return
        if self._talks.load(hello.conversation) is not None:
            raise WireError("a hello for a conversation that is known already")
        if card:
            self._bound(ctx)
        link = Link(LinkKind.CARD if card else LinkKind.INVITATION, "", "", secret, pin)
        if card and admits_by_hand(self._db):
            keep_waiting(self._db, ctx, hello, link.psk)
            return
        talk, effects = answer(ctx, hello, link.psk, None if card else invitation)
        self._steps.begin(ctx, renamed(talk, for_name) if for_name else talk, effects)
        if not card:
            self._talks.mark_personal(hello.conversation)

    def _unsealed(self, ctx: Context, sealed: bytes, secret: bytes, pin: bytes, seeds: list[bytes]) -> Hello:
        for seed in seeds[:-1]:
            try:
                return self._unseal(ctx, sealed, secret, pin, seed)
            except WireError:
                continue
        return self._unseal(ctx, sealed, secret, pin, seeds[-1])

    @staticmethod
    def _unseal(ctx: Context, sealed: bytes, secret: bytes, pin: bytes, seed: bytes) -> Hello:
        return Hello.unseal(sealed, hpke_seed=seed, secret=secret, recipient=ctx.identity.key, pin=pin)

    def _bound(self, ctx: Context) -> None:
        """A public link cannot be used to fill this home: so many newcomers a day, and no more."""
        count = self._db.one(
            "SELECT count(*) FROM message WHERE kind = 'notice' AND came_at > ? AND body LIKE '%\"opened\"%'",
            ctx.now - _DAY,
        )[0]
        if count >= HELLOS_A_DAY:
            raise WireError("too many newcomers today")

    def _set_aside(self, ctx: Context, queue: bytes) -> None:
        row = self._db.one("SELECT conversation FROM queue WHERE id = ?", queue)
        if row is not None and row[0] is not None:
            Apply(self._db, ctx, row[0]).all([fx.Notice(fx.Happening.UNREADABLE, count=1)])
