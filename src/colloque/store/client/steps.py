"""One event, one transaction: load the conversation, run the rule, carry its effects out."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from functools import partial

from colloque.protocol.session import answer
from colloque.protocol.session import effects as fx
from colloque.protocol.session.admit import admit
from colloque.protocol.session.back import ask_back, asked_back, lose, say_yes
from colloque.protocol.session.join import join, offer
from colloque.protocol.session.model import Context, Peer, Phase, Talk
from colloque.protocol.session.receive import Unreadable, receive
from colloque.store.client.alike import Alike
from colloque.store.client.apply import Apply
from colloque.store.client.database import Database
from colloque.store.client.talks import Talks
from colloque.wire.codec import Reader, WireError
from colloque.wire.content.wishes import Offer
from colloque.wire.returning import Return

Step = tuple[Talk, tuple[fx.Effect, ...]]
Rule = Callable[[Talk], Step]


class Steps:
    """Runs rules on stored conversations. Every method wants to be inside a transaction."""

    def __init__(self, database: Database, talks: Talks) -> None:
        self._db = database
        self._talks = talks

    def begin(self, ctx: Context, talk: Talk, effects: Iterable[fx.Effect]) -> None:
        """A conversation's first step: its queue is put in its table before it."""
        self._finish(ctx, talk, tuple(effects))

    def run(self, ctx: Context, ident: bytes, rule: Rule) -> Talk:
        """Runs `rule` on one conversation, and whatever follows from it; raises what the rule raises."""
        talk = self._talks.load(ident)
        if talk is None:
            raise WireError("there is no such conversation")
        after, effects = rule(talk)
        return self._finish(ctx, after, effects, talk)

    def message(self, ctx: Context, ident: bytes, payload: bytes) -> None:
        """An MLS message (not a Welcome) for a conversation; what was kept raw is tried again where that may help."""
        self.run(ctx, ident, lambda talk: receive(ctx, talk, payload))

    def welcome(self, ctx: Context, ident: bytes, payload: bytes, refs: Iterable[bytes]) -> None:
        for ref in refs:
            row = self._db.one(
                "SELECT package, secrets FROM key_package WHERE ref = ? AND conversation = ?", ref, ident
            )
            if row is not None:
                package, secrets = row
                self.run(ctx, ident, partial(join, ctx, welcome=payload, package=package, secrets=secrets))
                return
        raise Unreadable("a Welcome for a key package that is not mine, or was used")

    def _finish(
        self, ctx: Context, talk: Talk, effects: tuple[fx.Effect, ...], before: Talk | None = None
    ) -> Talk:
        apply = Apply(self._db, ctx, talk.conversation.id)
        queues = tuple(e for e in effects if isinstance(e, fx.MakeQueue))
        apply.all(queues)
        self._talks.save(talk)
        self._talks.remember(talk)
        apply.all(e for e in effects if not isinstance(e, fx.MakeQueue))
        for peer in talk.conversation.peers:
            known = None if before is None else before.conversation.peer(peer.key)
            if known is None or (known.profile is not peer.profile and known.profile != peer.profile):
                self._same_name(ctx, talk.conversation.id, peer)
        for effect in apply.left:
            self._follow(ctx, talk.conversation.id, effect)
        return talk

    def _same_name(self, ctx: Context, ident: bytes, peer: Peer) -> None:
        """Somebody with another key, and the name or number of somebody known, or one that looks like it: said aloud, once."""
        mine = peer.profile
        said = "SELECT 1 FROM peer WHERE conversation != ? AND key = ? AND name = ? AND rpps = ?"
        if self._db.one(said, ident, peer.key, mine.name, mine.rpps) is not None:
            return
        if Alike(self._db).somebody_else(peer.key, mine):
            self.note(ctx, ident, fx.Notice(fx.Happening.SAME_NAME, peer.key))

    def _follow(self, ctx: Context, ident: bytes, effect: fx.Effect) -> None:
        match effect:
            case fx.TryAgain():
                self._try_raw(ctx, ident, effect.quiet)
            case fx.Asked():
                self._asked(ctx, ident, effect)
            case fx.Offered(by=by, offer=Offer() as body):
                self._offered(ctx, ident, by, body)
            case _:
                raise WireError("an effect that nobody carries out")

    def _try_raw(self, ctx: Context, ident: bytes, quiet: bool) -> None:
        """Everything kept raw, oldest first; what still cannot be opened is kept again by the rule itself."""
        rows = deque(
            self._db.all("SELECT n, payload FROM raw WHERE conversation = ? ORDER BY epoch, n", ident)
        )
        self._db.execute("DELETE FROM raw WHERE conversation = ?", ident)
        while rows:
            _, payload = rows.popleft()
            try:
                self.message(ctx, ident, payload)
            except WireError:
                if not quiet:
                    self.note(ctx, ident, fx.Notice(fx.Happening.UNREADABLE, count=1))

    def note(self, ctx: Context, ident: bytes, notice: fx.Notice) -> None:
        Apply(self._db, ctx, ident).all([notice])

    def _asked(self, ctx: Context, ident: bytes, asked: fx.Asked) -> None:
        """An `Ask` came in conversation `ident`: answered there, at once, where the asker may ask."""
        known = self._talks.load(asked.ask.conversation)
        talk, effects, body = offer(ctx, asked.ask, asked.by, known)
        self._finish(ctx, talk, effects)
        Apply(self._db, ctx, ident).all([fx.Write(body, to=asked.by)])

    def _offered(self, ctx: Context, ident: bytes, by: bytes, body: Offer) -> None:
        """An `Offer` came: whoever was asked, and only they, is admitted."""

        def rule(talk: Talk) -> Step:
            conversation, peer = talk.conversation, talk.conversation.peer(by)
            if talk.hosting is None or peer is None or body.succession != conversation.succession:
                raise WireError("an offer that nobody asked for")
            here = self._talks.load(ident)
            stated = here.conversation.peer(by) if here is not None else None
            profile = peer.profile if stated is None else stated.profile
            return admit(ctx, talk, by, profile, body.queue, body.key_package)

        self.run(ctx, body.conversation, rule)

    # --- returns ---

    def returning(self, ctx: Context, ident: bytes, sealed: bytes) -> None:
        """Somebody's return has come; it waits for a human's yes where it asks for one."""
        sender = Return.read_from(Reader(sealed)).sender
        waiting: list[Return] = []

        def rule(talk: Talk) -> Step:
            body, step = asked_back(ctx, talk, sealed, sender)
            asks = [e for e in step[1] if isinstance(e, fx.Notice) and e.what is fx.Happening.RETURN_ASKED]
            if asks:
                waiting.append(body)
            if asks and waits:
                # Who asks again before they were answered is asked for once.
                return step[0], tuple(e for e in step[1] if e not in asks)
            return step

        name = f"return {ident.hex()} {sender.hex()}"
        waits = self._db.one("SELECT 1 FROM setting WHERE name = ?", name) is not None
        self.run(ctx, ident, rule)
        for body in waiting:
            self._db.execute("INSERT OR REPLACE INTO setting VALUES (?,?)", name, body.encode())

    def say_yes(self, ctx: Context, ident: bytes) -> int:
        """A human's yes to everybody who asks to come back into a conversation; how many there were."""
        prefix = f"return {ident.hex()} "
        rows = self._db.all(
            "SELECT name, value FROM setting WHERE substr(name, 1, ?) = ?", len(prefix), prefix
        )
        for name, value in rows:
            source = Reader(value)
            body = Return.read_from(source)
            self._db.execute("DELETE FROM setting WHERE name = ?", name)
            self.run(ctx, ident, lambda talk, body=body: say_yes(ctx, talk, body))  # type: ignore[misc]
        return len(rows)

    def lose_all(self, ctx: Context, *, asked: bool) -> None:
        """This home was put back to an earlier state: no ratchet in it may be used; everybody is asked.

        `asked`: whether what was lost before has been asked for already. To ask twice wants two yeses.
        """
        for (ident,) in self._db.all(
            "SELECT id FROM conversation WHERE phase IN ('open', 'returning') OR (phase = 'lost' AND NOT ?)",
            asked,
        ):
            self._db.execute("DELETE FROM outgoing WHERE conversation = ?", ident)
            try:
                with self._db.transaction():
                    self.run(ctx, ident, lambda talk: ask_back(ctx, lose(talk)))
            except WireError:
                # Where nobody can be asked it is lost all the same, and the others are not held up by it.
                self.run(ctx, ident, lambda talk: (lose(talk), (fx.Notice(fx.Happening.LOST),)))

    def ask(self, ctx: Context, ident: bytes, people: Iterable[tuple[bytes, bytes]]) -> None:
        """Asks people into conversation `ident`. `people`: (signature key, the conversation of two to ask them in)."""
        for key, pair in people:
            other = self._talks.load(pair)
            peer = other.conversation.peer(key) if other is not None else None
            if other is None or peer is None or other.conversation.phase is not Phase.OPEN:
                raise WireError("that person's own conversation is not open")
            talk = self._talks.load(ident)
            if talk is None or talk.hosting is None:
                raise WireError("only the host of a conversation changes who is in it")
            if talk.hosting.seat(key) is not None:
                raise WireError("that person is in this conversation already")
            after, effects, body = answer.ask(ctx, talk, [peer])
            self._finish(ctx, after, effects)
            Apply(self._db, ctx, pair).all([fx.Write(body, to=key)])
