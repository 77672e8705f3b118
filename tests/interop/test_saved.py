"""A member ends and starts again from its bytes, in the middle of anything."""

from __future__ import annotations

import pytest

from .member import Refused
from .room import Cast, Room, opened


def test_python_restarts_between_all_steps(cast: Cast) -> None:
    """With proposals and an Update of one's own waiting, and mail of earlier epochs still to come."""
    one, two, three = cast.python(), cast.node_member(), cast.python()
    room = Room(one)
    room.commit(one, add=[two, three])
    late = [(two.send(b"late %d" % n), b"late %d" % n) for n in range(4)]
    room.propose(three, three.propose_update())
    room.propose(one, one.propose_psk(b"k"))
    room.restart()
    opened(three.process(late[2][0]), late[2][1])
    room.restart()
    room.commit(two, proposed_psks={b"k": b"secret"})
    for at in (3, 0, 1):
        opened(three.process(late[at][0]), late[at][1])
        three.restart()
    with pytest.raises(Refused):
        three.process(late[2][0])
    staged = three.commit()
    three.restart()
    three.drop()
    three.restart()
    room.commit(one)
    with pytest.raises(Refused):
        one.process(staged.message)
    room.everybody_speaks()


def test_an_older_state_still_takes_what_came_since(cast: Cast) -> None:
    """A program that ended before it had stored: the relay hands the same mail out again."""
    one, two = cast.node_member(), cast.python()
    room = Room(one)
    room.commit(one, add=[two])
    stored = two.save()
    mail = [one.send(b"first")]
    mail.append(one.commit().message)
    one.merge()
    mail.append(one.send(b"second"))
    for _ in range(3):
        two.load(stored)
        assert [two.process(message).kind for message in mail] == ["application", "commit", "application"]
        room.agree()
    room.everybody_speaks()


def test_ts_mls_restarts(cast: Cast) -> None:
    one, two, three = cast.node_member(), cast.python(), cast.node_member()
    room = Room(one)
    room.commit(one, add=[two, three])
    late = two.send(b"late")
    room.propose(two, two.propose_update())
    for member in (one, three):
        member.load(member.save())
    room.commit(one)
    for member in (one, three):
        member.load(member.save())
        opened(member.process(late), b"late")
        member.load(member.save())
        with pytest.raises(Refused):
            member.process(late)
    room.commit(three)
    room.everybody_speaks()
