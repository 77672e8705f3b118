"""Two ends made of values alone: the rules, and nothing that stores or sends."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass, replace

from colloque.mls.api import peek
from colloque.protocol.session.answer import answer
from colloque.protocol.session.effects import Effect, KeepKeyPackage, Post, Write
from colloque.protocol.session.greet import Host, greet
from colloque.protocol.session.join import join
from colloque.protocol.session.model import Context, Identity, Talk
from colloque.protocol.session.receive import receive
from colloque.protocol.session.write import encrypt
from colloque.wire import xwing
from colloque.wire.address import QueueAddress
from colloque.wire.content.content import Body, Content
from colloque.wire.envelope import Kind
from colloque.wire.hello import Hello
from colloque.wire.links import Link, LinkKind
from colloque.wire.profile import Profile
from tests.protocol.session.ends import RELAY, START, only_what_is_given


def context(name: str, now: int = START) -> Context:
    source = random.Random(name)
    return Context(
        Identity(source.randbytes(32), Profile(f"Dr {name.title()}"), RELAY, b""), now, source.randbytes
    )


def posted(effects: Iterable[Effect]) -> list[bytes]:
    return [e.payload for e in effects if isinstance(e, Post)]


@dataclass(frozen=True)
class Two:
    """Anne hosts; Bruno followed her link."""

    anne: Context
    bruno: Context
    host: Talk
    guest: Talk


def two() -> Two:
    anne, bruno = context("anne"), context("bruno")
    seed, secret, pin = bytes(range(32)), bytes(32), bytes([1]) * 32
    link = Link(LinkKind.INVITATION, RELAY, RELAY, secret, pin)
    contact = QueueAddress(RELAY, bytes(32), bytes(32))
    with only_what_is_given():
        shown = Host(anne.identity.key, anne.identity.profile, contact, xwing.public_key(seed))
        guest, effects = greet(bruno, link, shown)
        (sealed,) = posted(effects)
        (keep,) = [e for e in effects if isinstance(e, KeepKeyPackage)]
        hello = Hello.unseal(sealed, hpke_seed=seed, secret=secret, recipient=anne.identity.key, pin=pin)
        host, effects = answer(anne, hello, link.psk, None)
        (welcome,) = posted(effects)
        guest, _ = join(bruno, guest, welcome, keep.package, keep.secrets)
        for write in [e for e in effects if isinstance(e, Write)]:
            host, message = said(anne, host, write.body)
            guest, _ = receive(bruno, guest, message)
    return Two(anne, bruno, host, guest)


def said(ctx: Context, talk: Talk, body: Body, number: int = 0) -> tuple[Talk, bytes]:
    """One content, encrypted for the only other."""
    after, posts = encrypt(ctx, talk, Content(ctx.random(16), number, ctx.now, body))
    (message,) = posted(posts)
    assert posts[0].kind is Kind.MLS
    assert peek(message).epoch == talk.group.epoch
    return after, message


def later(ctx: Context, milliseconds: int) -> Context:
    return replace(ctx, now=ctx.now + milliseconds)
