"""The host's first step: a conversation for whoever said hello, or for people it asks (`spec/sessions.md` S4 to S8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from colloque.mls import api as mls
from colloque.protocol.session.admit import Step, admit
from colloque.protocol.session.effects import Burn, Effect, Happening, Lend, MakeQueue, Notice, Show
from colloque.protocol.session.hosting import Hosting
from colloque.protocol.session.keys import hello_psk, new_group, own_queue
from colloque.protocol.session.model import Context, Conversation, Peer, Phase, Talk
from colloque.protocol.session.write import encrypt
from colloque.wire.codec import WireError
from colloque.wire.content.content import Content
from colloque.wire.content.text import Text
from colloque.wire.content.wishes import Ask
from colloque.wire.hello import Hello
from colloque.wire.profile import check_name


def host_talk(ctx: Context, ident: bytes, name: str, *, pair: bool) -> tuple[Talk, tuple[Effect, ...]]:
    """A conversation with nobody else in it yet, hosted here."""
    queue = own_queue(ctx)
    conversation = Conversation(ident, name, pair, Phase.OPEN, ctx.identity.key, queue, committed_at=ctx.now)
    hosting = Hosting().introduce(ctx.identity.key, queue.offer, bytes(32))
    return Talk(conversation, (new_group(ctx),), hosting), (MakeQueue(queue),)


def answer(ctx: Context, hello: Hello, psk: bytes, burn: bytes | None) -> Step:
    """A new conversation with the newcomer; `psk` is the link's. `burn`: the invitation that this hello used up."""
    if hello.signature_key == ctx.identity.key:
        raise WireError("a hello from myself")
    talk, made = host_talk(ctx, hello.conversation, hello.profile.name, pair=True)
    mixed = mls.Psk(hello_psk(hello.conversation), psk)
    talk, admitted = admit(
        ctx, talk, hello.signature_key, hello.profile, hello.queue, hello.key_package, psks=[mixed]
    )
    words: tuple[Effect, ...] = ()
    if hello.first_words:
        words = (
            Show(hello.signature_key, Content(hello.conversation, 0, hello.sent_at, Text(hello.first_words))),
        )
    kept = tuple(e for e in admitted if not isinstance(e, Notice))
    burnt: tuple[Effect, ...] = () if burn is None else (Burn(burn),)
    return talk, (*made, *kept, *burnt, Notice(Happening.OPENED, hello.signature_key), *words)


def convene(ctx: Context, name: str) -> tuple[Talk, tuple[Effect, ...]]:
    """A new conversation of several, with nobody in it yet: see `ask`."""
    return host_talk(ctx, ctx.random(16), check_name(name), pair=False)


def ask(ctx: Context, talk: Talk, peers: Sequence[Peer]) -> tuple[Talk, tuple[Effect, ...], Ask]:
    """Notes people as asked; the `Ask` goes to each in the conversation of two that one has with them."""
    conversation = several(talk).conversation
    for peer in peers:
        if conversation.peer(peer.key) is None:
            conversation = conversation.with_peer(Peer(peer.key, peer.profile))
    lend = Lend(ctx.random(32), len(peers))
    asked = Ask(conversation.id, conversation.name, conversation.succession, ctx.identity.relay, lend.grant)
    return replace(talk, conversation=conversation), (lend,), asked


def several(talk: Talk) -> Talk:
    """A conversation of two stays one: nobody who wrote there meant anybody else to read it. Raises `WireError`."""
    if talk.conversation.pair:
        raise WireError("this is a conversation of two: make one of several with `colloque group new`")
    return talk


def take_over(ctx: Context, talk: Talk) -> Step:
    """The second host carries the conversation on in a new group, and asks everybody in (`spec/sessions.md` S30)."""
    old = several(talk).conversation
    if old.second_host != ctx.identity.key:
        raise WireError("only the second host can take a conversation over")
    fresh, made = host_talk(ctx, old.id, old.name, pair=old.pair)
    lend = Lend(ctx.random(32), len(old.peers))
    asked = Ask(old.id, old.name, old.succession + 1, ctx.identity.relay, lend.grant)
    posts: tuple[Effect, ...] = ()
    if old.peers:
        talk, posts = encrypt(ctx, talk, Content(ctx.random(16), 0, ctx.now, asked))
    conversation = replace(
        old,
        host=ctx.identity.key,
        second_host=b"",
        succession=old.succession + 1,
        revision=old.revision + 1,
        committed_at=ctx.now,
    ).with_queue(fresh.conversation.queue)
    return Talk(conversation, (fresh.group, *talk.groups), fresh.hosting), (
        *made,
        lend,
        *posts,
        Notice(Happening.HOST_CHANGED, ctx.identity.key),
    )
