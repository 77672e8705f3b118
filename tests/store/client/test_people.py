"""How people and conversations are listed, named and found (`spec/sessions.md` S8, S9)."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colloque.protocol.session.model import Phase
from colloque.store.client.alike import Alike
from colloque.store.client.naming import slug
from colloque.store.client.people import NotFound
from colloque.wire.profile import Profile
from tests.protocol.session.ends import End, World
from tests.store.client.test_bounds import stranger


@given(st.text(max_size=80))
def test_short_names_can_be_typed_and_stay_as_they_are(name: str) -> None:
    short = slug(name)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", short)
    assert len(short) <= 40
    assert slug(short) == short


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Dr Anne Payet", "anne-payet"),
        ("Docteur Chloé  d'Hérouville", "chloe-d-herouville"),
        ("Dr", "somebody"),
        ("李", "somebody"),
    ],
)
def test_titles_and_accents_are_not_typed(name: str, short: str) -> None:
    assert slug(name) == short


def test_finding_somebody(world: World) -> None:
    anne = world.person("anne")
    names = ("Dr Bruno Hoarau", "Dr Chloé Payet", "Pr Denis Payet")
    known = [stranger(world, anne, n, Profile(name))[1] for n, name in enumerate(names)]
    world.calm()
    people = anne.home.people
    assert [c.short for c in people.contacts()] == ["bruno-hoarau", "chloe-payet", "denis-payet"]
    for who in (
        "bruno-hoarau",
        " Bruno-Hoarau ",
        "Dr Bruno Hoarau",
        "dr bruno hoarau",
        "hoarau",
        known[0].hex(),
    ):
        assert people.find(who) == known[0], who
    assert people.find(people.contacts()[0].key.hex()) == known[0]
    with pytest.raises(NotFound, match="more than one"):
        people.find("payet")
    for nobody in ("", "emma", "00" * 16, "zz"):
        with pytest.raises(NotFound, match="nobody"):
            people.find(nobody)
    assert people.name_of(known[1], people.contacts()[1].key) == "Dr Chloé Payet"
    assert (people.short(known[1]), people.short(bytes(16))) == ("chloe-payet", "")


def test_whoever_has_left_is_not_found_by_name_and_their_short_name_is_not_given_again(world: World) -> None:
    anne = world.person("anne")
    end, first = stranger(world, anne, 0, Profile("Dr Bruno Hoarau"))
    world.calm()
    end.home.leaving.leave(end.home.context(), first)
    world.calm()
    assert anne.home.people.contacts()[0].phase is Phase.LEFT
    with pytest.raises(NotFound):
        anne.home.people.find("hoarau")
    _, second = stranger(world, anne, 1, Profile("Dr Bruno Hoarau"))
    world.calm()
    assert anne.home.people.find("hoarau") == second
    assert anne.home.people.find("bruno-hoarau") == first
    assert anne.home.people.find("bruno-hoarau-2") == second


def test_verified_and_blocked_are_of_a_key_and_do_not_touch_each_other(world: World) -> None:
    """S9"""
    anne = world.person("anne")
    end, _ = stranger(world, anne, 0)
    world.calm()
    people = anne.home.people

    def marks() -> tuple[bool, bool]:
        (contact,) = people.contacts()
        return contact.verified, contact.blocked

    assert marks() == (False, False)
    people.set_verified(end.key, True)
    people.set_blocked(end.key, True)
    assert marks() == (True, True)
    people.set_verified(end.key, False)
    assert marks() == (False, True)
    people.set_blocked(end.key, False)
    assert marks() == (False, False)


def test_members_of_a_conversation_of_several(world: World) -> None:
    """By the name they state, or by the short name of one's own conversation with them; never somebody who is not in it."""
    anne, bruno, chloe = (world.person(name) for name in ("anne", "bruno", "chloe"))
    pairs = [(end, world.pair(anne, end)) for end in (bruno, chloe)]
    world.calm()
    team = world.convene(anne, "Équipe", pairs[:1])
    world.calm()
    people = anne.home.people
    (gathering,) = people.gatherings()
    assert (gathering.short, gathering.name, gathering.host) == ("equipe", "Équipe", anne.key)
    assert [(key, joined) for key, _, joined in gathering.members] == [(bruno.key, True)]
    assert people.find("équipe") == team
    assert people.member(team, "bruno") == people.member(team, "Dr Bruno") == bruno.key
    assert people.member(team, bruno.key.hex()) == bruno.key
    for nobody in ("chloe", "anne", ""):
        with pytest.raises(NotFound):
            people.member(team, nobody)
    with pytest.raises(NotFound, match="several"):
        people.contact(team)
    assert people.contact(pairs[0][1]).key == bruno.key


