"""Every rule of a session by itself: what it refuses, what it leaves alone, and that it asks for nothing but what it is given."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from colloque.protocol.session import admit, answer, back, calendar, join, leave, renew, write
from colloque.protocol.session.effects import DropWriters, Happening, KeepRaw, Notice, Owe, Post, Show, Told
from colloque.protocol.session.hosting import Hosting, NoSpareLeft
from colloque.protocol.session.model import DAY, UNKNOWN, Peer, Phase, Talk
from colloque.protocol.session.receive import Unreadable, receive
from colloque.protocol.session.roster import take_roster
from colloque.wire.address import QueueOffer
from colloque.wire.codec import WireError
from colloque.wire.content.receipt import Outcome, Receipt, Retraction
from colloque.wire.content.roster import MEMBERS, Entry, Roster
from colloque.wire.content.text import Text
from colloque.wire.content.wishes import Ask, Stated, Wish, WishKind
from colloque.wire.profile import Profile
from tests.protocol.session.ends import RELAY, only_what_is_given, whole
from tests.protocol.session.pure import Two, context, later, said, two

pair = functools.cache(two)
keys = [bytes([n]) * 32 for n in range(1, 7)]


def offer(key: bytes, generation: int, writers: int = 4) -> QueueOffer:
    return QueueOffer(RELAY, key, tuple(bytes([generation, n]) + key[:30] for n in range(writers)))


@given(st.lists(st.tuples(st.sampled_from(keys), st.booleans()), max_size=25))
def test_no_capability_is_given_twice(steps: list[tuple[bytes, bool]]) -> None:
    """S12: whoever comes and goes; and every two have one of each other's."""
    books, given_out = Hosting(), dict[tuple[bytes, bytes], bytes]()
    for generation, (key, comes) in enumerate(steps):
        before = books
        try:
            books = books.introduce(key, offer(key, generation), bytes(32)) if comes else books.dismiss(key)
        except NoSpareLeft:
            assert any(seat.next >= len(seat.queue.writers) for seat in books.seats if seat.key != key) or (
                len(books.seats) > len(offer(key, 0).writers)
            )
            assert books == before
            continue
        assert Hosting.decode(books.encode()) == books
        for seat in books.seats:
            holders = [holder for holder, _ in seat.given]
            assert sorted(holders) == sorted(s.key for s in books.seats if s.key != seat.key)
            for holder, index in seat.given:
                capability = seat.queue.writers[index]
                assert given_out.setdefault((seat.key, capability), holder) == holder
        if not comes:
            assert books.seat(key) is None


def test_a_conversation_has_a_bounded_number_of_members() -> None:
    """S12"""
    books = Hosting()
    for n in range(MEMBERS):
        books = books.introduce(bytes([n]) * 32, offer(bytes([n]) * 32, 0, 32), bytes(32))
    with pytest.raises(WireError, match="at most"):
        books.introduce(bytes([99]) * 32, offer(bytes([99]) * 32, 0, 32), bytes(32))


def roster_of(ends: Two, revision: int, who: list[bytes], first: int = 0) -> Roster:
    entries = tuple(
        Entry(key, Profile("Dr Somebody"), offer(key, 0).address(0), n) for n, key in enumerate(who, first)
    )
    return Roster(revision, "Équipe", ends.anne.identity.key, b"", bytes(32), entries)


@given(st.integers(0, 9), st.lists(st.sampled_from(keys), unique=True), st.integers(0, 3))
def test_rosters_are_the_hosts_and_only_ever_newer(revision: int, who: list[bytes], first: int) -> None:
    """S12, S13"""
    ends = pair()
    guest = replace(ends.guest, conversation=replace(ends.guest.conversation, pair=False, revision=4))
    roster = roster_of(ends, revision, [ends.anne.identity.key, *who], first)
    with pytest.raises(WireError):
        take_roster(ends.bruno, guest, keys[0], roster)
    with pytest.raises(WireError):
        take_roster(ends.bruno, guest, ends.anne.identity.key, replace(roster, host=keys[0]))
    after, effects = take_roster(ends.bruno, guest, ends.anne.identity.key, roster)
    if revision <= 4:
        assert (after, effects) == (guest, ())
        return
    assert [p.key for p in after.conversation.peers] == [ends.anne.identity.key, *who]
    assert [p.head for p in after.conversation.peers[1:]] == [UNKNOWN] * len(who)
    joined = [e.who for e in effects if isinstance(e, Notice) and e.what is Happening.JOINED]
    assert joined == who
    held = {p.my_writer for p in after.conversation.peers}
    dropped = {index for e in effects if isinstance(e, DropWriters) for index in e.indexes}
    assert dropped == {p.my_writer for p in guest.conversation.peers} - held
    with pytest.raises(WireError):
        take_roster(ends.bruno, guest, ends.anne.identity.key, roster_of(ends, 9, [ends.bruno.identity.key]))


