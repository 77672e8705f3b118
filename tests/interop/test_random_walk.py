"""Anything by anybody, in any order: members of both kinds end in one epoch with equal secrets, or refuse alike.

`make test` walks a little; `make long` a thousand operations in each of four suites.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from .member import Member, Received, Refused
from .node_member import Node
from .python_member import BRANCH
from .room import Cast, Room, opened

MOST = 7
KEPT_EPOCHS = 6
"""Both kinds keep at least so many past epochs: what is later is not delivered here."""
pick = st.integers(0, 1 << 16)


@dataclass(frozen=True)
class Letter:
    """An application message under way to one member. `taken`: it was delivered before, and is so again."""

    message: bytes
    text: bytes
    author: int
    to: Member
    epoch: int
    group: bytes
    taken: bool = False


class Walk(RuleBasedStateMachine):
    """Leaf 0 stays with whoever has it: without it ts-mls derives another commit secret (`ts_mls_limits.py`)."""

    cast: Cast
    operations = 0

    def __init__(self) -> None:
        super().__init__()
        self.outside: list[Member] = self.cast.alternating(MOST, "ts-mls")
        self.room = Room(self.outside.pop())
        self.room.commit(self.room.members[0], add=[self.outside.pop(), self.outside.pop()])
        self.mail: list[Letter] = []
        self.waiting: dict[str, list[Member]] = {"add": [], "remove": []}
        self.psks: dict[bytes, bytes] = {}
        self.pending = False
        self.names = 0

    # --- who and what ---

    def one(self, at: int, fits: Callable[[Member], bool] = lambda _: True) -> Member | None:
        found = [member for member in self.room.members if fits(member)]
        return found[at % len(found)] if found else None

    def leaving(self, by: Member) -> Callable[[Member], bool]:
        return lambda member: member is not by and member.view().own_leaf != 0

    def count(self) -> None:
        type(self).operations += 1

    def settle(self, gone: list[Member]) -> None:
        """After a commit: nothing waits, the removed are outside, and so are those who could not join."""
        self.outside += [*gone, *self.room.stranded]
        self.mail = [letter for letter in self.mail if letter.to not in gone]
        self.waiting = {"add": [], "remove": []}
        self.psks, self.pending = {}, False
        self.count()

    # --- commits ---

    @rule(at=pick, path=st.booleans(), public=st.booleans(), more=st.integers(0, 2), fewer=st.integers(0, 1))
    def commit(self, at: int, path: bool, public: bool, more: int, fewer: int) -> None:
        """With all that waits, and additions, removals or a key of its own."""
        self.room.public = public
        fits = lambda m: m not in self.waiting["remove"]  # noqa: E731
        by = self.one(at, fits)
        assert by is not None
        if by.kind == "python" and self.updates_of(by):
            return
        free = MOST - len(self.room.members) - len(self.waiting["add"])
        new = [self.outside.pop() for _ in range(min(more, free, len(self.outside)))]
        out = self.one(
            at >> 4,
            lambda m: self.leaving(by)(m) and m not in self.waiting["remove"] and m not in self.touched,
        )
        gone = (
            [out]
            if fewer and out is not None and len(self.room.members) - len(self.waiting["remove"]) > 2
            else []
        )
        by_reference = dict(self.psks)
        keys = {b"by value %d" % self.names: bytes([self.names % 256]) * 32} if at % 3 == 0 else {}
        self.names += 1
        needs = bool(gone or self.waiting["remove"] or self.touched) or not (new or keys or self.pending)
        self.room.commit(
            by,
            add=new,
            remove=gone,
            psks=keys or None,
            proposed_psks=by_reference or None,
            path=path or needs,
            proposed_add=self.waiting["add"],
            proposed_remove=self.waiting["remove"],
        )
        self.touched = []
        self.settle([*gone, *self.waiting["remove"]])

    touched: list[Member]  # those whose Update waits

    def updates_of(self, member: Member) -> bool:
        return member in self.touched

    @rule(at=pick)
    def race(self, at: int) -> None:
        """Two commit at once: the second is refused by whoever took the first, and its author drops it."""
        if self.pending:
            return
        first, second = self.one(at), self.one(at + 1)
        if first is None or second is None or first is second:
            return
        lost = second.commit()
        second.drop()
        self.room.commit(first)
        for member in self.room.members:
            with pytest.raises(Refused):
                member.process(lost.message)
        self.settle([])

    # --- proposals ---

    @rule(at=pick, public=st.booleans(), what=st.sampled_from(["update", "add", "remove", "psk", "ask"]))
    def propose(self, at: int, public: bool, what: str) -> None:
        by = self.one(at)
        assert by is not None
        message: bytes | None = None
        free = [m for m in self.room.members if m not in (*self.touched, *self.waiting["remove"])]
        if what == "update" and by.kind == "python" and by in free and len(free) > 1:
            message = self.cast.update_of(by, public=public)
            self.touched = [*self.touched, by]
        elif (
            what in ("add", "ask")
            and self.outside
            and len(self.room.members) + len(self.waiting["add"]) < MOST
        ):
            who = self.outside.pop()
            self.waiting["add"].append(who)
            if what == "add":
                message = by.propose_add(who.key_package(), public=public)
            else:
                asked = who.ask(by.group_info(bare=who.kind == "ts-mls"))
                assert all(member.process(asked).kind == "proposal" for member in self.room.members)
                self.pending = True
        elif what == "remove":
            # Somebody has to be left who may commit all that waits.
            gone = self.one(at >> 4, lambda m: bool(m.view().own_leaf) and m in free and len(free) > 1)
            if gone is not None and len(self.room.members) - len(self.waiting["remove"]) > 2:
                message = by.propose_remove(gone.view().own_leaf, public=public)
                self.waiting["remove"].append(gone)
        elif what == "psk":
            ident = b"proposed %d" % self.names
            self.names += 1
            message = by.propose_psk(ident, public=public)
            self.psks[ident] = b"secret of " + ident
        if message is not None:
            self.room.propose(by, message)
            self.pending = True
        self.count()

    # --- from outside, and other groups ---

    @precondition(lambda self: not self.pending)
    @rule(at=pick, resync=st.booleans())
    def enter(self, at: int, resync: bool) -> None:
        self.room.stranded = []
        if resync:
            who = self.one(at)
            assert who is not None
            if not self.room.enter(who, resync=True):
                return
            self.mail = [letter for letter in self.mail if letter.to is not who]
        elif self.outside and len(self.room.members) < MOST:
            who = self.outside.pop()
            if not self.room.enter(who):
                self.outside.insert(0, who)
                return
        self.settle([])

    @precondition(lambda self: not self.pending)
    @rule(at=pick, ends=st.booleans())
    def follow(self, at: int, ends: bool) -> None:
        """The group is ended and founded anew, or goes on as a branch of some of its members."""
        founder = self.one(at)
        assert founder is not None
        staying = list(self.room.members)
        if ends:
            by = self.one(at >> 4)
            assert by is not None
            message = by.reinit(b"next %d" % self.names)
            by.merge()
            for member in staying:
                if member is not by:
                    member.process(message)
            self.names += 1
        elif founder.view().group_id == BRANCH:
            return
        others = [member for member in staying if member is not founder]
        if not ends and len(others) > 1:
            self.outside.append(others.pop())
        sent = founder.follow([member.key_package() for member in others], None if ends else BRANCH)
        for member in others:
            member.join_following(sent, branch=not ends)
        self.room.members, self.room.stranded, self.mail = [founder, *others], [], []
        self.room.agree()
        self.settle([])

    # --- messages ---

    @precondition(lambda self: not self.pending)
    @rule(at=pick, words=st.binary(max_size=64))
    def write(self, at: int, words: bytes) -> None:
        by = self.one(at)
        assert by is not None
        view = by.view()
        message = by.send(words, b"beside")
        self.mail += [
            Letter(message, words, view.own_leaf, member, view.epoch, view.group_id)
            for member in self.room.members
            if member is not by
        ]
        self.count()

    @precondition(lambda self: bool(self.mail))
    @rule(at=pick, lost=st.booleans(), again=st.booleans())
    def deliver(self, at: int, lost: bool, again: bool) -> None:
        """In any order, some never, some twice."""
        letter = self.mail.pop(at % len(self.mail))
        late = letter.to.view().epoch - letter.epoch
        if lost or late > KEPT_EPOCHS:
            return
        received: Received = letter.to.process(letter.message)
        opened(received, letter.text, b"beside")
        assert (received.sender, received.epoch) == (letter.author, letter.epoch)
        if again:
            with pytest.raises(Refused):
                letter.to.process(letter.message)
        self.count()

    @precondition(lambda self: bool(self.mail))
    @rule(at=pick, where=pick, bit=st.integers(0, 7))
    def spoil(self, at: int, where: int, bit: int) -> None:
        """One bit of a message is wrong: refused, and the message itself still opens later."""
        letter = self.mail[at % len(self.mail)]
        place = where % len(letter.message)
        data = bytearray(letter.message)
        data[place] ^= 1 << bit
        with pytest.raises(Refused):
            letter.to.process(bytes(data))
        self.count()

    @rule(at=pick)
    def restart(self, at: int) -> None:
        """Saved to bytes and loaded, at any point."""
        who = self.one(at)
        assert who is not None
        if who.kind == "ts-mls" and any(member.view().own_leaf == 0 for member in self.touched):
            # Its stored state forgets who proposed, where that is leaf 0: see docs/ts-mls.md.
            return
        who.load(who.save())
        self.count()

    @invariant()
    def all_agree(self) -> None:
        views = [member.view() for member in self.room.members]
        assert all(view == views[0] for view in views)

    def teardown(self) -> None:
        for member in self.room.members if hasattr(self, "room") else ():
            assert member.view().epoch >= 0


def walk(node: Node, number: int, steps: int, examples: int) -> int:
    """The number of operations that were done."""
    kind = type("Walk", (Walk,), {"cast": Cast(node, number), "operations": 0, "touched": []})
    run_state_machine_as_test(
        kind,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
    done: int = kind.operations  # type: ignore[attr-defined]
    return done


@pytest.mark.parametrize("number", [1, 83])
def test_a_short_walk(node: Node, number: int) -> None:
    assert walk(node, number, 30, 4) > 60


@pytest.mark.long
@pytest.mark.parametrize("number", [1, 3, 7, 83])
def test_a_long_walk(node: Node, number: int) -> None:
    done = 0
    while done < 1_000:
        done += walk(node, number, 50, 25)
    print(done, "operations")