def named(world: World, host: End, n: int, profile: Profile) -> bytes:
    """Somebody who follows a personal link of `host`'s, made for them by the name that they state."""
    guest = world.person(f"guest-{n}")
    guest.home.set_identity(replace(guest.home.identity, profile=profile))
    guest.name = profile.name
    return world.pair(host, guest)


def test_a_stranger_is_not_written_to_in_place_of_somebody_known(world: World) -> None:
    """S8: what was typed for Bruno Martin means him, or is asked back; never the stranger who calls himself Bruno."""
    anne = world.person("anne")
    meant = named(world, anne, 0, Profile("Dr Bruno Martin"))
    world.calm()
    people = anne.home.people
    assert people.find("bruno") == people.find("bruno martin") == meant
    _, other = stranger(world, anne, 1, Profile("Bruno"))
    world.calm()
    assert people.short(other) == "bruno-2"
    with pytest.raises(NotFound, match=r"more than one.*=bruno-2, =bruno-martin"):
        people.find("bruno")
    assert people.find("bruno-martin") == people.find("=bruno-martin") == people.find("martin") == meant
    assert people.find("bruno-2") == other
    with pytest.raises(NotFound, match="nobody"):
        people.find("=bruno")


def test_a_stranger_who_came_first_is_not_taken_for_who_was_invited_later(world: World) -> None:
    """S8: the stranger has the short name; only a comparison makes it mean them without a question."""
    anne = world.person("anne")
    end, other = stranger(world, anne, 0, Profile("Bruno"))
    world.calm()
    people = anne.home.people
    assert people.find("bruno") == other
    meant = named(world, anne, 1, Profile("Dr Bruno Martin"))
    world.calm()
    with pytest.raises(NotFound, match="more than one"):
        people.find("bruno")
    assert people.find("=bruno") == other
    assert people.find("bruno-martin") == meant
    people.set_verified(end.key, True)
    assert people.find("bruno") == other


def test_whoever_was_invited_first_keeps_what_is_typed_for_them(world: World) -> None:
    anne = world.person("anne")
    first = named(world, anne, 0, Profile("Bruno"))
    world.calm()
    named(world, anne, 1, Profile("Dr Bruno Martin"))
    stranger(world, anne, 2, Profile("Bruno"))
    world.calm()
    assert anne.home.people.find("bruno") == first


def test_a_role_is_not_given_to_somebody_else_of_a_like_name(world: World) -> None:
    anne, chloe = world.person("anne"), world.person("chloe")
    first, second = world.person("first"), world.person("second")
    for end, name in ((first, "Dr Bruno Martin"), (second, "Bruno")):
        end.home.set_identity(replace(end.home.identity, profile=Profile(name)))
    first.name = "Bruno Martin"
    pairs = [(end, world.pair(anne, end)) for end in (first, second, chloe)]
    world.calm()
    team = world.convene(anne, "Team", pairs)
    world.calm()
    with pytest.raises(NotFound, match="more than one"):
        chloe.home.people.member(team, "bruno")
    assert chloe.home.people.member(team, "bruno martin") == first.key


def test_a_name_outlives_its_going_and_is_of_one_person_only(world: World) -> None:
    anne, bruno, chloe = (world.person(name) for name in ("anne", "bruno", "chloe"))
    pairs = [(end, world.pair(anne, end)) for end in (bruno, chloe)]
    world.calm()
    team = world.convene(anne, "Team", pairs)
    world.calm()
    people = chloe.home.people
    assert people.name_of(team, bruno.key) == "Dr Bruno"
    assert people.name_of(pairs[1][1], bruno.key) == "Dr Bruno"
    bruno.home.leaving.leave(bruno.home.context(), team)
    world.calm()
    assert people.name_of(team, bruno.key) == "Dr Bruno"


def test_looking_like_somebody_known(world: World) -> None:
    """S8: another key, with the name, one that looks like it, or the number; never oneself, and nobody's empty number."""
    anne = world.person("anne")
    _, known = stranger(world, anne, 0, Profile("Dr Bruno Hoarau", "", "10000000009"))
    stranger(world, anne, 1, Profile("Dr Chloé"))
    world.calm()
    alike, own = Alike(anne.home.database), anne.home.people.contact(known).key
    for profile in (
        Profile("Docteur Hoarau Bruno"),
        Profile("Dr Вruno Нoarau"),
        Profile("Dr Denis", "", "10000000009"),
    ):
        assert alike.somebody_else(b"k" * 32, profile), profile
        assert not alike.somebody_else(own, profile), profile
    assert not alike.somebody_else(b"k" * 32, Profile("Dr Denis"))
