"""Losing the state of a conversation whose old host never came over (`spec/sessions.md` S30 to S33)."""

from __future__ import annotations

from colloque.protocol.session.admit import restate
from colloque.protocol.session.answer import take_over
from colloque.protocol.session.model import Phase
from tests.protocol.session.ends import World


def test_a_host_that_never_came_over_holds_no_return_up(world: World) -> None:
    """S33: who has no seat in the new host's books is not asked, and not waited for."""
    anne, bruno, chloe = (world.person(name) for name in ("anne", "bruno", "chloe"))
    pairs = [(end, world.pair(anne, end)) for end in (bruno, chloe)]
    world.calm()
    team = world.convene(anne, "Team", pairs)
    world.calm()
    anne.run(team, lambda ctx, talk: restate(ctx, talk, second_host=bruno.key))
    world.calm()
    world.ends.remove(anne)
    bruno.run(team, take_over)
    world.calm()
    with bruno.home.database.transaction():
        bruno.home.steps.lose_all(bruno.home.context(), asked=False)
    world.calm()
    assert "lost" not in [n["what"] for n in bruno.notices(team)]
    with chloe.home.database.transaction():
        assert chloe.home.steps.say_yes(chloe.home.context(), team) == 1
    world.calm()
    talk = bruno.talk(team)
    assert talk is not None
    assert talk.conversation.phase is Phase.OPEN
    bruno.write(team, "Here again.")
    world.calm()
    assert chloe.texts_of(team, bruno.key) == ["Here again."]
    anne.close()


def test_where_nobody_can_be_asked_it_is_said_and_the_others_are_asked(world: World) -> None:
    """S33"""
    anne, bruno, chloe = (world.person(name) for name in ("anne", "bruno", "chloe"))
    first, second = world.pair(bruno, anne), world.pair(chloe, anne)
    world.calm()
    anne.home.database.execute("UPDATE peer SET address = NULL WHERE conversation = ?", first)
    anne.home.database.execute("UPDATE conversation SET version = version + 1 WHERE id = ?", first)
    with anne.home.database.transaction():
        anne.home.steps.lose_all(anne.home.context(), asked=False)
    world.calm()
    assert [n["what"] for n in anne.notices(first)][-1] == "lost"
    assert [n["what"] for n in chloe.notices(second)][-1] == "return-asked"
