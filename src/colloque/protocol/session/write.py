"""Encrypting in its turn: one content into one MLS message for every reader (`spec/sessions.md` S16, S17)."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from colloque.protocol.session.effects import Await, Post
from colloque.protocol.session.model import Context, Phase, Talk
from colloque.wire.codec import WireError
from colloque.wire.content.content import Body, Content, Signal
from colloque.wire.content.document import Document
from colloque.wire.content.receipt import Retraction
from colloque.wire.content.text import Text
from colloque.wire.envelope import Kind

SIGNAL_MS: Final = 60_000
"""How long a piece of a call is of use (`spec/calls.md` C2)."""


def is_outdated(content: Content, now: int) -> bool:
    """A piece of a call that could not be sent while it was of use."""
    return isinstance(content.body, Signal) and content.sent_at + SIGNAL_MS < now


def is_numbered(body: Body) -> bool:
    """Messages to people are counted, so that a reader sees a gap."""
    return isinstance(body, Text | Document | Retraction)


def may_write(talk: Talk) -> bool:
    """Whether anything can be encrypted now: joined, and with the host's roster where one is needed."""
    return (
        talk.conversation.phase is Phase.OPEN
        and bool(talk.groups)
        and any(peer.address is not None for peer in talk.conversation.peers)
    )


def number(talk: Talk, body: Body) -> tuple[Talk, int]:
    """The next number of my messages to people, or 0 for the others."""
    if not is_numbered(body):
        return talk, 0
    after = replace(talk.conversation, number=talk.conversation.number + 1)
    return replace(talk, conversation=after), after.number


def encrypt(
    ctx: Context, talk: Talk, content: Content, to: bytes | None = None
) -> tuple[Talk, tuple[Post, ...]]:
    """One MLS message, posted to everybody whose address is known (or to one reader alone)."""
    if not may_write(talk):
        raise WireError("this conversation is not open")
    group, message = talk.group.protect(content.encode(), ctx.random, authenticated_data=talk.conversation.id)
    members = {member.signature_key for member in group.members()}
    about = content.id if is_numbered(content.body) else None
    until = content.sent_at + SIGNAL_MS if isinstance(content.body, Signal) else None
    posts = tuple(
        Post(peer.key, peer.address, Kind.MLS, message, about, until)
        for peer in talk.conversation.peers
        if peer.address is not None and peer.key in members and (to is None or peer.key == to)
    )
    return talk.with_group(group), posts


def awaited(talk: Talk, content: Content) -> tuple[Await, ...]:
    """For whom a message is, too, who was here before the group was made anew, and has not come into it yet (S30, S33)."""
    if not is_numbered(content.body):
        return ()
    members = {member.signature_key for member in talk.group.members()}
    absent = (p.key for p in talk.conversation.peers if p.address is not None and p.key not in members)
    return tuple(Await(key, content.id) for key in absent)
