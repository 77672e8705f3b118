"""A newcomer's first step: the hello that answers a link (`spec/sessions.md` S1 to S3)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from colloque.protocol.session.effects import (
    DropQueue,
    Effect,
    Happening,
    MakeQueue,
    Notice,
    Post,
)
from colloque.protocol.session.keys import fresh_package, lent_queue
from colloque.protocol.session.model import Context, Conversation, Peer, Phase, Talk
from colloque.wire.address import QueueAddress
from colloque.wire.codec import WireError
from colloque.wire.envelope import Kind
from colloque.wire.hello import Hello
from colloque.wire.links import Link
from colloque.wire.profile import Profile


@dataclass(frozen=True, slots=True)
class Host:
    """Whoever a link leads to, as their checked card or invitation says."""

    key: bytes
    profile: Profile
    address: QueueAddress
    hpke_key: bytes = field(repr=False)
    grant: bytes = field(repr=False, default=b"")


def turned_away(talk: Talk) -> tuple[Talk, tuple[Effect, ...]]:
    """The link's queue is gone: somebody else has used the link, or its owner took it back (S5). Nobody will answer."""
    c = talk.conversation
    if c.phase is not Phase.WAITING:
        return talk, ()
    over = replace(c, phase=Phase.REMOVED)
    return replace(talk, conversation=over), (DropQueue(c.queue), Notice(Happening.LINK_USED, c.host))


def greet(ctx: Context, link: Link, host: Host, first_words: str = "") -> tuple[Talk, tuple[Effect, ...]]:
    """Opens a waiting conversation with `host`. Nothing was sent before this: it is the answer to a tap."""
    if host.key == ctx.identity.key:
        raise WireError("this link is your own: give it to somebody else")
    queue = lent_queue(ctx, host.address.relay, host.grant)
    ident = ctx.random(16)
    package, kept = fresh_package(ctx, ident)
    hello = Hello(
        host.key,
        link.pin,
        ctx.identity.key,
        ident,
        ctx.now,
        ctx.identity.profile,
        queue.offer,
        package,
        first_words,
    )
    conversation = Conversation(
        ident,
        host.profile.name,
        True,
        Phase.WAITING,
        host.key,
        queue,
        (Peer(host.key, host.profile),),
        welcome_psk=link.psk,
    )
    sealed = hello.seal(ctx.identity.seed, link.secret, host.hpke_key)
    return Talk(conversation), (
        MakeQueue(queue),
        kept,
        Post(host.key, host.address, Kind.HELLO, sealed),
    )
