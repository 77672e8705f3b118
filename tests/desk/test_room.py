"""The waiting room's rules (`spec/calls.md` C12, C13): whoever is told, is told in time, and nobody else is."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from colloque.desk.room import BELIEVED_MS, MOST, TELL_MS, Room, Visitor, believed, heard, tick
from colloque.wire.content.call.presence import There

MARIE, LUC, JEANNE = ((bytes([n]) * 16, bytes([n]) * 32) for n in (1, 2, 3))


def _visitor(who: tuple[bytes, bytes], recent: bool = False) -> Visitor:
    return Visitor(*who, recent)


ALL = [_visitor(MARIE), _visitor(LUC, recent=True), _visitor(JEANNE)]


def test_who_is_expected_waits_or_wrote_just_now_is_told() -> None:
    room = Room(There.HERE, frozenset({MARIE[0]}))
    room, said = tick(room, ALL, There.HERE, 0)
    assert dict(said) == {MARIE: There.HERE, LUC: There.HERE}
    room, said = tick(heard(room, JEANNE, There.HERE, 5), ALL, There.HERE, 5)
    assert said == ((JEANNE, There.HERE),)


def test_told_when_it_changes_and_again_each_minute() -> None:
    """C12"""
    room, _ = tick(Room(There.HERE), ALL, There.HERE, 0)
    assert tick(room, ALL, There.HERE, TELL_MS - 1)[1] == ()
    assert tick(room, ALL, There.HERE, TELL_MS)[1] == ((LUC, There.HERE),)
    assert tick(room, ALL, There.WITH_SOMEONE, 1)[1] == ((LUC, There.WITH_SOMEONE),)


def test_nothing_is_told_before_it_was_chosen_and_whoever_was_told_is_told_that_it_is_over() -> None:
    assert tick(Room(), ALL, None, 0)[1] == ()
    room, _ = tick(Room(There.HERE), ALL, There.HERE, 0)
    room, said = tick(room, ALL, None, 1)
    assert said == ((LUC, There.AWAY),)
    assert tick(room, ALL, None, 2)[1] == ()


def test_somebody_taken_out_or_blocked_is_told_nothing_more() -> None:
    room, _ = tick(Room(There.HERE), ALL, There.HERE, 0)
    assert tick(room, ALL[:1], There.WITH_SOMEONE, 1)[1] == ()
    assert tick(room, [], None, 1)[1] == ()


def test_somebody_taken_out_or_blocked_waits_no_more() -> None:
    room = heard(heard(Room(There.HERE), MARIE, There.HERE, 0), LUC, There.HERE, 0)
    for there in (There.HERE, None):
        assert set(tick(room, ALL[1:], there, 1)[0].waiting) == {LUC}


def test_since_when_they_are_there() -> None:
    room = heard(heard(Room(), MARIE, There.HERE, 10), MARIE, There.HERE, 60_010)
    assert room.waiting[MARIE].since == 10
    assert believed(room, 60_010 + BELIEVED_MS).waiting
    assert not believed(room, 60_011 + BELIEVED_MS).waiting
    room = heard(room, MARIE, There.AWAY, 70_000)
    assert (room.waiting[MARIE].there, room.waiting[MARIE].since) == (There.AWAY, 70_000)


@given(
    st.lists(st.tuples(st.integers(0, 200), st.booleans()), unique_by=lambda one: one[0]),
    st.sets(st.integers(0, 200)),
    st.sets(st.integers(0, 200)),
)
def test_bounded_and_the_expected_come_first(
    people: list[tuple[int, bool]], expected: set[int], waiting: set[int]
) -> None:
    visitors = [Visitor(bytes([n]) * 16, bytes([n]) * 32, recent) for n, recent in people]
    room = Room(There.HERE, frozenset(bytes([n]) * 16 for n in expected))
    for n in waiting:
        room = heard(room, (bytes([n]) * 16, bytes([n]) * 32), There.HERE, 0)
    assert len(room.waiting) <= 2 * MOST
    room, said = tick(room, visitors, There.HERE, 1)
    told = [conversation[0] for (conversation, _), _ in said]
    assert len(told) <= MOST
    reachable = {n for n, _ in people}
    assert len(set(told) & expected) == min(MOST, len(expected & reachable))
    assert len(room.told) == len(told)
