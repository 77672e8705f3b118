"""Every conversation as an inbox shows it: who is in it, what is new, what came last, what is late. A few questions for all."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from colloque.protocol.session.model import Phase
from colloque.store.client.database import Database
from colloque.store.client.messages import Entry, Messages
from colloque.wire.profile import Profile


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody else in a conversation. `here`: they have joined it."""

    key: bytes
    profile: Profile
    verified: bool
    blocked: bool
    here: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One conversation. `unread`: texts and files; `late`: something of mine was not delivered in time, and nobody has dealt
    with it; `asking`: the keys of those who have lost their state and ask to come back."""

    conversation: bytes
    short: str
    name: str
    phase: Phase
    pair: bool
    host: bytes
    second_host: bytes
    people: tuple[Person, ...]
    unread: int
    last: Entry | None
    late: bool
    asking: tuple[bytes, ...]


class Inbox:
    def __init__(self, database: Database, messages: Messages) -> None:
        self._db = database
        self._messages = messages

    def waiting(self) -> int:
        """How many messages were not shown yet, and newcomers not answered."""
        (newcomers,) = self._db.one("SELECT count(*) FROM newcomer WHERE state = 'waiting'")
        return sum(self._messages.unread().values()) + int(newcomers)

    def visitors(self, me: bytes, since: int) -> list[tuple[bytes, bytes, bool]]:
        """Who is in a conversation that I host, and open, and is not blocked: conversation, key, and whether they, in a
        conversation of two and without a profession, are the author of something that came `since`."""
        rows = self._db.all(
            "SELECT c.id, p.key, c.pair = 1 AND p.profession = '' AND c.id IN (SELECT conversation FROM (SELECT conversation,"
            " author, kind, came_at FROM message ORDER BY n DESC LIMIT 200) WHERE came_at >= ? AND (author IS NOT NULL OR"
            " kind = 'notice')) FROM conversation c JOIN peer p ON p.conversation = c.id LEFT JOIN contact k ON k.key = p.key"
            " WHERE c.host = ? AND c.phase = 'open' AND p.address IS NOT NULL AND coalesce(k.blocked, 0) = 0",
            *(since, me),
        )
        return [(conversation, key, bool(recent)) for conversation, key, recent in rows]

    def lines(self) -> list[Line]:
        """What moved last comes first."""
        people: dict[bytes, list[Person]] = defaultdict(list)
        for conversation, key, name, profession, rpps, here, verified, blocked in self._db.all(
            "SELECT p.conversation, p.key, p.name, p.profession, p.rpps, p.address IS NOT NULL, coalesce(k.verified, 0),"
            " coalesce(k.blocked, 0) FROM peer p LEFT JOIN contact k ON k.key = p.key ORDER BY p.conversation, p.place"
        ):
            person = Person(key, Profile(name, profession, rpps), bool(verified), bool(blocked), bool(here))
            people[conversation].append(person)
        unread, newest = self._messages.unread(), self._messages.newest()
        late = {entry.conversation for entry in self._messages.alarms()}
        asking: dict[bytes, list[bytes]] = defaultdict(list)
        for (name,) in self._db.all("SELECT name FROM setting WHERE name >= 'return ' AND name < 'return!'"):
            _, ident, sender = name.split(" ")
            asking[bytes.fromhex(ident)].append(bytes.fromhex(sender))
        lines = [
            Line(
                *(ident, short, name, Phase(phase), bool(pair), host, second, tuple(people[ident])),
                *(unread.get(ident, 0), newest.get(ident), ident in late),
                tuple(asking[ident]),
            )
            for ident, short, name, phase, pair, host, second in self._db.all(
                "SELECT id, short, name, phase, pair, host, second_host FROM conversation ORDER BY short"
            )
        ]
        return sorted(lines, key=lambda line: -line.last.n if line.last else 0)
