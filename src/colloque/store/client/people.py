"""People and conversations, as they are listed and named."""

from __future__ import annotations

from dataclasses import dataclass

from colloque.protocol.session.model import Phase
from colloque.store.client.database import Database
from colloque.store.client.talks import slug
from colloque.wire.profile import Profile


class NotFound(LookupError):
    """Nobody, or more than one, answers to that name."""


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody with whom this home has a conversation of two. `verified`: somebody compared the safety number."""

    conversation: bytes
    short: str
    name: str
    key: bytes
    profile: Profile
    phase: Phase
    verified: bool
    blocked: bool
    host: bytes


@dataclass(frozen=True, slots=True)
class Gathering:
    """A conversation of several."""

    conversation: bytes
    short: str
    name: str
    phase: Phase
    host: bytes
    second_host: bytes
    members: tuple[tuple[bytes, Profile, bool], ...]


class People:
    def __init__(self, database: Database) -> None:
        self._db = database

    def contacts(self) -> list[Contact]:
        rows = self._db.all(
            "SELECT c.id, c.short, c.name, p.key, p.name, p.profession, p.rpps, c.phase, coalesce(k.verified, 0),"
            " coalesce(k.blocked, 0), c.host FROM conversation c JOIN peer p ON p.conversation = c.id"
            " LEFT JOIN contact k ON k.key = p.key WHERE c.pair = 1 ORDER BY c.short"
        )
        return [
            Contact(c, short, name, key, Profile(pn, pp, pr), Phase(phase), bool(ver), bool(blocked), host)
            for c, short, name, key, pn, pp, pr, phase, ver, blocked, host in rows
        ]

    def gatherings(self) -> list[Gathering]:
        found = []
        for c, short, name, phase, host, second in self._db.all(
            "SELECT id, short, name, phase, host, second_host FROM conversation WHERE pair = 0 ORDER BY short"
        ):
            members = self._db.all(
                "SELECT p.key, p.name, p.profession, p.rpps, p.address IS NOT NULL FROM peer p WHERE p.conversation = ?"
                " ORDER BY p.place",
                c,
            )
            people = tuple((k, Profile(n, p, r), bool(joined)) for k, n, p, r, joined in members)
            found.append(Gathering(c, short, name, Phase(phase), host, second, people))
        return found

    def find(self, who: str) -> bytes:
        """The conversation that `who` names: a short name, an unambiguous name, or an id (hexadecimal)."""
        row = self._db.one("SELECT id FROM conversation WHERE short = ?", who.strip().lower())
        if row is not None:
            return bytes(row[0])
        ident = _hexadecimal(who)
        if ident is not None and self._db.one("SELECT 1 FROM conversation WHERE id = ?", ident):
            return ident
        wanted, matches = slug(who), []
        for ident_, name in self._db.all(
            "SELECT id, name FROM conversation WHERE phase NOT IN ('left', 'removed')"
        ):
            if name.casefold() == who.strip().casefold() or slug(name) == wanted:
                matches.append(ident_)
        for contact in self.contacts():
            live = contact.phase not in (Phase.LEFT, Phase.REMOVED)
            named = contact.profile.name.casefold() == who.strip().casefold() or contact.key.hex() == who
            if live and named and contact.conversation not in matches:
                matches.append(contact.conversation)
        # A whole name does not win over a word of another: whoever comes may state any name, and "Bruno" may be meant for
        # Bruno Martin (S8).
        matches += [ident_ for ident_ in self._by_word(wanted) if ident_ not in matches]
        if len(matches) == 1:
            return bytes(matches[0])
        if not matches:
            raise NotFound(f"nobody here is called {who!r}: `colloque contacts` lists everybody")
        raise NotFound(
            f"more than one here is called {who!r}: use the short name that `colloque contacts` shows"
        )

    def _by_word(self, wanted: str) -> list[bytes]:
        """Everybody one of whose names is `wanted`: "payet" for Dr Anne Payet."""
        rows = self._db.all("SELECT id, name FROM conversation WHERE phase NOT IN ('left', 'removed')")
        known = {ident: slug(name).split("-") for ident, name in rows}
        for contact in self.contacts():
            if contact.conversation in known:
                known[contact.conversation] += slug(contact.profile.name).split("-")
        return [ident for ident, words in known.items() if wanted in words]

    def member(self, conversation: bytes, who: str) -> bytes:
        """The signature key of somebody in a conversation, by name or by the short name of one's own one with them."""
        rows = self._db.all("SELECT key, name FROM peer WHERE conversation = ?", conversation)
        keys = {key for key, _ in rows}
        named = [k for k, name in rows if slug(name) == slug(who) or k.hex() == who]
        known = [c.key for c in self.contacts() if c.short == who.lower() and c.key in keys]
        found = known or named
        if len(set(found)) != 1:
            raise NotFound(f"nobody in this conversation is called {who!r}")
        return found[0]

    def short(self, conversation: bytes) -> str:
        row = self._db.one("SELECT short FROM conversation WHERE id = ?", conversation)
        return "" if row is None else str(row[0])

    def contact(self, conversation: bytes) -> Contact:
        found = next((c for c in self.contacts() if c.conversation == conversation), None)
        if found is None:
            raise NotFound("that is a conversation of several, not one person")
        return found

    def name_of(self, conversation: bytes, key: bytes) -> str:
        """How `key` is called: as this home calls them, or as they state themself."""
        row = self._db.one(
            "SELECT c.name FROM conversation c JOIN peer p ON p.conversation = c.id WHERE c.pair = 1 AND p.key = ?",
            key,
        )
        if row is None:
            row = self._db.one(
                "SELECT name FROM called WHERE conversation = ? AND key = ?", conversation, key
            )
        return "" if row is None else str(row[0])

    def set_verified(self, key: bytes, verified: bool) -> None:
        with self._db.transaction():
            self._db.execute(
                "INSERT INTO contact VALUES (?,?,0) ON CONFLICT (key) DO UPDATE SET verified = excluded.verified",
                *(key, int(verified)),
            )

    def set_blocked(self, key: bytes, blocked: bool) -> None:
        with self._db.transaction():
            self._db.execute(
                "INSERT INTO contact VALUES (?,0,?) ON CONFLICT (key) DO UPDATE SET blocked = excluded.blocked",
                *(key, int(blocked)),
            )


def _hexadecimal(text: str) -> bytes | None:
    try:
        return bytes.fromhex(text)
    except ValueError:
        return None
