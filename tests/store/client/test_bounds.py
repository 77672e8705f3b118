"""What others can make a home keep is bounded (`spec/sessions.md` S7, S8, S19, S20)."""

from __future__ import annotations

import pytest

from colloque.protocol.session.effects import KeepRaw
from colloque.protocol.session.greet import Host, greet
from colloque.store.client import apply, intake
from colloque.store.client.apply import Apply
from colloque.store.client.home import Home
from colloque.wire.card import Card
from colloque.wire.codec import WireError
from colloque.wire.envelope import Kind, Part, seal, split
from colloque.wire.links import Link
from colloque.wire.profile import Profile
from tests.protocol.session.ends import HOUR, End, World, whole
from tests.store.client.test_time import pair

DAY = 24 * HOUR


def rows(home: Home, table: str) -> int:
    return int(home.database.one(f"SELECT count(*) FROM {table}")[0])


def unreadable(end: End, conversation: bytes) -> int:
    return sum(n["count"] for n in end.notices(conversation) if n["what"] == "unreadable")


def put(world: World, end: End, conversation: bytes, part: Part) -> None:
    talk = end.talk(conversation)
    assert talk is not None
    queue = talk.conversation.queue
    world.pipe.put(queue.read, seal(queue.key, part, world.random))


def test_what_is_kept_raw_is_bounded_in_number_and_in_bytes(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S20: what is over is said, and not kept."""
    assert (apply.RAW_MESSAGES, apply.RAW_BYTES) == (512, 16 << 20)
    anne, _, conversation = pair(world)
    home = anne.home
    with home.database.transaction():
        keep = Apply(home.database, home.context(), conversation)
        keep.all([KeepRaw(bytes(10), 7)] * (apply.RAW_MESSAGES + 3))
    assert rows(home, "raw") == apply.RAW_MESSAGES
    assert unreadable(anne, conversation) == 3
    home.database.execute("DELETE FROM raw")
    monkeypatch.setattr(apply, "RAW_BYTES", 1_000)
    with home.database.transaction():
        Apply(home.database, home.context(), conversation).all([KeepRaw(bytes(400), 7)] * 3)
    assert rows(home, "raw") == 2
    assert unreadable(anne, conversation) == 4


def test_a_message_of_a_later_epoch_is_kept_and_opens_when_its_time_comes(world: World) -> None:
    """S20: the commit comes after what was written behind it."""
    anne, bruno, conversation = pair(world)
    world.now += DAY
    anne.turn()
    anne.write(conversation, "in the next epoch")
    anne.turn()
    talk = bruno.talk(conversation)
    assert talk is not None
    read = talk.conversation.queue.read
    assert len(world.pipe.lines[read].waiting) == 2
    world.pipe.shuffle(read, [1, 0])
    bruno._read(talk.conversation.queue.id, read, 1, False)
    assert (rows(bruno.home, "raw"), bruno.texts_of(conversation, anne.key)) == (1, [])
    world.calm()
    assert (rows(bruno.home, "raw"), bruno.texts_of(conversation, anne.key)) == (0, ["in the next epoch"])
    assert unreadable(bruno, conversation) == 0


def test_parts_whose_message_never_ends_are_bounded(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """S19: the oldest go; a whole message still comes through."""
    monkeypatch.setattr(intake, "INCOMPLETE_PARTS", 8)
    anne, bruno, conversation = pair(world)
    first = split(Kind.MLS, bytes(16), bytes(40_000))[0]
    for n in range(20):
        world.now += 1
        put(world, bruno, conversation, Part(Kind.MLS, bytes([n]) * 16, 0, first.total, first.data))
    world.calm()
    kept = [ident[0] for (ident,) in bruno.home.database.all("SELECT ident FROM part ORDER BY at, ident")]
    assert len(kept) == 8
    anne.write(conversation, "x" * 60_000)
    world.calm()
    assert bruno.texts_of(conversation, anne.key) == ["x" * 60_000]


def test_parts_that_contradict_each_other_are_set_aside(world: World) -> None:
    """S19"""
    _, bruno, conversation = pair(world)
    whole = split(Kind.MLS, bytes(16), bytes(40_000))
    for part in (whole[0], Part(Kind.RETURN, bytes(16), 1, 3, whole[1].data), whole[2]):
        put(world, bruno, conversation, part)
    world.calm()
    assert unreadable(bruno, conversation) == 1


def stranger(world: World, anne: End, n: int, profile: Profile | None = None) -> tuple[End, bytes]:
    """Somebody who follows Anne's public card."""
    invitations = anne.home.invitations
    ident = invitations.card(anne.home.context())
    anne.turn()
    published = invitations.publication(ident, b"")
    assert published is not None
    card = Card.decode(published.body)
    end = world.person(f"stranger-{n}")
    if profile is not None:
        end.home.set_identity(
            type(end.home.identity)(end.home.identity.seed, profile, anne.home.identity.relay, b"")
        )
    return end, hello(end, published.link, card)


def hello(end: End, link: Link, card: Card) -> bytes:
    host = Host(card.lasting.signature_key, card.profile, card.lasting.contact, card.hpke_key)
    with end.home.database.transaction():
        talk, effects = greet(end.home.context(), link, host, "bonjour")
        end.home.steps.begin(end.home.context(), talk, effects)
    return talk.conversation.id


def test_a_public_card_takes_so_many_newcomers_a_day(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """S7"""
    assert intake.HELLOS_A_DAY == 64
    monkeypatch.setattr(intake, "HELLOS_A_DAY", 3)
    anne = world.person("anne")
    known = [stranger(world, anne, n)[1] for n in range(5)]
    world.calm()
    assert [anne.talk(ident) is not None for ident in known] == [True, True, True, False, False]
    world.now += DAY + 1
    later = stranger(world, anne, 9)[1]
    world.calm()
    assert anne.talk(later) is not None


def test_a_personal_invitation_is_not_stopped_by_strangers(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S7: the bound is the public card's."""
    monkeypatch.setattr(intake, "HELLOS_A_DAY", 1)
    anne, bruno = world.person("anne"), world.person("bruno")
    for n in range(3):
        stranger(world, anne, n)
    world.calm()
    conversation = world.pair(anne, bruno)
    world.calm()
    assert anne.talk(conversation) is not None


def test_whoever_is_blocked_is_not_answered_again(world: World) -> None:
    """S7"""
    anne = world.person("anne")
    end, first = stranger(world, anne, 0)
    world.calm()
    assert anne.talk(first) is not None
    anne.home.people.set_blocked(end.key, True)
    ident = anne.home.invitations.card(anne.home.context())
    published = anne.home.invitations.publication(ident, b"")
    assert published is not None
    second = hello(end, published.link, Card.decode(published.body))
    world.calm()
    assert anne.talk(second) is None
    anne.home.people.set_blocked(end.key, False)
    third = hello(end, published.link, Card.decode(published.body))
    world.calm()
    assert anne.talk(third) is not None


def test_a_known_name_with_another_key_is_said_aloud(world: World) -> None:
    """S8"""
    anne = world.person("anne")
    profile = Profile("Dr Bruno Hoarau")
    _, first = stranger(world, anne, 1, profile)
    world.calm()
    _, second = stranger(world, anne, 2, profile)
    _, other = stranger(world, anne, 3, Profile("Dr Chloé Payet"))
    world.calm()
    said = [[n["what"] for n in anne.notices(ident)] for ident in (first, second, other)]
    assert ["same-name" in what for what in said] == [False, True, False]
    shorts = [c.short for c in anne.home.people.contacts()]
    assert len(shorts) == len(set(shorts)) == 3


def test_a_hello_for_a_conversation_that_is_known_changes_nothing(world: World) -> None:
    """S7: sent again under another envelope."""
    anne = world.person("anne")
    end, conversation = stranger(world, anne, 0)
    end.turn()
    (sealed,) = [envelope for line in world.pipe.lines.values() for _, envelope in line.waiting]
    (read,) = [read for read, line in world.pipe.lines.items() if line.waiting]
    world.calm()
    before = anne.talk(conversation)
    assert before is not None
    with anne.home.database.transaction():
        anne.home.database.execute("DELETE FROM seen")
    world.pipe.put(read, sealed)
    world.calm()
    after = anne.talk(conversation)
    assert after is not None
    assert whole(after) == whole(before)


def test_what_is_too_long_to_write_is_refused_and_nothing_is_kept(world: World) -> None:
    anne, _, conversation = pair(world)
    before = rows(anne.home, "message")
    with pytest.raises(WireError):
        anne.write(conversation, "x" * 2_000_000)
    assert rows(anne.home, "message") == before
    assert rows(anne.home, "writing") == 0