@given(st.binary(max_size=200))
def test_any_bytes_are_unreadable_and_nothing_else(data: bytes) -> None:
    """S19"""
    ends = pair()
    with pytest.raises(Unreadable), only_what_is_given():
        receive(ends.bruno, ends.guest, data)


@functools.cache
def one_message() -> tuple[Two, Talk, bytes]:
    ends = pair()
    host, message = said(ends.anne, ends.host, Text("bonjour"), 1)
    return ends, host, message


@given(st.integers(0, 4_000), st.integers(1, 255))
@settings(max_examples=80, deadline=None)
def test_a_changed_message_is_unreadable_or_of_a_group_that_is_not_known(place: int, change: int) -> None:
    """S19, S20: whichever byte it is; a group or an epoch in the header that is not known yet may still come."""
    ends, _, message = one_message()
    at = place % len(message)
    changed = message[:at] + bytes([message[at] ^ change]) + message[at + 1 :]
    before = whole(ends.guest)
    try:
        after, effects = receive(ends.bruno, ends.guest, changed)
    except Unreadable:
        pass
    else:
        assert [type(e) for e in effects] == [KeepRaw]
        assert whole(after) == before
    assert whole(ends.guest) == before


def test_a_step_is_a_function_of_what_it_is_given() -> None:
    """The same state, event, time and randomness give the same state, message and effects."""
    ends, _, message = one_message()
    first, second = receive(ends.bruno, ends.guest, message), receive(ends.bruno, ends.guest, message)
    assert (whole(first[0]), first[1]) == (whole(second[0]), second[1])
    ways = [
        said(replace(ends.anne, random=context("anne").random), ends.host, Text("x"), 1) for _ in range(2)
    ]
    assert (whole(ways[0][0]), ways[0][1]) == (whole(ways[1][0]), ways[1][1])


def test_a_message_is_taken_once_and_from_its_leaf() -> None:
    """S21, S22: again it is refused by its used key; bound to another conversation, or of nobody here, set aside."""
    ends, _, message = one_message()
    guest, effects = receive(ends.bruno, ends.guest, message)
    assert [type(e) for e in effects] == [Show, Owe]
    assert isinstance(effects[0], Show)
    assert effects[0].author == ends.anne.identity.key
    with pytest.raises(Unreadable):
        receive(ends.bruno, guest, message)
    elsewhere = replace(ends.guest, conversation=replace(ends.guest.conversation, id=bytes(16)))
    with pytest.raises(Unreadable, match="bound"):
        receive(ends.bruno, elsewhere, message)
    alone = replace(ends.guest, conversation=ends.guest.conversation.without_peer(ends.anne.identity.key))
    with pytest.raises(Unreadable, match="not in this conversation"):
        receive(ends.bruno, alone, message)


@given(st.lists(st.booleans(), min_size=1, max_size=12), st.integers(0, 4))
@settings(max_examples=40, deadline=None)
def test_what_is_missing_is_told_in_number(arrives: list[bool], more: int) -> None:
    """S23, W26, W27: by the next message that comes, or by the head in a receipt; each once."""
    ends = pair()
    host, guest, missing = ends.host, ends.guest, 0
    for number, comes in enumerate(arrives, 1):
        host, message = said(
            ends.anne, host, Text(f"{number}") if number % 2 else Retraction(bytes(16)), number
        )
        if comes:
            guest, effects = receive(ends.bruno, guest, message)
            missing += sum(e.count for e in effects if isinstance(e, Notice))
    head = len(arrives) + more
    items = ((bytes(16), Outcome.READ),)
    for _ in range(2):
        host, message = said(ends.anne, host, Receipt(items, head))
        guest, effects = receive(ends.bruno, guest, message)
        missing += sum(e.count for e in effects if isinstance(e, Notice))
        assert Told(ends.anne.identity.key, *items[0]) in effects
    assert missing == head - sum(arrives)


