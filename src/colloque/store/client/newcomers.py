"""Newcomers over the public card who wait until a person admits them (`spec/sessions.md` S37)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from colloque.protocol.session.answer import answer
from colloque.protocol.session.model import DAY, Context
from colloque.store.client.alike import Alike
from colloque.store.client.database import Database
from colloque.store.client.people import People
from colloque.store.client.steps import Steps
from colloque.wire.codec import WireError
from colloque.wire.hello import Hello
from colloque.wire.profile import Profile

A_DAY: Final = 64
WAITING: Final = 200
KEEP_MS: Final = 30 * DAY
_SETTING: Final = "admits-by-hand"


@dataclass(frozen=True, slots=True)
class Newcomer:
    """As they state themself, with their first words; nothing was answered yet. `came_at` in milliseconds. `looks_known`:
    another key has this name or number here, or a name that looks like it (S8)."""

    key: bytes
    profile: Profile
    came_at: int
    blocked: bool
    looks_known: bool
    words: str = field(repr=False, default="")


def admits_by_hand(db: Database) -> bool:
    """Whether newcomers wait; else they are answered at once (S7)."""
    row = db.one("SELECT value FROM setting WHERE name = ?", _SETTING)
    return row is not None and row[0] == b"yes"


def keep_waiting(db: Database, ctx: Context, hello: Hello, psk: bytes) -> None:
    """Raises `WireError` where too many came today, or wait: a link that anybody has cannot fill this home."""
    db.execute("DELETE FROM newcomer WHERE state = 'waiting' AND came_at < ?", ctx.now - KEEP_MS)
    today, waiting = db.one(
        "SELECT coalesce(sum(came_at > ?), 0), coalesce(sum(state = 'waiting'), 0) FROM newcomer",
        ctx.now - DAY,
    )
    if today >= A_DAY or waiting >= WAITING:
        raise WireError("too many newcomers today")
    if db.one(
        "SELECT 1 FROM newcomer WHERE conversation = ? AND key != ?", hello.conversation, hello.signature_key
    ):
        raise WireError("a hello for a conversation that is known already")
    profile = hello.profile
    # One place for each key: who says hello again waits with what they said last.
    db.execute(
        "INSERT OR REPLACE INTO newcomer VALUES (?,?,?,?,?,?,?,?,?,'waiting')",
        *(hello.signature_key, hello.conversation, profile.name, profile.profession, profile.rpps),
        *(hello.first_words, hello.encode(), psk, ctx.now),
    )


class Newcomers:
    def __init__(self, database: Database, steps: Steps, people: People) -> None:
        self._db = database
        self._people = people
        self._steps = steps

    def wait_for_admission(self, by_hand: bool) -> None:
        with self._db.transaction():
            value = b"yes" if by_hand else b"no"
            self._db.execute("INSERT OR REPLACE INTO setting VALUES (?,?)", _SETTING, value)

    def list(self) -> list[Newcomer]:
        """Who waits, and who was blocked while they waited, oldest first."""
        known = Alike(self._db)
        found = []
        for key, name, profession, rpps, words, came_at, state in self._db.all(
            "SELECT key, name, profession, rpps, words, came_at, state FROM newcomer ORDER BY came_at"
        ):
            profile = Profile(name, profession, rpps)
            alike = known.somebody_else(key, profile)
            found.append(Newcomer(key, profile, came_at, state == "blocked", alike, words))
        return found

    def admit(self, ctx: Context, key: bytes) -> bytes:
        """Answers somebody's hello: their conversation's id. Raises `WireError` where it cannot be answered any more."""
        row = self._db.one("SELECT hello, psk FROM newcomer WHERE key = ? AND state = 'waiting'", key)
        if row is None:
            raise WireError("nobody waits under that key")
        hello = Hello.decode(row[0])
        with self._db.transaction():
            self._db.execute("DELETE FROM newcomer WHERE key = ?", key)
            talk, effects = answer(ctx, hello, row[1], None)
            self._steps.begin(ctx, talk, effects)
        return hello.conversation

    def dismiss(self, key: bytes) -> None:
        """Their hello is thrown away unanswered; they may come again."""
        with self._db.transaction():
            self._db.execute("DELETE FROM newcomer WHERE key = ?", key)

    def block(self, key: bytes, blocked: bool) -> None:
        """For good: further hellos of this key are ignored, also after the link was followed anew. What they wrote goes;
        their name stays, so that it can be undone. Raises `WireError` where there is nobody of that key."""
        if self._db.one("SELECT 1 FROM newcomer WHERE key = ?", key) is None:
            raise WireError("nobody waits under that key")
        with self._db.transaction():
            self._people.set_blocked(key, blocked)
            if blocked:
                self._db.execute(
                    "UPDATE newcomer SET state = 'blocked', words = '', hello = x'', psk = x'' WHERE key = ?",
                    key,
                )
            else:
                self._db.execute("DELETE FROM newcomer WHERE key = ?", key)
