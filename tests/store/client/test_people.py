"""How people and conversations are listed, named and found (`spec/sessions.md` S8, S9)."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colloque.protocol.session.model import Phase
from colloque.store.client.people import NotFound
from colloque.store.client.talks import slug
from colloque.wire.profile import Profile
from tests.protocol.session.ends import World
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
