"""Conversations with their MLS states, to and from the tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from colloque.mls.api import Group
from colloque.protocol.session.hosting import Hosting
from colloque.protocol.session.model import Conversation, OwnQueue, Peer, Phase, Talk
from colloque.store.client.database import Database
from colloque.store.client.naming import Candidate, Trust, slug
from colloque.wire.address import QueueAddress
from colloque.wire.profile import Profile


class Talks:
    """Loads and saves `Talk`s. MLS states are kept in memory as long as the table's `version` says that they are current."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._cache: dict[bytes, tuple[int, Talk]] = {}
        database.on_rollback.append(self._cache.clear)

    def load(self, ident: bytes) -> Talk | None:
        row = self._db.one(
            "SELECT name, pair, phase, host, second_host, queue, recovery, revision, number, succession, welcome_psk,"
            " renewed_at, committed_at, hosting, version FROM conversation WHERE id = ?",
            ident,
        )
        if row is None:
            return None
        cached = self._cache.get(ident)
        if cached is not None and cached[0] == row[14]:
            return cached[1]
        conversation = Conversation(
            ident,
            row[0],
            bool(row[1]),
            Phase(row[2]),
            row[3],
            self.queue(row[5]),
            self._peers(ident),
            second_host=row[4],
            recovery=row[6],
            revision=row[7],
            number=row[8],
            succession=row[9],
            welcome_psk=row[10],
            renewed_at=row[11],
            committed_at=row[12],
        )
        states = self._db.all("SELECT state FROM mls_group WHERE conversation = ? ORDER BY place", ident)
        hosting = None if row[13] is None else Hosting.decode(row[13])
        talk = Talk(conversation, tuple(Group.from_bytes(state) for (state,) in states), hosting)
        self._cache[ident] = (row[14], talk)
        return talk

    def _peers(self, ident: bytes) -> tuple[Peer, ...]:
        rows = self._db.all(
            "SELECT key, name, profession, rpps, address, my_writer, head FROM peer WHERE conversation = ? ORDER BY place",
            ident,
        )
        return tuple(
            Peer(
                key,
                Profile(name, profession, rpps),
                None if address is None else QueueAddress.decode(address),
                my_writer,
                head,
            )
            for key, name, profession, rpps, address, my_writer, head in rows
        )

    def queue(self, ident: bytes) -> OwnQueue:
        return own_queue(
            self._db.one("SELECT id, relay, read_cap, key, writers, grant_ FROM queue WHERE id = ?", ident)
        )

    def save(self, talk: Talk) -> None:
        """Within the caller's transaction; the conversation's queue must be in its table already."""
        c = talk.conversation
        old = self._db.one("SELECT version FROM conversation WHERE id = ?", c.id)
        version = 1 if old is None else old[0] + 1
        before = self._cache.pop(c.id, None)
        if old is None:
            self._db.execute(
                "INSERT INTO conversation VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,NULL,0,0)",
                *(
                    c.id,
                    self._free_short(c.name),
                    c.name,
                    int(c.pair),
                    c.phase,
                    c.host,
                    c.second_host,
                    c.queue.id,
                ),
                *(
                    c.recovery,
                    c.revision,
                    c.number,
                    c.succession,
                    c.welcome_psk,
                    c.renewed_at,
                    c.committed_at,
                ),
            )
        self._db.execute(
            "UPDATE conversation SET name=?, pair=?, phase=?, host=?, second_host=?, queue=?, recovery=?, revision=?,"
            " number=?, succession=?, welcome_psk=?, renewed_at=?, committed_at=?, hosting=?, version=? WHERE id=?",
            *(
                c.name,
                int(c.pair),
                c.phase,
                c.host,
                c.second_host,
                c.queue.id,
                c.recovery,
                c.revision,
                c.number,
            ),
            *(c.succession, c.welcome_psk, c.renewed_at, c.committed_at),
            *(None if talk.hosting is None else talk.hosting.encode(), version, c.id),
        )
        known = before[1] if before is not None and old is not None and before[0] == old[0] else None
        if known is None or known.conversation.peers != c.peers:
            self._save_peers(c)
        self._save_groups(talk, known)

    def remember(self, talk: Talk) -> None:
        """After the commit: what was saved need not be read again."""
        row = self._db.one("SELECT version FROM conversation WHERE id = ?", talk.conversation.id)
        if row is not None:
            self._cache[talk.conversation.id] = (row[0], talk)

    def _save_peers(self, c: Conversation) -> None:
        self._db.execute("DELETE FROM peer WHERE conversation = ?", c.id)
        for place, p in enumerate(c.peers):
            self._db.execute("INSERT OR REPLACE INTO called VALUES (?,?,?)", c.id, p.key, p.profile.name)
            self._db.execute(
                "INSERT INTO peer VALUES (?,?,?,?,?,?,?,?,?)",
                *(c.id, place, p.key, p.profile.name, p.profile.profession, p.profile.rpps),
                *(None if p.address is None else p.address.encode(), p.my_writer, p.head),
            )

    def _save_groups(self, talk: Talk, known: Talk | None) -> None:
        ident = talk.conversation.id
        old = known.groups if known is not None else ()
        for place, group in enumerate(talk.groups):
            if known is None or place >= len(old) or old[place] is not group:
                self._db.execute(
                    "INSERT OR REPLACE INTO mls_group VALUES (?,?,?)", ident, place, group.to_bytes()
                )
        self._db.execute(
            "DELETE FROM mls_group WHERE conversation = ? AND place >= ?", ident, len(talk.groups)
        )

    def _free_short(self, name: str) -> str:
        """One that means nobody yet, so that whoever comes cannot take what one types for somebody else (S8)."""
        taken = {row[0] for row in self._db.all("SELECT short FROM conversation")}
        names = self._db.all(
            "SELECT name FROM conversation WHERE phase NOT IN ('left', 'removed') UNION SELECT p.name FROM peer p"
            " JOIN conversation c ON c.id = p.conversation WHERE c.pair = 1 AND c.phase NOT IN ('left', 'removed')"
        )
        known = [Candidate(b"", "", (each,), Trust.STATED) for (each,) in names]
        base = slug(name)
        count, short = 1, base
        while short in taken or any(one.answers_to(short) for one in known):
            count += 1
            short = f"{base}-{count}"
        return short

    def mark_personal(self, ident: bytes) -> None:
        """This home named it, or came to it by a link that was given to it alone."""
        self._db.execute("UPDATE conversation SET personal = 1 WHERE id = ?", ident)


def own_queue(row: Sequence[Any]) -> OwnQueue:
    """From the columns id, relay, read_cap, key, writers, grant_."""
    ident, relay, read, key, writers, grant = row
    pieces = tuple(writers[at : at + 32] for at in range(0, len(writers), 32))
    return OwnQueue(ident, relay, read, key, pieces, grant)


def renamed(talk: Talk, name: str) -> Talk:
    return replace(talk, conversation=replace(talk.conversation, name=name))
