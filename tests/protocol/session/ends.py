"""People's ends without a network: real homes, real rules, a fake clock, and a pipe that the test holds in its hand.

An end does in one `turn` what the engine does in a round, in its order: queues, errands, reading, encrypting, sending.
Time and randomness come from the world alone: anything else that is asked for the time or for randomness fails the test.
"""

from __future__ import annotations

import logging
import os
import random
import secrets
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

from colloque.mls.api import Group
from colloque.protocol.session.answer import convene
from colloque.protocol.session.greet import Host, greet
from colloque.protocol.session.hosting import Hosting
from colloque.protocol.session.model import Identity, Talk
from colloque.store.client import errands
from colloque.store.client.database import DATABASE, Database
from colloque.store.client.home import Home
from colloque.store.client.outbox import Outgoing
from colloque.store.client.vault import DatabaseKey
from colloque.wire.content.text import Text
from colloque.wire.envelope import seal
from colloque.wire.frames.position import Position
from colloque.wire.invitation import Invitation
from colloque.wire.profile import Profile
from tests.protocol.session.pipe import Pipe

RELAY = "https://relay.example"
START = 1_800_000_000_000
HOUR = 3_600_000
KEY = DatabaseKey(bytes(range(32)))
NAMES = ("anne", "bruno", "chloe", "david", "emma")


def _never(*_: object, **__: object) -> Any:
    raise AssertionError("a rule asked the machine for the time, or for randomness")


@contextmanager
def only_what_is_given() -> Iterator[None]:
    """The machine's clock and randomness raise."""
    with (
        mock.patch.object(os, "urandom", _never),
        mock.patch.object(secrets, "token_bytes", _never),
        mock.patch.object(random, "random", _never),
        mock.patch.object(time, "time", _never),
        mock.patch.object(time, "time_ns", _never),
    ):
        yield


@dataclass
class Way:
    """How one turn goes. `reads`: envelopes taken at most; `sends`: accepted at most. Unlucky ones are done at the relay, or
    here, and the other side never hears of it: `deaf` after sending, `mute` after reading."""

    reads: int = 1 << 30
    sends: int = 1 << 30
    deaf: bool = False
    mute: bool = False


@dataclass
class End:
    name: str
    folder: Path
    world: World
    skew: int = 0
    home: Home = field(init=False)

    def __post_init__(self) -> None:
        self.open()

    def open(self) -> None:
        self.home = Home(self.folder, Database(self.folder, KEY), self.world.random, self.now)
        self.home.database.execute("PRAGMA synchronous=OFF")

    def put_back(self, copy: Path) -> None:
        """Its files are what they were when `copy` was taken."""
        self.close()
        for ending in ("-wal", "-shm"):
            (self.folder / (DATABASE + ending)).unlink(missing_ok=True)
        shutil.copyfile(copy / DATABASE, self.folder / DATABASE)
        self.open()

    def now(self) -> int:
        return self.world.now + self.skew

    @property
    def key(self) -> bytes:
        return self.home.identity.key

    def talk(self, conversation: bytes) -> Talk | None:
        return self.home.talks.load(conversation)

    def turn(self, way: Way | None = None) -> bool:
        """Whether anything was done."""
        with only_what_is_given():
            return self._turn(way or Way())

    def _turn(self, way: Way) -> bool:
        home, pipe = self.home, self.world.pipe
        progress = self._queues() | self._errands()
        drained: set[bytes] = set()
        left = way.reads
        for stored in home.queues.in_state("made"):
            took, rest = self._read(stored.queue.id, stored.queue.read, left, way.mute)
            left -= took
            progress |= took > 0
            if not rest:
                drained.add(stored.queue.id)
        ctx = home.context()
        for ident in home.outbox.owing(ctx.now):
            if self._drained(ident, drained):
                home.outbox.receipts(ctx, ident, home.tells_reading)
        for ident in home.outbox.to_encrypt(ctx.now):
            if self._drained(ident, drained):
                progress |= home.outbox.encrypt(ctx, ident) > 0
        self.world.note_payloads(self)
        left = way.sends
        while left > 0 and (heads := self._in_line(ctx.now)):
            for head in heads[:left]:
                left -= 1
                home.outbox.begin([head])
                taken = pipe.send(head.write, seal(head.key, head.part, home.random))
                progress = True
                if way.deaf:
                    left = 0
                    break
                (home.outbox.accepted if taken else home.outbox.refused)(ctx, head)
        line = home.outbox.to_encrypt(ctx.now)
        home.upkeep.tick(ctx)
        return progress or bool(self._in_line(ctx.now)) or home.outbox.to_encrypt(ctx.now) != line

    def _in_line(self, now: int) -> list[Outgoing]:
        outbox = self.home.outbox
        lines = [line for relay in outbox.relays(now) for line in outbox.lines(relay, now)]
        return [outgoing for line in lines for outgoing in line]

    def _drained(self, conversation: bytes, drained: set[bytes]) -> bool:
        queues = self.home.outbox.queues_of(conversation)
        return bool(queues) and set(queues) <= drained

    def _queues(self) -> bool:
        wanted, unwanted = (
            self.home.queues.in_state("wanted"),
            self.home.queues.unwanted(self.home.identity.relay),
        )
        for one in wanted:
            self.world.pipe.make(one.queue)
            self.home.queues.set_state(one.queue.id, "made")
        for one in unwanted:
            self.world.pipe.drop(one.queue.read)
            self.home.queues.set_state(one.queue.id, "gone")
        return bool(wanted or unwanted)

    def _errands(self) -> bool:
        due = errands.due(self.home.database, self.now(), self.home.identity.relay)
        for one in due:
            if one.kind == "drop-writers":
                hashes = [one.arguments[at : at + 32] for at in range(32, len(one.arguments), 32)]
                self.world.pipe.drop_writers(one.arguments[:32], hashes)
            elif one.kind == "publish":
                self.home.invitations.ready(one.arguments)
            with self.home.database.transaction():
                errands.done(self.home.database, one.n)
        return bool(due)

    def _read(self, ident: bytes, read: bytes, most: int, mute: bool) -> tuple[int, int]:
        """(how many were taken, how many still wait)."""
        line = self.world.pipe.lines.get(read)
        if line is None:
            self.home.queues.set_state(ident, "wanted")
            return 1, 1
        self.home.upkeep_queue_position(ident, line.confirmed)
        burst = line.waiting[:most]
        for at, envelope in burst:
            before = self.home.queues.position(ident)
            self.home.intake.take(self.home.context(), ident, at.incarnation, at.sequence, envelope)
            assert self.home.queues.position(ident) >= before
        rest = len(line.waiting) - len(burst)
        if burst and not mute and read in self.world.pipe.lines:
            self.world.pipe.confirm(read, Position(*self.home.queues.position(ident)))
        return len(burst), rest

    # --- what people do ---

    def write(self, conversation: bytes, text: str) -> bytes:
        ident = self.home.random(16)
        self.home.messages.write(self.home.context(), conversation, ident, Text(text), None)
        return ident

    def run(self, conversation: bytes, rule: Callable[..., Any], *more: Any) -> None:
        """One rule on one conversation, by a person's wish; raises what it raises."""
        ctx = self.home.context()
        with only_what_is_given(), self.home.database.transaction():
            self.home.steps.run(ctx, conversation, lambda talk: rule(ctx, talk, *more))

    def texts_of(self, conversation: bytes, author: bytes) -> list[str]:
        """What came from one author, in the order in which it is shown."""
        shown = self.home.messages.history(conversation)
        return [e.text for e in shown if e.author == author and e.kind == "text" and e.state == "here"]

    def notices(self, conversation: bytes) -> list[dict[str, Any]]:
        return [e.notice for e in self.home.messages.history(conversation) if e.notice]

    def close(self) -> None:
        self.home.close()


