"""One group, a thousand operations long: members of both kinds, in an order that a printed seed decides.

`test_random_walk.py` says what may happen, and hypothesis walks it in many short lives; here one life goes on, members miss
commits and get them late and out of order, and what is refused is refused by both kinds for the same reason.
"""

from __future__ import annotations

import random
import re
import secrets
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from .member import Member, Refused
from .node_member import Node
from .room import Cast, opened
from .test_random_walk import Walk

REASONS = {
    "used": ("GenerationUsed", "Desired gen in the past"),
    "later": ("FutureEpoch", "Could not verify membership|OperationError|invalid tag"),
    "former": (
        "WrongEpoch",
        "former epoch|epoch too old|Desired gen in the past|Could not verify membership",
    ),
    "another group": ("UnknownGroup", "OperationError|invalid tag"),
    "changed": ("DecryptionFailed", "OperationError|invalid tag"),
}
"""What is wrong with a message; how Python names it, and ts-mls. ts-mls does not compare
epochs that are to come, nor group ids: it finds that a tag does not fit or that nothing opens. Of a commit that was taken it may
see the used key first. The cause is the same; its words for it are these."""


class Life(Walk):
    """Steps are drawn by `source`, not by hypothesis."""

    def begin(self, source: random.Random) -> None:
        self.source = source
        self.done: Counter[str] = Counter()
        self.refusals: Counter[tuple[str, str]] = Counter()

    @contextmanager
    def refused(self, who: Member, reason: str) -> Iterator[None]:
        """By that member for that reason, after which it is as it was."""
        before = who.view()
        with pytest.raises(Refused) as caught:
            yield
        named = REASONS[reason][0 if who.kind == "python" else 1]
        assert re.search(named, str(caught.value)), f"{who.kind}, {reason}: {caught.value}"
        assert who.view() == before
        self.refusals[(who.kind, reason)] += 1

    def late(self) -> None:
        """Two commits, and mail between: one member gets them after the others, the second first, all from an older state."""
        if self.pending or len(self.room.members) < 3:
            return
        by, then, held = self.source.sample(self.room.members, 3)
        stored = held.save()
        first = self.room.commit(by, psks={b"late": b"l" * 32} if self.source.random() < 0.5 else None)
        text = self.source.randbytes(20)
        mail = then.send(text)
        second = self.room.commit(then)
        held.load(stored)
        with self.refused(held, "later"):
            held.process(second.message)
        with self.refused(held, "later"):
            held.process(mail)
        held.process(first.message, psks={b"late": b"l" * 32})
        if self.source.random() < 0.5:
            held.load(held.save())
        with self.refused(held, "former"):
            held.process(first.message, psks={b"late": b"l" * 32})
        held.process(second.message)
        opened(held.process(mail), text)
        with self.refused(held, "used"):
            held.process(mail)
        for member in self.room.members:
            if member not in (held, then):
                opened(member.process(mail), text)
        self.settle([])

    def wrong(self) -> None:
        """The same wrong message to everybody: all refuse it, for one reason."""
        if self.pending:
            return
        by = self.source.choice(self.room.members)
        others = [member for member in self.room.members if member is not by]
        message = by.send(b"x" * self.source.randrange(40), b"beside")
        changed = message[:-1] + bytes([message[-1] ^ 1])
        at = message.index(by.view().group_id)
        foreign = message[:at] + bytes([message[at] ^ 1]) + message[at + 1 :]
        for member in others:
            with self.refused(member, "changed"):
                member.process(changed)
            with self.refused(member, "another group"):
                member.process(foreign)
            member.process(message)
            with self.refused(member, "used"):
                member.process(message)

    def finish(self) -> None:
        """A last commit of whatever waits, by somebody who may make it."""
        while self.pending or self.touched:
            self.commit(self.source.randrange(1 << 16), True, False, 0, 0)

    def host_updates(self) -> bool:
        """ts-mls 1.6.4 saves a waiting Update of leaf 0 without its author (`docs/ts-mls.md`)."""
        return any(member.view().own_leaf == 0 for member in self.touched)

    def step(self) -> None:
        draw = self.source.randrange
        at, yes, no = draw(1 << 16), draw(2) == 1, draw(2) == 1
        quiet = not self.pending
        steps: dict[str, tuple[bool, Callable[[], object]]] = {
            "commit": (True, lambda: self.commit(at, yes, no, draw(3), draw(2))),
            "race": (quiet, lambda: self.race(at)),
            "propose": (
                True,
                lambda: self.propose(at, yes, self.source.choice(["update", "add", "remove", "psk", "ask"])),
            ),
            "enter": (quiet, lambda: self.enter(at, yes)),
            "follow": (quiet and self.source.random() < 0.2, lambda: self.follow(at, yes)),
            "write": (quiet, lambda: self.write(at, self.source.randbytes(draw(64)))),
            "deliver": (bool(self.mail), lambda: self.deliver(at, draw(5) == 0, no)),
            "spoil": (bool(self.mail), lambda: self.spoil(at, draw(1 << 16), draw(8))),
            "restart": (not self.host_updates(), lambda: self.restart(at)),
            "late": (quiet, self.late),
            "wrong": (quiet, self.wrong),
        }
        name = self.source.choice([name for name, (fits, _) in steps.items() if fits])
        steps[name][1]()
        self.done[name] += 1
        self.all_agree()


def live(node: Node, number: int, operations: int) -> Life:
    seed = secrets.randbits(32)
    kind = type("Life", (Life,), {"cast": Cast(node, number), "operations": 0, "touched": []})
    life: Life = kind()
    life.begin(random.Random(seed))
    try:
        while sum(life.done.values()) < operations:
            life.step()
        life.finish()
        life.room.everybody_speaks()
        life.room.agree()
    except BaseException as error:
        error.add_note(f"suite {number}, seed {seed}, after {dict(life.done)}")
        raise
    print(f"suite {number}, seed {seed}: {dict(life.done)}; refused alike {dict(life.refusals)}")
    return life


@pytest.mark.parametrize("number", [1, 83])
def test_a_life(node: Node, number: int) -> None:
    life = live(node, number, 150)
    assert len(life.done) >= 10
    assert {kind for kind, _ in life.refusals} == {"python", "ts-mls"}


@pytest.mark.long
@pytest.mark.parametrize("number", [1, 3, 7, 83])
def test_a_long_life(node: Node, number: int) -> None:
    life = live(node, number, 1_000)
    assert len(life.done) == 11
    assert len(life.refusals) == 2 * len(REASONS)
