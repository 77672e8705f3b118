"""A hello whose answer was lost: the link is used, and it may be by this very hello (`spec/sessions.md` S5)."""

from __future__ import annotations

from pathlib import Path

import pytest

from colloque.protocol.session.join import join
from colloque.protocol.session.model import Phase
from colloque.store.client.outbox import ASK_AGAIN_MS, ASKED_AGAIN
from colloque.wire.codec import WireError
from tests.protocol.session.ends import NAMES, End, Way, World


def _phase(end: End, conversation: bytes) -> Phase:
    talk = end.talk(conversation)
    assert talk is not None
    return talk.conversation.phase


def _unheard(tmp_path: Path) -> tuple[World, End, End, bytes]:
    """Bruno's hello is at the relay, which he does not know; Anne has taken it, and not answered yet."""
    world = World(tmp_path)
    anne, bruno = (world.person(name) for name in NAMES[:2])
    pair = world.pair(anne, bruno)
    bruno.turn(Way(deaf=True))
    for _ in range(3):
        anne.turn(Way(sends=0))
    assert anne.talk(pair) is not None
    bruno.turn()
    return world, anne, bruno, pair


def test_the_welcome_comes_after_the_refusal(tmp_path: Path) -> None:
    world, anne, bruno, pair = _unheard(tmp_path)
    assert _phase(bruno, pair) is Phase.WAITING
    assert bruno.notices(pair) == []
    world.calm()
    assert _phase(bruno, pair) is Phase.OPEN
    world.now += ASK_AGAIN_MS
    world.calm()
    assert not bruno.home.outbox.holds_hello(pair)
    bruno.write(pair, "It was I.")
    world.calm()
    assert anne.texts_of(pair, bruno.key) == ["It was I."]
    assert [n["what"] for n in bruno.notices(pair)] == ["opened"]
    world.close()


def test_after_a_day_without_a_welcome_it_was_somebody_else(tmp_path: Path) -> None:
    """What comes then leads nowhere: the queue in which it would be read is given up."""
    world, anne, bruno, pair = _unheard(tmp_path)
    for n in range(ASKED_AGAIN):
        assert _phase(bruno, pair) is Phase.WAITING, n
        world.now += ASK_AGAIN_MS
        bruno.turn()
    assert _phase(bruno, pair) is Phase.REMOVED
    assert [n["what"] for n in bruno.notices(pair)] == ["link-used"]
    world.calm()
    talk = bruno.talk(pair)
    assert talk is not None
    with pytest.raises(WireError, match="over"):
        join(bruno.home.context(), talk, b"", b"", b"")
    assert anne.talk(pair) is not None
    world.close()


def test_a_first_hello_that_is_refused_is_told_at_once(tmp_path: Path) -> None:
    world = World(tmp_path)
    anne, bruno = (world.person(name) for name in NAMES[:2])
    pair = world.pair(anne, bruno)
    world.pipe.lines.clear()
    bruno.turn()
    assert _phase(bruno, pair) is Phase.REMOVED
    assert [n["what"] for n in bruno.notices(pair)] == ["link-used"]
    world.close()
