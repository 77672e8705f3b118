"""Groups of two to four: creating, joining, adding, removing, renewing, proposing (RFC 9420 section 12)."""

from __future__ import annotations

import pytest

from colloque.mls.api import Policy

from .member import Member, Refused
from .node_member import Node
from .room import Cast, Room

KINDS = ("python", "ts-mls")
BOTH_WAYS = pytest.mark.parametrize(("first", "second"), [KINDS, KINDS[::-1], ("ts-mls", "ts-mls")])
CREATOR = pytest.mark.parametrize("first", KINDS)


@BOTH_WAYS
@pytest.mark.parametrize("public", [False, True], ids=["private", "public"])
@pytest.mark.parametrize("tree_in_welcome", [True, False], ids=["tree inside", "tree apart"])
def test_create_and_join(cast: Cast, first: str, second: str, public: bool, tree_in_welcome: bool) -> None:
    creator, guest = cast.of(first), cast.of(second)
    room = Room(creator, public=public, tree_in_welcome=tree_in_welcome)
    room.commit(creator, add=[guest])
    room.everybody_speaks()
    room.commit(guest)
    room.everybody_speaks()
    room.commit(creator)
    room.everybody_speaks()


@pytest.mark.parametrize("suite", [1, 2, 3, 4, 5, 6, 7])
@CREATOR
def test_every_suite(node: Node, suite: int, first: str) -> None:
    cast = Cast(node, suite)
    creator, guest, third = cast.alternating(3, first)
    room = Room(creator)
    room.commit(creator, add=[guest])
    room.commit(guest, add=[third], psks={b"shared": b"a secret of any length"})
    room.everybody_speaks()
    room.commit(third, remove=[creator])
    room.everybody_speaks()


@CREATOR
@pytest.mark.parametrize("public", [False, True], ids=["private", "public"])
def test_add_and_remove(cast: Cast, first: str, public: bool) -> None:
    one, two, three, four = cast.alternating(4, first)
    room = Room(one, public=public)
    room.commit(one, add=[two, three])
    room.commit(three, add=[four])
    room.everybody_speaks()
    room.commit(two, remove=[three])
    room.commit(four, remove=[one])
    room.everybody_speaks()
    late = room.members[0].send(b"not for those who left")
    for gone in (one, three):
        with pytest.raises(Refused):
            gone.process(late)


@CREATOR
@pytest.mark.parametrize("path", [True, False], ids=["path", "no path"])
def test_adding_with_and_without_a_path(cast: Cast, first: str, path: bool) -> None:
    one, two, three = cast.alternating(3, first)
    room = Room(one)
    room.commit(one, add=[two], path=path)
    room.commit(two, add=[three], path=path)
    room.everybody_speaks()
    for member in (three, one, two):
        room.commit(member)
    room.everybody_speaks()


def _again(cast: Cast, first: str) -> tuple[Room, Member, Member, Member]:
    one, two, three = cast.alternating(3, first)
    room = Room(one)
    room.commit(one, add=[two])
    room.commit(two, add=[three])
    return room, one, two, three


@CREATOR
@pytest.mark.parametrize("who", [1, 2])
def test_remove_and_add_of_the_same_person_in_two_commits(cast: Cast, first: str, who: int) -> None:
    room, *members = _again(cast, first)
    again = members[who]
    room.commit(members[0], remove=[again])
    room.commit(members[0], add=[again])
    room.everybody_speaks()
    room.commit(again)
    room.everybody_speaks()


@CREATOR
@pytest.mark.parametrize("who", [1, 2])
def test_remove_and_add_of_the_same_person_in_one_commit(cast: Cast, first: str, who: int) -> None:
    """With the same signature key. The old client learns that it is out, and the new package joins."""
    room, *members = _again(cast, first)
    again = members[who]
    key = again.signature_key
    room.commit(members[0], remove=[again], add=[again])
    assert again.signature_key == key
    room.everybody_speaks()
    room.commit(again)
    room.everybody_speaks()


