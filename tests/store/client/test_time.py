"""What time brings to a home (`spec/sessions.md` S25 to S28): fresh keys, alarms, and the end of what has lain long enough."""

from __future__ import annotations

import pytest

from colloque.protocol.session.calendar import KEEP_PACKAGE, KEEP_RAW, KEEP_SEEN, LATE_AFTER
from colloque.store.client.invitations import RENEW_CARD_DAYS
from colloque.wire.card import DATED_DAYS, Card
from tests.protocol.session.ends import HOUR, End, Way, World

DAY = 24 * HOUR


def pair(world: World) -> tuple[End, End, bytes]:
    anne, bruno = world.person("anne"), world.person("bruno")
    conversation = world.pair(anne, bruno)
    world.calm()
    return anne, bruno, conversation


def epoch(end: End, conversation: bytes) -> int:
    talk = end.talk(conversation)
    assert talk is not None
    return talk.group.epoch


def own_leaf_key(end: End, conversation: bytes) -> bytes:
    talk = end.talk(conversation)
    assert talk is not None
    return next(m.encryption_key for m in talk.group.members() if m.signature_key == end.key)


def count(end: End, table: str) -> int:
    return int(end.home.database.one(f"SELECT count(*) FROM {table}")[0])


def test_the_host_commits_a_path_a_day_after_the_last_commit(world: World) -> None:
    """S25"""
    anne, bruno, conversation = pair(world)
    before, key = epoch(anne, conversation), own_leaf_key(anne, conversation)
    world.now += DAY - 1
    world.calm()
    assert epoch(anne, conversation) == before
    world.now += 1
    world.calm()
    assert epoch(anne, conversation) == epoch(bruno, conversation) == before + 1
    assert own_leaf_key(anne, conversation) != key
    world.now += DAY - 1
    world.calm()
    assert epoch(anne, conversation) == before + 1


def test_a_member_renews_its_keys_after_a_week(world: World) -> None:
    """S26: by a wish with a fresh KeyPackage, which the host puts in place."""
    _, bruno, conversation = pair(world)
    key = own_leaf_key(bruno, conversation)
    for hours, renewed in ((7 * 24 - 1, False), (1, True), (6 * 24, False)):
        world.now += hours * HOUR
        world.calm()
        assert (own_leaf_key(bruno, conversation) != key) is renewed
        key = own_leaf_key(bruno, conversation)
    assert count(bruno, "key_package") == 0


def test_what_is_not_delivered_in_two_days_is_an_alarm_until_it_is(world: World) -> None:
    """S27: set once, also across a start, and cleared when the message arrives late."""
    anne, bruno, conversation = pair(world)
    ident = anne.write(conversation, "Potassium 6.9")
    anne.turn()
    world.now += LATE_AFTER
    anne.turn()
    assert anne.home.messages.overdue() == []
    world.now += 1
    anne.turn()
    assert [(e.id, e.state, e.overdue) for e in anne.home.messages.overdue()] == [(ident, "accepted", True)]
    anne.close()
    anne.open()
    anne.turn()
    assert [e.id for e in anne.home.messages.overdue()] == [ident]
    world.calm()
    assert bruno.texts_of(conversation, anne.key) == ["Potassium 6.9"]
    entry = anne.home.messages.get(ident)
    assert entry is not None
    assert (entry.state, entry.overdue, anne.home.messages.overdue()) == ("delivered", False, [])
    world.now += LATE_AFTER + 1
    anne.turn()
    assert anne.home.messages.overdue() == []


def test_the_alarm_is_for_what_waits_here_too_and_not_for_what_was_taken_back(world: World) -> None:
    """S27"""
    anne, _, conversation = pair(world)
    waiting, taken = anne.write(conversation, "waits"), anne.write(conversation, "taken back")
    anne.home.messages.retract(anne.home.context(), taken)
    world.now += LATE_AFTER + 1
    anne.home.upkeep.tick(anne.home.context())
    assert [(e.id, e.state) for e in anne.home.messages.overdue()] == [(waiting, "waiting")]


