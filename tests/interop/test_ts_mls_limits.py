"""Where ts-mls 1.6.4 departs from RFC 9420, shown on purpose: groups with browsers must keep away from it."""

from __future__ import annotations

import pytest

from .member import Refused
from .room import Cast, Room
from .ts_mls_limits import commit_secret_differs, misses_its_removal


@pytest.mark.parametrize("kind", ["python", "ts-mls"])
def test_a_newcomer_refuses_a_tree_with_different_unmerged_leaves(cast: Cast, kind: str) -> None:
    """Two additions without a path, below different nodes. Python joins, ts-mls does not, whoever commits."""
    people = [cast.of(kind) for _ in range(8)]
    host = people[0]
    room = Room(host)
    room.commit(host, add=people[1:])
    for member in (people[2], people[6], host):
        room.commit(member)
    room.commit(host, remove=[people[3], people[7]])
    room.commit(people[2])
    room.commit(people[6])
    room.commit(host, add=[people[3]], path=False)
    browser, desk = cast.node_member(), cast.python()
    room.commit(host, add=[desk, browser], path=False)
    assert room.stranded == [browser]
    assert desk in room.members
    assert browser not in room.members


@pytest.mark.parametrize("kind", ["python", "ts-mls"])
def test_the_commit_secret_of_a_tree_whose_left_half_is_empty(cast: Cast, kind: str) -> None:
    one, two, three, four = (cast.of(k) for k in (kind, kind, "python", "ts-mls"))
    room = Room(one)
    room.commit(one, add=[two])
    room.commit(one, add=[three, four])
    room.commit(four)
    assert commit_secret_differs(room.leaf(one, member) for member in (three, four))
    for by, other, error in ((three, four, "confirmation tag"), (four, three, "ConfirmationTagMismatch")):
        sent = by.commit(remove=[room.leaf(by, member) for member in (one, two)])
        with pytest.raises(Refused, match=error):
            other.process(sent.message)
        by.drop()
    room.agree()


def test_a_removed_member_whose_leaf_is_given_away_fails_without_a_word(cast: Cast) -> None:
    one, two, three = cast.python(), cast.node_member(), cast.python()
    room = Room(one)
    room.commit(one, add=[two])
    leaf = room.leaf(one, two)
    room.commit(one, remove=[two], add=[three])
    after = room.agree()
    assert misses_its_removal(leaf, after)
    assert after.leaf_of(three.name.encode()) == leaf
    assert two.view().epoch == after.epoch - 1


def test_group_context_extensions_from_ts_mls_lack_the_path(cast: Cast) -> None:
    """RFC 9420 12.4 demands a path of a commit with GroupContextExtensions: Python refuses one without."""
    one, two = cast.node_member(), cast.python()
    room = Room(one)
    room.commit(one, add=[two])
    required_capabilities = (3, bytes(3))
    sent = one.commit(extensions=[required_capabilities])
    with pytest.raises(Refused, match="PathRequired"):
        two.process(sent.message)
    one.drop()
    room.commit(two, extensions=[required_capabilities])
    room.everybody_speaks()
    room.commit(one)