@given(st.lists(st.sampled_from([Text("x"), Retraction(bytes(16)), Receipt((), 0), Wish(WishKind.LEAVE)])))
def test_messages_to_people_are_counted_from_one_and_the_others_are_not(bodies: list[Text]) -> None:
    """W26"""
    talk, numbers = pair().guest, []
    for body in bodies:
        talk, number = write.number(talk, body)
        numbers.append(number)
    counted = [n for n, body in zip(numbers, bodies, strict=True) if isinstance(body, Text | Retraction)]
    assert counted == list(range(1, len(counted) + 1))
    assert sum(numbers) == sum(counted)


@given(st.integers(0, 20 * DAY), st.sampled_from(Phase))
def test_when_keys_are_due(age: int, phase: Phase) -> None:
    """S25, S26: to the millisecond, in an open conversation, and each by the one whose task it is."""
    ends = pair()
    anne, bruno = later(ends.anne, age), later(ends.bruno, age)
    host = replace(ends.host, conversation=replace(ends.host.conversation, phase=phase))
    guest = replace(ends.guest, conversation=replace(ends.guest.conversation, phase=phase))
    is_open = phase is Phase.OPEN
    assert calendar.wants_path(anne, host) is (is_open and age >= DAY)
    assert calendar.wants_renewal(bruno, guest) is (is_open and age >= 7 * DAY)
    assert not calendar.wants_renewal(anne, host)
    assert not calendar.wants_path(bruno, guest)
    alone = replace(host, conversation=host.conversation.without_peer(bruno.identity.key))
    assert not calendar.wants_path(anne, alone)


def test_only_the_host_changes_who_is_in() -> None:
    """S10, S30: a member can do none of it, nor carry on as somebody who was not named."""
    ends = pair()
    bruno, guest, key = ends.bruno, ends.guest, ends.anne.identity.key
    peer = guest.conversation.peers[0]
    package = b""
    refused: list[Callable[[], object]] = [
        lambda: admit.admit(bruno, guest, keys[0], peer.profile, offer(keys[0], 0), package),
        lambda: admit.dismiss(bruno, guest, key),
        lambda: admit.renew(bruno, guest, key, package),
        lambda: admit.refresh(bruno, guest),
        lambda: admit.restate(bruno, guest, name="x"),
        lambda: answer.take_over(bruno, guest),
    ]
    for step in refused:
        with pytest.raises(WireError):
            step()


def test_what_the_host_refuses() -> None:
    """S11, S12: a KeyPackage of somebody else or none; people who are not in it."""
    ends = pair()
    anne, host = ends.anne, ends.host
    _, effects = join.wish_renewal(ends.bruno, ends.guest)
    (package,) = [e.package for e in effects if hasattr(e, "package")]
    refused: list[Callable[[], object]] = [
        lambda: admit.admit(anne, host, keys[0], Profile("Dr X"), offer(keys[0], 0), package),
        lambda: admit.admit(anne, host, ends.bruno.identity.key, Profile("Dr X"), offer(keys[0], 0), b"junk"),
        lambda: admit.renew(anne, host, keys[0], package),
        lambda: admit.dismiss(anne, host, keys[0]),
        lambda: admit.restate(anne, host, second_host=keys[0]),
        lambda: admit.renew(later(anne, 90 * DAY), host, ends.bruno.identity.key, package),
    ]
    for step in refused:
        with pytest.raises(WireError):
            step()
    after, _ = admit.renew(anne, host, ends.bruno.identity.key, package)
    assert after.group.epoch == host.group.epoch + 1


def test_asks_of_strangers_into_what_is_known() -> None:
    """S15, S30: only its host or second host, and only into a later succession."""
    ends = pair()
    guest = ends.guest
    c = guest.conversation
    for asker, succession in (
        (keys[0], c.succession + 1),
        (c.host, c.succession),
        (c.host, c.succession - 1),
    ):
        with pytest.raises(WireError):
            join.offer(ends.bruno, Ask(c.id, "x", max(0, succession), RELAY, b""), asker, guest)
    after, _, body = join.offer(ends.bruno, Ask(c.id, "x", c.succession + 1, RELAY, b""), c.host, guest)
    assert (after.conversation.succession, body.succession) == (c.succession + 1, c.succession + 1)
    second = replace(guest, conversation=replace(c, second_host=keys[0]))
    after, effects, _ = join.offer(ends.bruno, Ask(c.id, "x", c.succession + 1, RELAY, b""), keys[0], second)
    assert after.conversation.host == keys[0]
    assert Notice(Happening.HOST_CHANGED, keys[0]) in effects


