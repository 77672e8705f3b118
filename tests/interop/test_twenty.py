"""Groups of twenty, half of each kind."""

from __future__ import annotations

import random

import pytest

from .room import Cast, Room
from .ts_mls_limits import commit_secret_differs


@pytest.mark.parametrize("first", ["python", "ts-mls"])
def test_twenty(cast: Cast, first: str) -> None:
    """Anybody commits."""
    everybody = cast.alternating(20, first)
    host = everybody[0]
    room = Room(host)
    room.commit(host, add=everybody[1:6])
    room.commit(everybody[4], add=everybody[6:13])
    room.commit(everybody[9], add=everybody[13:], path=False)
    assert len(room.members) == 20
    for at in (19, 2, 8, 13):
        room.commit(everybody[at])
    room.everybody_speaks()
    room.commit(everybody[2], remove=[everybody[at] for at in (0, 7, 8, 19)])
    room.commit(everybody[5], remove=[everybody[6], everybody[18]], psks={b"shared": b"s" * 32})
    for member in random.Random(20).sample(room.members, 4):
        room.say(member, b"here")


def test_twenty_under_one_committer(cast: Cast) -> None:
    """A Python host alone commits, always with a path: as conversations do. ts-mls then joins every tree."""
    everybody = cast.alternating(20, "python")
    host, guests = everybody[0], everybody[1:]
    room = Room(host)
    chance = random.Random(9420)
    for start in range(0, 19, 5):
        room.commit(host, add=guests[start : start + 5])
    for _ in range(6):
        python = next(m for m in chance.sample(guests, 19) if m.kind == "python" and m in room.members)
        room.propose(python, cast.update_of(python))
        gone = [m for m in chance.sample(guests, 4) if m in room.members and m is not python]
        back = [m for m in guests if m not in room.members]
        room.commit(host, remove=gone, add=back)
        assert not room.stranded
    room.everybody_speaks()


@pytest.mark.parametrize("seed", range(2))
def test_walk(cast: Cast, seed: int) -> None:
    """Sixty steps of any kind by anybody, the group growing and shrinking between two and ten."""
    chance = random.Random(seed)
    outside = cast.alternating(10, "python")
    chance.shuffle(outside)
    room = Room(outside.pop(), tree_in_welcome=bool(seed))
    room.commit(room.members[0], add=[outside.pop()])
    for step in range(60):
        by = chance.choice(room.members)
        others = [member for member in room.members if member is not by]
        room.public = chance.random() < 0.3
        match chance.choice(["add", "remove", "renew", "update", "psk", "say", "swap"]):
            case "add" if outside:
                new = [outside.pop() for _ in range(chance.randint(1, min(3, len(outside))))]
                room.commit(by, add=new, path=chance.random() < 0.5)
                outside += room.stranded
            case "remove" if len(others) > 1:
                gone = chance.sample(others, chance.randint(1, len(others) - 1))
                staying = [room.leaf(by, member) for member in room.members if member not in gone]
                if commit_secret_differs(staying):
                    continue
                room.commit(by, remove=gone)
                outside += gone
            case "swap":
                gone = [chance.choice(others)]
                room.commit(by, remove=gone, add=gone)
                outside += room.stranded
            case "update":
                for member in others:
                    if member.kind == "python" and chance.random() < 0.5:
                        room.propose(member, cast.update_of(member, public=room.public))
                room.commit(by)
            case "psk":
                room.commit(by, psks={b"%d" % step: chance.randbytes(32)}, path=chance.random() < 0.5)
            case "say":
                room.say(by, chance.randbytes(chance.randint(0, 500)))
            case _:
                room.commit(by)
    room.everybody_speaks()