class World:
    """Some people, one pipe, one clock."""

    def __init__(self, folder: Path, seed: int = 0) -> None:
        self.folder = folder
        self.now = START
        self.pipe = Pipe()
        self.random = random.Random(seed).randbytes
        self.ends: list[End] = []
        self.payloads: dict[bytes, bytes] = {}
        """Every MLS message that was ever made, with its maker's key."""
        self.unforeseen: list[str] = []

    def person(self, name: str) -> End:
        folder = self.folder / name
        folder.mkdir(parents=True)
        end = End(name, folder, self)
        end.home.set_identity(Identity(self.random(32), Profile(f"Dr {name.title()}"), RELAY, b"token"))
        self.ends.append(end)
        return end

    def note_payloads(self, end: End) -> None:
        for (payload,) in end.home.database.all("SELECT bytes FROM payload WHERE kind = 2"):
            self.payloads.setdefault(payload, end.key)

    def pair(self, host: End, guest: End) -> bytes:
        """`guest` follows a personal link of `host`'s."""
        ident = host.home.invitations.invite(host.home.context(), guest.name, 7 * 86_400)
        host.turn()
        published = host.home.invitations.publication(ident, b"")
        assert published is not None
        i = Invitation.decode(published.body)
        shown = Host(i.signature_key, i.profile, i.queue, i.hpke_key, i.grant)
        ctx = guest.home.context()
        with guest.home.database.transaction():
            talk, effects = greet(ctx, published.link, shown)
            guest.home.steps.begin(ctx, talk, effects)
        return talk.conversation.id

    def convene(self, host: End, name: str, pairs: list[tuple[End, bytes]]) -> bytes:
        ctx = host.home.context()
        with host.home.database.transaction():
            talk, effects = convene(ctx, name)
            host.home.steps.begin(ctx, talk, effects)
            host.home.steps.ask(ctx, talk.conversation.id, [(end.key, pair) for end, pair in pairs])
        return talk.conversation.id

    def calm(self, most: int = 60) -> None:
        """The pipe works, everybody is there, and all that can be done is done."""
        for _ in range(most):
            if not sum(end.turn() for end in self.ends):
                return
        raise AssertionError("it never comes to rest")

    def close(self) -> None:
        for end in self.ends:
            end.close()


def whole(talk: Talk) -> tuple[object, ...]:
    """A conversation's state, to be compared: a group by its bytes, since what was read back is another object."""
    return talk.conversation, talk.hosting, tuple(group.to_bytes() for group in talk.groups)


def check_stored(end: End, conversation: bytes) -> None:
    """What is in the tables is what the rules gave: nothing lives in memory only."""
    held = end.talk(conversation)
    if held is None:
        return
    fresh = type(end.home.talks)(end.home.database).load(conversation)
    assert fresh is not None
    assert whole(fresh) == whole(held)
    assert all(Group.from_bytes(g.to_bytes()).to_bytes() == g.to_bytes() for g in held.groups)
    assert held.hosting is None or Hosting.decode(held.hosting.encode()) == held.hosting


def copy_home(end: End, target: Path) -> None:
    """The home's files as they are between two turns."""
    end.home.database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    target.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(end.folder / DATABASE, target / DATABASE)


@contextmanager
def nothing_unforeseen() -> Iterator[None]:
    """The intake sets even the unforeseen aside, and logs it: here that is a failure."""
    found: list[str] = []

    class Found(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            found.append(record.getMessage())

    handler = Found(logging.ERROR)
    logger = logging.getLogger("colloque")
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
    assert not found, found
