"""A group of members of both kinds: what one does is handed to all, and then all must be of one mind."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from itertools import count

import pytest

from colloque.mls.api import Policy

from .member import Member, Psks, Received, Refused, Sent, View
from .node_member import Node, NodeMember
from .python_member import PythonMember
from .ts_mls_limits import cannot_join, misses_its_removal

_numbers = count()


class Room:
    """After every step each Python member goes through bytes and back, and views are compared.

    `stranded`: ts-mls members that the last commit added and that could not join (`cannot_join`).
    """

    def __init__(self, creator: Member, *, public: bool = False, tree_in_welcome: bool = True) -> None:
        self.members: list[Member] = [creator]
        self.stranded: list[Member] = []
        self.suite = creator.suite
        self.public = public
        self.tree_in_welcome = tree_in_welcome
        creator.create(secrets.token_bytes(16))

    def commit(
        self,
        by: Member,
        *,
        add: Sequence[Member] = (),
        remove: Sequence[Member] = (),
        psks: Psks | None = None,
        proposed_psks: Psks | None = None,
        extensions: Sequence[tuple[int, bytes]] | None = None,
        path: bool = True,
        proposed_add: Sequence[Member] = (),
        proposed_remove: Sequence[Member] = (),
    ) -> Sent:
        """By value: `add`, `remove`, `psks`. `proposed_…`: what proposals that wait will do."""
        leaves = [self.leaf(by, member) for member in remove]
        seats = {id(member): member.view().own_leaf for member in self.members}
        sent = by.commit(
            add=[member.key_package() for member in add],
            remove=leaves,
            psks=psks,
            known_psks=proposed_psks,
            extensions=extensions,
            path=path,
            public=self.public,
            tree_in_welcome=self.tree_in_welcome,
        )
        by.merge()
        after = by.view()
        gone = [*remove, *proposed_remove]
        known = {**(psks or {}), **(proposed_psks or {})}
        for member in self.members:
            if member is by:
                continue
            if member in gone and member.kind == "ts-mls" and misses_its_removal(seats[id(member)], after):
                with pytest.raises(Refused, match="InternalError"):
                    member.process(sent.message, psks=known)
                continue
            received = member.process(sent.message, psks=known)
            assert (received.kind, received.sender) == ("commit", seats[id(by)])
            assert received.self_removed == (member in gone)
        self.members = [member for member in self.members if member not in gone]
        self._welcome(by, [*add, *proposed_add], sent, known)
        self.agree()
        return sent

    def _welcome(self, by: Member, newcomers: Sequence[Member], sent: Sent, psks: Psks) -> None:
        assert (sent.welcome is not None) == bool(newcomers)
        assert (sent.ratchet_tree is not None) == (bool(newcomers) and not self.tree_in_welcome)
        self.stranded = []
        if sent.welcome is None:
            return
        refused_by_ts_mls = cannot_join(self.suite, by.view().tree)
        for member in newcomers:
            if refused_by_ts_mls and member.kind == "ts-mls":
                with pytest.raises(Refused, match="unmerged_leaves"):
                    member.join(sent.welcome, sent.ratchet_tree, psks)
                self.stranded.append(member)
            else:
                member.join(sent.welcome, sent.ratchet_tree, psks)
                self.members.append(member)
        if self.stranded:
            self._take_out(by, self.stranded)

    def _take_out(self, by: Member, stranded: Sequence[Member]) -> None:
        """A commit that removes those who could not join."""
        sent = by.commit(remove=[self.leaf(by, member) for member in stranded], public=self.public)
        by.merge()
        for member in self.members:
            if member is not by:
                member.process(sent.message)

    def enter(self, who: Member, *, resync: bool = False) -> bool:
        """`who` comes in by a commit of its own, through whichever of the others is the first; False where it cannot."""
        through = next(member for member in self.members if member is not who)
        info = through.group_info(bare=who.kind == "ts-mls")
        if who.kind == "ts-mls" and cannot_join(self.suite, through.view().tree):
            with pytest.raises(Refused, match="unmerged_leaves"):
                who.enter(info, resync=resync)
            return False
        message = who.enter(info, resync=resync)
        for member in self.members:
            if member is not who:
                received = member.process(message)
                assert (received.kind, received.self_removed) == ("commit", False)
        who.merge()
        if who not in self.members:
            self.members.append(who)
        self.agree()
        return True

    def propose(self, by: Member, message: bytes) -> None:
        """Hands a proposal that `by` made to all the others."""
        author = by.view().own_leaf
        for member in self.members:
            if member is not by:
                received = member.process(message)
                assert (received.kind, received.sender) == ("proposal", author)
        self.restart()

    def say(self, by: Member, text: bytes, authenticated_data: bytes = b"") -> None:
        author = by.view().own_leaf
        message = by.send(text, authenticated_data)
        for member in self.members:
            if member is not by:
                received = member.process(message)
                opened(received, text, authenticated_data)
                assert received.sender == author

    def everybody_speaks(self) -> None:
        for member in list(self.members):
            self.say(member, f"from {member.name}".encode(), b"beside")

    def agree(self) -> View:
        """The same epoch, members, tree hash, epoch authenticator and exporter for all."""
        self.restart()
        views = [member.view() for member in self.members]
        first = views[0]
        for view, member in zip(views, self.members, strict=True):
            assert view == first, f"{member.name} ({member.kind}) differs"
            own = next(p for p in first.members if p.leaf_index == view.own_leaf)
            assert (own.identity, own.signature_key) == (member.name.encode(), member.signature_key)
        assert {p.identity for p in first.members} == {m.name.encode() for m in self.members}
        return first

    def restart(self) -> None:
        """Every Python member goes through bytes and back."""
        for member in self.members:
            if isinstance(member, PythonMember):
                member.restart()

    def leaf(self, seen_by: Member, whose: Member) -> int:
        return seen_by.view().leaf_of(whose.name.encode())


def opened(received: Received, text: bytes, authenticated_data: bytes = b"") -> None:
    assert received.kind == "application"
    assert (received.plaintext, received.authenticated_data) == (text, authenticated_data)


class Cast:
    """Makes members of either kind, for one suite, with names of their own."""

    def __init__(self, node: Node, suite: int) -> None:
        self.node = node
        self.suite = suite

    def python(self, *, padding: int = 256, policy: Policy | None = None) -> PythonMember:
        return PythonMember(f"python {next(_numbers)}", self.suite, padding=padding, policy=policy)

    def node_member(self, **options: int) -> NodeMember:
        return NodeMember(self.node, f"node {next(_numbers)}", self.suite, **options)

    def update_of(self, member: Member, *, public: bool = False) -> bytes:
        """An Update proposal: Python members alone make them."""
        assert isinstance(member, PythonMember)
        return member.propose_update(public=public)

    def of(self, kind: str, *, padding: int = 256) -> Member:
        return self.python(padding=padding) if kind == "python" else self.node_member(padding=padding)

    def alternating(self, number: int, first: str) -> list[Member]:
        kinds = (first, "ts-mls" if first == "python" else "python")
        return [self.of(kinds[at % 2]) for at in range(number)]
