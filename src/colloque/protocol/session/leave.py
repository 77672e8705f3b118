"""Leaving: a last word to the host (or, of a host, to everybody), and nothing after it (S29); and being taken out (S14)."""

from __future__ import annotations

from dataclasses import replace

from colloque.protocol.session.effects import DropQueue, Effect, Happening, Notice
from colloque.protocol.session.model import Context, Phase, Talk
from colloque.protocol.session.write import encrypt, may_write
from colloque.wire.codec import WireError
from colloque.wire.content.content import Content
from colloque.wire.content.wishes import Wish, WishKind


def taken_out(talk: Talk) -> tuple[Talk, tuple[Effect, ...]]:
    """The host has taken this end out, and says so (S14)."""
    c = talk.conversation
    after = replace(talk, conversation=replace(c, phase=Phase.REMOVED))
    return after, (Notice(Happening.REMOVED_ME, c.host), DropQueue(c.queue))


def check_leave(ctx: Context, talk: Talk) -> None:
    """A host of several leaves only where a second host is named, who then carries on; raises `WireError`."""
    before = talk.conversation
    seats = () if talk.hosting is None else talk.hosting.seats
    others = any(seat.key != ctx.identity.key for seat in seats)
    if _hosts(ctx, talk) and not before.pair and others and not before.second_host:
        raise WireError("name a second host first (`group second-host`): this conversation has no other")


def leave(ctx: Context, talk: Talk) -> tuple[Talk, tuple[Effect, ...]]:
    before = talk.conversation
    posts: tuple[Effect, ...] = ()
    if may_write(talk):
        content = Content(ctx.random(16), 0, ctx.now, Wish(WishKind.LEAVE))
        talk, posts = encrypt(ctx, talk, content, None if _hosts(ctx, talk) else before.host)
    after = replace(talk, conversation=replace(talk.conversation, phase=Phase.LEFT))
    return after, (*posts, DropQueue(before.queue))


def _hosts(ctx: Context, talk: Talk) -> bool:
    return talk.conversation.host == ctx.identity.key