def test_returns_that_are_refused() -> None:
    """S33, W35: of strangers, for others, without the secret, into a group that is over."""
    ends = pair()
    lost = back.lose(ends.guest)
    assert (lost.groups, lost.conversation.phase) == ((), Phase.LOST)
    _, effects = back.ask_back(ends.bruno, lost)
    (sealed,) = [e.payload for e in effects if isinstance(e, Post)]
    with pytest.raises(WireError):
        back.asked_back(ends.anne, ends.host, sealed, keys[0])
    with pytest.raises(WireError):
        back.asked_back(ends.anne, ends.host, sealed[:-1] + bytes([sealed[-1] ^ 1]), ends.bruno.identity.key)
    assert ends.host.hosting is not None
    seats = tuple(replace(seat, recovery=bytes([9]) * 32) for seat in ends.host.hosting.seats)
    with pytest.raises(WireError):
        back.asked_back(
            ends.anne, replace(ends.host, hosting=Hosting(seats)), sealed, ends.bruno.identity.key
        )
    body, (asked, told) = back.asked_back(ends.anne, ends.host, sealed, ends.bruno.identity.key)
    assert told == (Notice(Happening.RETURN_ASKED, ends.bruno.identity.key),)
    assert asked.group is ends.host.group
    back_in, effects = back.say_yes(ends.anne, asked, body)
    assert back_in.group.epoch == ends.host.group.epoch + 1
    with pytest.raises(WireError, match="not in this conversation"):
        gone = replace(asked, conversation=asked.conversation.without_peer(ends.bruno.identity.key))
        back.say_yes(ends.anne, gone, body)
    with pytest.raises(WireError, match="over"):
        back.say_yes(ends.bruno, ends.guest, replace(body, sender=ends.anne.identity.key))


def test_what_cannot_be_done_in_a_conversation_that_is_not_open() -> None:
    """S29, S31: nothing is written, and nothing renewed, before one has come back."""
    ends = pair()
    lost = back.lose(ends.guest)
    with pytest.raises(WireError):
        said(ends.bruno, lost, Text("x"))
    with pytest.raises(WireError):
        renew.renew_now(ends.bruno, lost)
    several = replace(ends.host, conversation=replace(ends.host.conversation, pair=False))
    with pytest.raises(WireError, match="second host"):
        leave.check_leave(ends.anne, several)
    leave.check_leave(ends.anne, ends.host)
    named = replace(several, conversation=replace(several.conversation, second_host=ends.bruno.identity.key))
    leave.check_leave(ends.anne, named)


def test_a_host_who_lost_its_group_is_back_once_nobody_is_missing() -> None:
    """S33: also where whoever was missing was taken out, and where nobody else was left."""
    ends = pair()
    lost = back.lose(replace(ends.host, conversation=replace(ends.host.conversation, pair=False)))
    assert lost.conversation.phase is Phase.LOST
    after, _ = admit.dismiss(ends.anne, lost, ends.bruno.identity.key)
    assert (after.conversation.phase, len(after.group.members())) == (Phase.OPEN, 1)
    alone = replace(lost, conversation=lost.conversation.without_peer(ends.bruno.identity.key))
    asked, effects = back.ask_back(ends.anne, alone)
    assert (asked.conversation.phase, effects) == (Phase.OPEN, ())
    third = replace(
        alone,
        conversation=alone.conversation.with_peer(replace(ends.host.conversation.peers[0], key=keys[0])),
    )
    asked, effects = back.ask_back(ends.anne, replace(third, hosting=None))
    assert asked.conversation.phase is Phase.LOST


def test_what_somebody_states_anew_is_noted() -> None:
    """S8"""
    ends = pair()
    host, message = said(ends.anne, ends.host, Stated(Profile("Dr Anne Grondin")))
    guest, effects = receive(ends.bruno, ends.guest, message)
    peer = guest.conversation.peer(ends.anne.identity.key)
    assert isinstance(peer, Peer)
    assert peer.profile.name == "Dr Anne Grondin"
    assert effects == (Notice(Happening.STATED, ends.anne.identity.key),)
    assert host.group.epoch == guest.group.epoch