@CREATOR
@pytest.mark.parametrize("public", [False, True], ids=["private", "public"])
def test_proposals_by_reference(cast: Cast, first: str, public: bool) -> None:
    """Add, Remove and PSK, each proposed by one kind and committed by the other."""
    one, two, three, four = cast.alternating(4, first)
    room = Room(one, public=public)
    room.commit(one, add=[two])
    room.commit(two, add=[three])
    psks = {b"proposed": b"p" * 32}
    room.propose(two, two.propose_add(four.key_package(), public=public))
    room.propose(two, two.propose_psk(b"proposed", public=public))
    room.commit(one, proposed_add=[four], proposed_psks=psks)
    room.everybody_speaks()
    room.propose(one, one.propose_remove(room.leaf(one, three), public=public))
    room.commit(two, proposed_remove=[three])
    room.everybody_speaks()


@CREATOR
@pytest.mark.parametrize("public", [False, True], ids=["private", "public"])
def test_updates_proposed_by_python(cast: Cast, first: str, public: bool) -> None:
    """ts-mls signs no Update; it commits and takes those of others."""
    one, two, three, four = cast.alternating(4, first)
    room = Room(one, public=public)
    room.commit(one, add=[two, three, four])
    updater, other = (m for m in room.members if m.kind == "python")
    for committer in (two, three, four, one):
        if committer is updater:
            continue
        old = next(p for p in room.agree().members if p.identity == updater.name.encode()).encryption_key
        room.propose(updater, cast.update_of(updater, public=public))
        room.commit(committer)
        new = next(p for p in room.agree().members if p.identity == updater.name.encode()).encryption_key
        assert new != old
        room.everybody_speaks()
    room.propose(updater, cast.update_of(updater, public=public))
    room.propose(other, cast.update_of(other, public=public))
    ts_mls = next(m for m in room.members if m.kind == "ts-mls")
    room.commit(ts_mls)
    room.commit(updater)
    room.everybody_speaks()


@CREATOR
def test_psk_in_a_commit_and_in_a_welcome(cast: Cast, first: str) -> None:
    one, two, three = cast.alternating(3, first)
    room = Room(one)
    room.commit(one, add=[two], psks={b"first": b"\x01" * 32})
    room.commit(two, psks={b"second": b"\x02" * 32}, path=False)
    room.commit(two, psks={b"third": b"\x03" * 64, b"fourth": b"short"})
    room.commit(two, add=[three], psks={b"fifth": b"\x05" * 32, b"sixth": b"\x06" * 32})
    room.everybody_speaks()
    sent = one.commit(psks={b"seventh": b"right"})
    for member in (two, three):
        before = member.view()
        for wrong in ({}, {b"seventh": b"wrong"}):
            with pytest.raises(Refused):
                member.process(sent.message, psks=wrong)
        assert member.view() == before


@CREATOR
def test_lost_race_of_commits(cast: Cast, first: str) -> None:
    """Both commit in one epoch: the one that is dropped has changed nothing."""
    one, two = cast.alternating(2, first)
    room = Room(one)
    room.commit(one, add=[two])
    lost = two.commit()
    won = one.commit()
    one.merge()
    two.drop()
    two.process(won.message)
    room.agree()
    with pytest.raises(Refused):
        one.process(lost.message)
    room.everybody_speaks()
    room.commit(two)


def test_only_the_host_commits(cast: Cast) -> None:
    """A guest whose policy names the host refuses commits and proposals of others, and nothing changes."""
    host = cast.node_member()
    guest = cast.python(policy=Policy(committer_signature_key=host.signature_key))
    intruder = cast.node_member()
    room = Room(host)
    room.commit(host, add=[guest, intruder])
    leaf = room.leaf(host, guest)
    before = guest.view()
    for message in (
        intruder.commit().message,
        intruder.commit(public=True).message,
        intruder.propose_remove(leaf),
        intruder.propose_remove(leaf, public=True),
    ):
        with pytest.raises(Refused, match="NotAllowedByPolicy"):
            guest.process(message)
    assert guest.view() == before
    room.commit(host, remove=[intruder])
    room.everybody_speaks()
