"""Who is taken out is told so, wherever they are just then (`spec/sessions.md` S14)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from colloque.protocol.session.admit import Step, dismiss, restate
from colloque.protocol.session.answer import take_over
from colloque.protocol.session.effects import DropQueue, Happening, Notice, Write
from colloque.protocol.session.join import offer
from colloque.protocol.session.keys import fresh_package, own_queue
from colloque.protocol.session.model import Context, Phase, Talk
from colloque.protocol.session.roster import take_roster
from colloque.store.client.apply import Apply
from colloque.wire.codec import WireError
from colloque.wire.content.roster import Roster
from colloque.wire.content.wishes import Ask, Offer
from tests.protocol.session.ends import NAMES, RELAY, World
from tests.protocol.session.pure import two


@pytest.mark.parametrize("heard", [False, True])
def test_a_new_host_takes_out_people_before_they_came_into_its_group(tmp_path: Path, heard: bool) -> None:
    """They have answered its question, or have not: they can write to nobody from then on, and know it."""
    world = World(tmp_path)
    anne, bruno, chloe, david = (world.person(name) for name in NAMES[:4])
    asked = [(end, world.pair(anne, end)) for end in (bruno, chloe, david)]
    world.calm()
    team = world.convene(anne, "Équipe", asked)
    world.calm()
    anne.run(team, _second_host, david.key)
    world.calm()
    david.run(team, take_over)
    if heard:
        david.turn()
        anne.turn()
        bruno.turn()
    for out in (anne, bruno):
        david.run(team, dismiss, out.key)
    world.calm()
    for out in (anne, bruno):
        talk = out.talk(team)
        assert talk is not None
        assert talk.conversation.phase is Phase.REMOVED
        assert [n["what"] for n in out.notices(team)].count("removed") == 1
        with pytest.raises(WireError):
            out.write(team, "Is anybody there?")
    ident = david.write(team, "The two of us.")
    world.calm()
    assert chloe.texts_of(team, david.key) == ["The two of us."]
    assert david.home.messages.get(ident) is not None
    assert bruno.texts_of(team, david.key) == []
    world.close()


def test_who_was_taken_out_is_asked_in_again_by_a_later_host(tmp_path: Path) -> None:
    """S15: somebody who was there then; it is said that it is another host. A stranger to that conversation is refused."""
    world = World(tmp_path)
    anne, bruno, chloe, david = (world.person(name) for name in NAMES[:4])
    asked = [(end, world.pair(anne, end)) for end in (bruno, chloe)]
    with_bruno, with_david = world.pair(chloe, bruno), world.pair(david, bruno)
    world.calm()
    team = world.convene(anne, "Équipe", asked)
    world.calm()
    anne.run(team, _second_host, chloe.key)
    anne.run(team, dismiss, bruno.key)
    world.calm()
    chloe.run(team, take_over)
    world.calm()
    for asker, pair in ((david, with_david), (chloe, with_bruno)):
        before = bruno.talk(team)
        assert before is not None
        ask = Ask(team, "Équipe", before.conversation.succession + 1, RELAY, bytes(32))
        if asker is david:
            with pytest.raises(WireError):
                offer(bruno.home.context(), ask, david.key, before)
            assert bruno.talk(pair) is not None
            continue
        with chloe.home.database.transaction():
            chloe.home.steps.ask(chloe.home.context(), team, [(bruno.key, pair)])
    world.calm()
    talk = bruno.talk(team)
    assert talk is not None
    assert (talk.conversation.phase, talk.conversation.host) == (Phase.OPEN, chloe.key)
    assert "host-changed" in [n["what"] for n in bruno.notices(team)]
    chloe.write(team, "Welcome back.")
    world.calm()
    assert bruno.texts_of(team, chloe.key) == ["Welcome back."]
    world.close()


def test_an_offer_that_stayed_in_line_is_not_sent_once_another_was_taken(tmp_path: Path) -> None:
    """S15: its queue is not there any more; a host who took it would lose whoever it is of."""
    world = World(tmp_path)
    anne, bruno = (world.person(name) for name in NAMES[:2])
    pair = world.pair(anne, bruno)
    world.calm()
    team = world.convene(anne, "Équipe", [(bruno, pair)])
    world.calm()
    talk = bruno.talk(team)
    assert talk is not None
    ctx = bruno.home.context()
    data, kept = fresh_package(ctx, team)
    past = Offer(team, talk.conversation.succession, own_queue(ctx).offer, data)
    with bruno.home.database.transaction():
        Apply(bruno.home.database, ctx, team).all([kept, Write(past, to=anne.key)])
    world.calm()
    anne.write(team, "Are you there?")
    world.calm()
    assert bruno.texts_of(team, anne.key) == ["Are you there?"]
    assert bruno.home.database.one("SELECT count(*) FROM writing") == (0,)
    world.close()


def _second_host(ctx: Context, talk: Talk, key: bytes) -> Step:
    return restate(ctx, talk, second_host=key)


def test_a_roster_with_nobody_in_it() -> None:
    """A conversation of two has no such thing, and only the host can send it."""
    ends = two()
    key = ends.anne.identity.key
    nobody = Roster(9, "Équipe", key, b"", bytes(32), ())
    with pytest.raises(WireError):
        take_roster(ends.bruno, ends.guest, key, nobody)
    several = replace(ends.guest, conversation=replace(ends.guest.conversation, pair=False))
    with pytest.raises(WireError):
        take_roster(ends.bruno, several, bytes(32), nobody)
    after, effects = take_roster(ends.bruno, several, key, nobody)
    assert after.conversation.phase is Phase.REMOVED
    assert effects == (Notice(Happening.REMOVED_ME, key), DropQueue(several.conversation.queue))