@pytest.mark.parametrize(
    ("table", "row", "age"),
    [
        ("seen", (b"q", b"i", 0), KEEP_SEEN),
        ("raw", (1, b"c", b"p", 1, 0), KEEP_RAW),
        ("part", (b"q", b"i", 0, 2, 2, b"x", 0), KEEP_RAW),
        ("key_package", (b"r", b"c", b"p", b"s", 0), KEEP_PACKAGE),
    ],
)
def test_what_has_lain_long_enough_is_forgotten_then_and_not_before(
    world: World, table: str, row: tuple[object, ...], age: int
) -> None:
    """S20, S28"""
    home = world.person("anne").home
    values = (*row[:-1], world.now)
    home.database.execute(f"INSERT INTO {table} VALUES ({','.join('?' * len(values))})", *values)
    world.now += age
    home.upkeep.tick(home.context())
    assert home.database.one(f"SELECT count(*) FROM {table}")[0] == 1
    world.now += 1
    home.upkeep.tick(home.context())
    assert home.database.one(f"SELECT count(*) FROM {table}")[0] == 0


def test_doubles_are_told_by_their_id_for_45_days(world: World) -> None:
    """S22, S28: after that the ratchet still refuses the copy; nothing is shown twice."""
    anne, bruno, conversation = pair(world)
    anne.write(conversation, "once")
    anne.turn()
    read = bruno.home.queues.in_state("made")[0].queue.read
    (envelope,) = [envelope for _, envelope in world.pipe.lines[read].waiting]
    world.calm()
    world.pipe.put(read, envelope)
    world.calm()
    assert [n["what"] for n in bruno.notices(conversation)] == ["opened"]
    world.now += KEEP_SEEN + 1
    world.calm()
    world.pipe.put(read, envelope)
    world.calm()
    assert [n["what"] for n in bruno.notices(conversation)] == ["opened", "unreadable"]
    assert bruno.texts_of(conversation, anne.key) == ["once"]


def test_the_public_card_is_dated_anew_in_time_and_keeps_its_link(world: World) -> None:
    """The key before stays for hellos under way."""
    anne = world.person("anne")
    invitations = anne.home.invitations
    ident = invitations.card(anne.home.context())
    link = invitations.link(ident)

    def card() -> Card:
        published = invitations.publication(ident, b"")
        assert published is not None
        return Card.decode(published.body)

    first = card()
    world.now += (RENEW_CARD_DAYS * DAY) - 1000
    invitations.renew_card(anne.home.context())
    assert card() == first
    world.now += 1000
    invitations.renew_card(anne.home.context())
    assert (card().serial, card().not_after - first.not_after) == (first.serial + 1, RENEW_CARD_DAYS * 86_400)
    assert card().hpke_key != first.hpke_key
    assert invitations.link(ident) == link
    assert DATED_DAYS > RENEW_CARD_DAYS


def test_an_invitation_that_expired_takes_nobody_in(world: World) -> None:
    """S5: also where the hello was sent in time and came late."""
    anne, bruno = world.person("anne"), world.person("bruno")
    conversation = world.pair(anne, bruno)
    bruno.turn()
    world.now += 7 * DAY + 1000
    world.calm()
    assert anne.talk(conversation) is None
    talk = bruno.talk(conversation)
    assert talk is not None
    assert talk.conversation.phase.value == "waiting"


def test_receipts_are_told_together(world: World) -> None:
    """S24: one message for all that came at once; a second one tells what was read."""
    anne, bruno, conversation = pair(world)
    sent = [anne.write(conversation, f"{n}") for n in range(20)]
    anne.turn()
    bruno.turn(Way(sends=0))
    assert count(bruno, "outgoing") == 1
    world.calm()
    assert {e.state for e in map(anne.home.messages.get, sent) if e} == {"delivered"}
    for entry in bruno.home.messages.unshown(bruno.now()):
        bruno.home.messages.shown(bruno.home.context(), entry)
    bruno.turn(Way(sends=0))
    assert count(bruno, "outgoing") == 1
    world.calm()
    assert {e.state for e in map(anne.home.messages.get, sent) if e} == {"read"}


def test_reading_can_be_kept_to_oneself_but_not_what_was_delivered(world: World) -> None:
    """S24"""
    anne, bruno, conversation = pair(world)
    bruno.home.set_setting("tells-reading", b"no")
    sent = anne.write(conversation, "seen?")
    world.calm()
    for entry in bruno.home.messages.unshown(bruno.now()):
        bruno.home.messages.shown(bruno.home.context(), entry)
    world.calm()
    told = anne.home.messages.get(sent)
    assert told is not None
    assert told.state == "delivered"
