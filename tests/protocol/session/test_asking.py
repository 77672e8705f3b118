"""Being asked into a conversation of several, more than once, and under a name that is somebody else's (S8, S15)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from colloque.protocol.session.admit import rosters
from colloque.protocol.session.back import ask_back, lose
from colloque.protocol.session.effects import Write
from colloque.protocol.session.model import Phase
from colloque.wire.content.roster import Roster
from colloque.wire.content.wishes import Stated
from tests.protocol.session.ends import NAMES, End, Way, World
from tests.protocol.session.pure import context, two


def _said(end: End, conversation: bytes) -> list[str]:
    return [str(notice["what"]) for notice in end.notices(conversation)]


def test_who_is_asked_twice_comes_in_once(tmp_path: Path) -> None:
    """A host who hears nothing asks again: that is no message that cannot be read."""
    world = World(tmp_path)
    anne, bruno = (world.person(name) for name in NAMES[:2])
    pair = world.pair(anne, bruno)
    world.calm()
    team = world.convene(anne, "Équipe", [(bruno, pair)])
    anne.turn()
    bruno.turn(Way(sends=0))
    with anne.home.database.transaction():
        anne.home.steps.ask(anne.home.context(), team, [(bruno.key, pair)])
    world.calm()
    talk = bruno.talk(team)
    assert talk is not None
    assert talk.conversation.phase is Phase.OPEN
    assert _said(bruno, pair) == ["opened"]
    anne.write(team, "Good morning.")
    bruno.write(team, "Good morning to you.")
    world.calm()
    assert bruno.texts_of(team, anne.key) == ["Good morning."]
    assert anne.texts_of(team, bruno.key) == ["Good morning to you."]
    world.close()


def test_a_name_of_somebody_known_is_said_wherever_it_comes_up(tmp_path: Path) -> None:
    """In a roster, and in a change of what somebody states."""
    world = World(tmp_path)
    anne, bruno, chloe = (world.person(name) for name in NAMES[:3])
    pairs = [(bruno, world.pair(anne, bruno)), (chloe, world.pair(anne, chloe))]
    world.calm()
    team = world.convene(anne, "Équipe", pairs)
    world.calm()
    assert "same-name" not in _said(anne, team)
    profile = replace(chloe.home.context().identity.profile, name=bruno.home.context().identity.profile.name)
    chloe.run(team, lambda ctx, talk: (talk, (Write(Stated(profile)),)))
    world.calm()
    assert "same-name" in _said(anne, team)
    assert "same-name" in _said(bruno, team) or bruno.home.context().identity.profile.name == profile.name
    world.close()


def test_what_a_home_calls_somebody_is_not_told_to_them() -> None:
    """The name of a conversation of two is its owner's own word."""
    ends = two()
    assert ends.host.hosting is not None
    named = replace(ends.host.conversation, name="Difficult; see file 12")
    (write,) = rosters(context("anne"), named, ends.host.hosting)
    assert isinstance(write.body, Roster)
    assert write.body.name == "Dr Anne"


def test_who_asks_to_come_back_twice_is_told_of_once(tmp_path: Path) -> None:
    """S33: one question for a human, until it is answered."""
    world = World(tmp_path)
    anne, bruno = (world.person(name) for name in NAMES[:2])
    pair = world.pair(anne, bruno)
    world.calm()
    for _ in range(2):
        bruno.run(pair, lambda ctx, talk: ask_back(ctx, lose(talk)))
        world.calm()
    assert _said(anne, pair).count("return-asked") == 1
    with anne.home.database.transaction():
        assert anne.home.steps.say_yes(anne.home.context(), pair) == 1
    world.calm()
    anne.write(pair, "Here you are.")
    world.calm()
    assert bruno.texts_of(pair, anne.key) == ["Here you are."]
    world.close()


def test_nothing_that_was_encrypted_outlives_its_last_row(tmp_path: Path) -> None:
    """However a message leaves the line: sent, given up, or lost with the state that it was encrypted under."""
    world = World(tmp_path)
    anne, bruno = (world.person(name) for name in NAMES[:2])
    pair = world.pair(anne, bruno)
    world.calm()
    anne.write(pair, "One.")
    anne.turn(Way(sends=0))
    assert anne.home.database.one("SELECT count(*) FROM payload")[0] == 1
    anne.home.database.execute("DELETE FROM outgoing WHERE conversation = ?", pair)
    assert anne.home.database.one("SELECT count(*) FROM payload")[0] == 0
    world.close()
