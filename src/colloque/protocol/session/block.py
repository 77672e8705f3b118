"""Cutting somebody's way to write here off, in a conversation of two, and opening it again (`spec/sessions.md` S36)."""

from __future__ import annotations

from dataclasses import replace

from colloque.protocol.session.admit import Step, books, rosters
from colloque.protocol.session.effects import (
    DropQueue,
    DropWriters,
    Effect,
    MakeQueue,
    Write,
)
from colloque.protocol.session.keys import fresh_package, own_queue
from colloque.protocol.session.model import Context, Peer, Phase, Talk
from colloque.wire.codec import WireError
from colloque.wire.content.wishes import Offer


def cut_off(talk: Talk) -> tuple[Talk, tuple[Effect, ...]]:
    """A member's host holds every capability of the member's queue, a host's member one of the host's. Raises `WireError` where
    nobody has answered yet: a Welcome that finds no way is not sent a second time."""
    if talk.conversation.phase is Phase.WAITING:
        raise WireError("that person has not answered yet: leave that conversation instead")
    queue, peer = talk.conversation.queue, _other(talk)
    if talk.hosting is None:
        return talk, (DropWriters(queue, tuple(range(len(queue.writers)))),)
    return talk, () if peer.my_writer is None else (DropWriters(queue, (peer.my_writer,)),)


def open_again(ctx: Context, talk: Talk) -> Step:
    """The host gives its member another capability; a member offers its host another queue, and fresh keys with it. Raises
    `WireError` where one of the two has lost the keys in which that is said."""
    c, peer = talk.conversation, _other(talk)
    if c.phase is Phase.WAITING:
        return talk, ()
    if c.phase is not Phase.OPEN:
        raise WireError(
            "that cannot be undone now: one side has lost its keys here, and has to come back first"
        )
    if talk.hosting is None:
        queue = own_queue(ctx)
        data, kept = fresh_package(ctx, c.id)
        return replace(talk, conversation=c.with_queue(queue)), (
            MakeQueue(queue),
            kept,
            Write(Offer(c.id, c.succession, queue.offer, data), to=peer.key),
            DropQueue(c.queue),
        )
    own = books(talk).seat(ctx.identity.key)
    if own is None:
        raise WireError("the host's books lack a seat")
    own = own.take_back(peer.key).give(peer.key)
    hosting = replace(
        talk.hosting, seats=tuple(own if seat.key == own.key else seat for seat in talk.hosting.seats)
    )
    reached = replace(peer, my_writer=own.index_of(peer.key))
    after = replace(c.with_peer(reached), revision=c.revision + 1)
    return replace(talk, conversation=after, hosting=hosting), rosters(ctx, after, hosting)


def _other(talk: Talk) -> Peer:
    if not talk.conversation.pair or len(talk.conversation.peers) != 1:
        raise WireError("that is a conversation of several, not one person")
    return talk.conversation.peers[0]
