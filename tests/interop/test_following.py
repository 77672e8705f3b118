"""From outside, and groups that follow from another: external commits, newcomers that ask, reinit and branch, with ts-mls."""

from __future__ import annotations

import pytest

from .member import Member, Refused
from .python_member import BRANCH
from .room import Cast, Room

KINDS = pytest.mark.parametrize("first", ["python", "ts-mls"])


def _room(cast: Cast, count: int, first: str) -> Room:
    people = cast.alternating(count, first)
    room = Room(people[0])
    room.commit(people[0], add=people[1:])
    for member in people[:3]:
        room.commit(member)
    return room


@KINDS
@pytest.mark.parametrize("count", [2, 4, 5])
def test_newcomers_enter_by_themselves(cast: Cast, first: str, count: int) -> None:
    """RFC 9420 8.3, 12.4.3.2: into a free leaf and a full tree; then everybody speaks and commits."""
    room = _room(cast, count, first)
    for kind in ("python", "ts-mls"):
        room.enter(cast.of(kind))
        room.everybody_speaks()
    for member in list(room.members):
        room.commit(member)
    room.commit(room.members[0], remove=[room.members[1]])
    room.enter(cast.of(first))
    room.everybody_speaks()


@KINDS
@pytest.mark.parametrize("kind", ["python", "ts-mls"])
def test_members_replace_their_older_leaves(cast: Cast, first: str, kind: str) -> None:
    room = _room(cast, 4, first)
    who = next(member for member in room.members[1:] if member.kind == kind)
    seat = who.view().own_leaf
    room.enter(who, resync=True)
    assert who.view().own_leaf == seat
    room.everybody_speaks()
    room.commit(who)


def test_the_external_key_has_two_forms(cast: Cast) -> None:
    """`docs/ts-mls.md`: each refuses the other's group info; what is wrong is the form, not the commit."""
    room = _room(cast, 2, "python")
    with pytest.raises(Refused):
        cast.python().enter(room.members[1].group_info(bare=True))
    with pytest.raises(Refused):
        cast.node_member().enter(room.members[0].group_info(bare=False))


@KINDS
@pytest.mark.parametrize("kind", ["python", "ts-mls"])
def test_newcomers_ask_to_be_added(cast: Cast, first: str, kind: str) -> None:
    """RFC 9420 12.1.8: proposed by the newcomer, committed by a member."""
    room = _room(cast, 3, first)
    who = cast.of(kind)
    asked = who.ask(room.members[0].group_info(bare=kind == "ts-mls"))
    for member in room.members:
        assert member.process(asked).kind == "proposal"
    room.commit(room.members[0], proposed_add=[who])
    room.everybody_speaks()


def _followed(room: Room, founder: Member, others: list[Member], branch: bytes | None) -> None:
    sent = founder.follow([member.key_package() for member in others], branch)
    for member in others:
        member.join_following(sent, branch=branch is not None)
    room.members = [founder, *others]
    view = room.agree()
    assert (view.group_id, view.epoch) == (branch or b"next", 1)
    room.everybody_speaks()
    room.commit(others[0])


@KINDS
@pytest.mark.parametrize("founder", [0, 1])
def test_reinit(cast: Cast, first: str, founder: int) -> None:
    """RFC 9420 11.2: ended by a member of one kind, founded anew by one of either."""
    room = _room(cast, 4, first)
    by = room.members[0]
    message = by.reinit(b"next")
    by.merge()
    for member in room.members[1:]:
        assert member.process(message).kind == "commit"
    room.agree()
    for member in room.members:
        with pytest.raises(Refused):
            member.send(b"too late")
        with pytest.raises(Refused):
            member.commit()
    others = [member for n, member in enumerate(room.members) if n != founder]
    _followed(room, room.members[founder], others, None)


@KINDS
def test_branch(cast: Cast, first: str) -> None:
    """RFC 9420 11.3: three of five."""
    room = _room(cast, 5, first)
    _followed(room, room.members[0], [room.members[1], room.members[4]], BRANCH)
