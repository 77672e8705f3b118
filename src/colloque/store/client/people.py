"""People and conversations, as they are listed and named."""

from __future__ import annotations

from dataclasses import dataclass

from colloque.protocol.session.model import Phase
from colloque.store.client.database import Database
from colloque.store.client.naming import Candidate, Trust, choose
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
        """The conversation that `who` names: a short name, words of a name, an id or a key (hexadecimal). Raises `NotFound`
        where that is nobody, or may be several (`spec/sessions.md` S8)."""
        ident = _hexadecimal(who)
        if ident is not None and self._db.one("SELECT 1 FROM conversation WHERE id = ?", ident):
            return ident
        found = choose(who, self._candidates())
        if not found and ident is not None:
            found = [c for c in self._candidates() if c.live and ident in self._keys(c.ident)]
        if len(found) == 1:
            return found[0].ident
        if not found:
            raise NotFound(f"nobody here is called {who!r}: `colloque contacts` lists everybody")
        raise NotFound(
            f"more than one here is called {who!r}: use a short name, {', '.join('=' + c.short for c in found)}"
        )

    def _candidates(self) -> list[Candidate]:
        """Every conversation, with its names and how well it is known."""
        own: dict[bytes, Contact] = {contact.conversation: contact for contact in self.contacts()}
        found = []
        for ident, short, name, phase, personal in self._db.all(
            "SELECT id, short, name, phase, personal FROM conversation ORDER BY short"
        ):
            contact = own.get(ident)
            trust = Trust.VERIFIED if contact is not None and contact.verified else Trust(personal)
            names = (name,) if contact is None else (name, contact.profile.name)
            live = Phase(phase) not in (Phase.LEFT, Phase.REMOVED)
            found.append(Candidate(ident, short, names, trust, live))
        return found

    def _keys(self, conversation: bytes) -> list[bytes]:
        rows = self._db.all(
            "SELECT p.key FROM peer p JOIN conversation c ON c.id = p.conversation WHERE c.id = ? AND c.pair = 1",
            conversation,
        )
        return [key for (key,) in rows]

    def member(self, conversation: bytes, who: str) -> bytes:
        """The signature key of somebody in a conversation: as they are called here, or as they state to be called.
        Raises `NotFound` as `find` does: a role is not given to somebody else by a name that sounds like theirs."""
        known = {contact.key: contact for contact in self.contacts()}
        trust = {one.ident: one.trust for one in self._candidates()}
        candidates = []
        for key, name in self._db.all("SELECT key, name FROM peer WHERE conversation = ?", conversation):
            if key.hex() == who:
                return bytes(key)
            contact = known.get(key)
            if contact is None:
                candidates.append(Candidate(key, "", (name,), Trust.STATED))
                continue
            names = (name, contact.name)
            candidates.append(Candidate(key, contact.short, names, trust[contact.conversation]))
        found = choose(who, candidates)
        if len(found) > 1:
            raise NotFound(
                f"more than one in this conversation is called {who!r}: use a short name of `contacts`"
            )
        if not found:
            raise NotFound(f"nobody in this conversation is called {who!r}")
        return found[0].ident

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
            "SELECT c.name FROM conversation c JOIN peer p ON p.conversation = c.id WHERE c.pair = 1 AND p.key = ?"
            # In a conversation of two it is the other side's name, and nobody else's.
            " AND (c.host = p.key OR c.host NOT IN (SELECT key FROM peer WHERE conversation = c.id))"
            " ORDER BY c.id != ?, c.phase != 'open', c.short",
            *(key, conversation),
        )
        if row is None:
            row = self._db.one(
                "SELECT name FROM called WHERE key = ? ORDER BY conversation != ?", key, conversation
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
