"""What time brings to a home, carried out: fresh keys, alarms for late mail, and the end of what has lain long enough."""

from __future__ import annotations

from colloque.protocol.session import calendar
from colloque.protocol.session.admit import refresh
from colloque.protocol.session.join import wish_renewal
from colloque.protocol.session.model import Context
from colloque.store.client.database import Database
from colloque.store.client.steps import Steps
from colloque.store.client.talks import Talks


class Upkeep:
    def __init__(self, database: Database, talks: Talks, steps: Steps) -> None:
        self._db = database
        self._talks = talks
        self._steps = steps

    def tick(self, ctx: Context) -> None:
        """Cheap, and safe to call often."""
        self._alarm(ctx)
        self._forget(ctx)
        rows = self._db.all("SELECT id FROM conversation WHERE phase = 'open'")
        for (ident,) in rows:
            with self._db.transaction():
                talk = self._talks.load(ident)
                if talk is None:
                    continue
                if calendar.wants_path(ctx, talk):
                    self._steps.run(ctx, ident, lambda t: refresh(ctx, t))
                elif calendar.wants_renewal(ctx, talk):
                    self._steps.run(ctx, ident, lambda t: wish_renewal(ctx, t))

    def _alarm(self, ctx: Context) -> None:
        """Whatever was not delivered in time is said so, and stays so until it is."""
        late = ctx.now - calendar.LATE_AFTER
        where = (
            "author IS NULL AND overdue = 0 AND state IN ('waiting', 'uploading', 'accepted') AND sent_at < ?"
        )
        if self._db.one(f"SELECT 1 FROM message WHERE {where} LIMIT 1", late):
            with self._db.transaction():
                self._db.execute(f"UPDATE message SET overdue = 1 WHERE {where}", late)

    def _forget(self, ctx: Context) -> None:
        seen, raw, package = (
            ctx.now - age for age in (calendar.KEEP_SEEN, calendar.KEEP_RAW, calendar.KEEP_PACKAGE)
        )
        if not self._db.one(
            "SELECT 1 WHERE EXISTS (SELECT 1 FROM seen WHERE at < ?) OR EXISTS (SELECT 1 FROM raw WHERE at < ?) OR"
            " EXISTS (SELECT 1 FROM part WHERE at < ?) OR EXISTS (SELECT 1 FROM key_package WHERE made_at < ?)",
            *(seen, raw, raw, package),
        ):
            return
        with self._db.transaction():
            self._db.execute("DELETE FROM seen WHERE at < ?", seen)
            self._db.execute("DELETE FROM raw WHERE at < ?", raw)
            self._db.execute("DELETE FROM part WHERE at < ?", raw)
            self._db.execute("DELETE FROM key_package WHERE made_at < ?", package)
