"""Coming back after one's state was lost: the asking, the human's yes, and the group that follows (S31 to S34)."""

from __future__ import annotations

from dataclasses import replace

from colloque.mls import api as mls
from colloque.protocol.session.admit import Step, all_back, books, leaf_of, renew, rosters
from colloque.protocol.session.effects import (
    Happening,
    Notice,
    Post,
    SendAgain,
)
from colloque.protocol.session.keys import checked_package, fresh_package, new_group, return_psk
from colloque.protocol.session.model import Context, Peer, Phase, Talk
from colloque.wire.codec import WireError
from colloque.wire.envelope import Kind
from colloque.wire.returning import Return


def lose(talk: Talk) -> Talk:
    """What is left after a backup was restored, or a copied home was found out: everything but the ratchets."""
    before = talk.conversation
    if before.phase not in (Phase.OPEN, Phase.RETURNING, Phase.LOST):
        return replace(talk, groups=())
    later = before.succession + (1 if talk.hosting is not None else 0)
    return replace(talk, conversation=replace(before, phase=Phase.LOST, succession=later), groups=())


def _shared(talk: Talk, other: bytes) -> bytes:
    """The recovery secret that this end shares with `other`; raises `WireError` where there is none."""
    if talk.hosting is not None:
        seat = talk.hosting.seat(other)
        secret = b"" if seat is None else seat.recovery
    else:
        secret = talk.conversation.recovery if other == talk.conversation.host else b""
    if not secret:
        raise WireError("nothing is shared with that person for a return")
    return secret


def _return(ctx: Context, talk: Talk, peer: Peer, package: bytes = b"") -> Post:
    c = talk.conversation
    if peer.address is None:
        raise WireError("that person's queue is not known")
    body = Return(c.id, ctx.identity.key, peer.key, c.succession, ctx.now, max(0, peer.head), package)
    return Post(peer.key, peer.address, Kind.RETURN, body.seal(ctx.identity.seed, _shared(talk, peer.key)))


def ask_back(ctx: Context, talk: Talk) -> Step:
    """A member asks its host, with a fresh KeyPackage; a host asks everybody."""
    c = talk.conversation
    if c.phase is not Phase.LOST:
        return talk, ()
    if talk.hosting is not None:
        return all_back(ctx, talk), tuple(
            _return(ctx, talk, peer)
            for peer in c.peers
            if peer.address is not None and talk.hosting.seat(peer.key) is not None
        )
    host = c.peer(c.host)
    if host is None or host.address is None:
        return talk, (Notice(Happening.LOST),)
    data, keep = fresh_package(ctx, c.id)
    return talk, (keep, _return(ctx, talk, host, data))


def asked_back(ctx: Context, talk: Talk, sealed: bytes, sender: bytes) -> tuple[Return, Step]:
    """Somebody's return has come: checked; what it asks waits for a human's yes, unless it answers our own."""
    peer = talk.conversation.peer(sender)
    if peer is None:
        raise WireError("a return of somebody who is not in this conversation")
    shared = _shared(talk, sender)
    body = Return.open(sealed, sender=sender, reader=ctx.identity.key, recovery=shared)
    if body.conversation != talk.conversation.id:
        raise WireError("a return for another conversation")
    if talk.conversation.phase is Phase.LOST and talk.hosting is not None and body.key_package:
        talk, lost = _own_lost(talk, sender, body.head)
        after, effects = rebuild(ctx, talk, sender, body.key_package)
        return body, (after, (*lost, *effects))
    phase = Phase.RETURNING if talk.conversation.pair else talk.conversation.phase
    after = replace(talk, conversation=replace(talk.conversation, phase=phase))
    return body, (after, (Notice(Happening.RETURN_ASKED, sender),))


def _own_lost(talk: Talk, sender: bytes, head: int) -> tuple[Talk, tuple[Notice, ...]]:
    """What the other end has of mine, and this one has no more; what I write next is numbered behind it (S34)."""
    number = talk.conversation.number
    if head <= number:
        return talk, ()
    after = replace(talk, conversation=replace(talk.conversation, number=head))
    return after, (Notice(Happening.LOST_OWN, sender, head - number, number + 1),)


def _psks(talk: Talk, key: bytes) -> list[mls.Psk]:
    """The recovery secret is mixed in where only the two who share it are in the group."""
    others = [m for m in talk.group.members() if m.signature_key != key]
    if len(others) != 1:
        return []
    ident = return_psk(talk.conversation.id, talk.conversation.succession)
    return [mls.Psk(ident, _shared(talk, key))]


def say_yes(ctx: Context, talk: Talk, body: Return) -> Step:
    """The human's yes. A host lets its member back in; a member gives its host, who lost the group, a fresh KeyPackage."""
    c = talk.conversation
    peer = c.peer(body.sender)
    if peer is None:
        raise WireError("that person is not in this conversation any more")
    if talk.hosting is not None:
        opened = replace(talk, conversation=replace(c, phase=Phase.OPEN, revision=c.revision + 1))
        after, effects = renew(ctx, opened, body.sender, body.key_package, _psks(opened, body.sender))
        roster = tuple(w for w in rosters(ctx, after.conversation, books(after)) if w.to == body.sender)
        return after, (*effects, *roster, SendAgain(body.sender), Notice(Happening.RETURNED, body.sender))
    if body.succession <= c.succession and c.phase is Phase.OPEN:
        raise WireError("a return into a group that is over")
    data, keep = fresh_package(ctx, c.id)
    after = replace(talk, conversation=replace(c, succession=body.succession, phase=Phase.OPEN))
    return after, (keep, _return(ctx, after, peer, data))


def rebuild(ctx: Context, talk: Talk, key: bytes, package: bytes) -> Step:
    """A host that lost its group makes a new one with those who said yes, one after the other."""
    c = talk.conversation
    peer = c.peer(key)
    if peer is None or peer.address is None:
        raise WireError("that person is not in this conversation")
    if not talk.groups:
        talk = talk.succeeded_by(new_group(ctx))
    if leaf_of(talk.group, key) is not None:
        return renew(ctx, talk, key, package)
    staged = talk.group.commit(
        ctx.random, ctx.seconds, add=[checked_package(package, key, ctx.now)], psks=_joining_psks(talk, key)
    )
    if staged.welcome is None:
        raise WireError("a return without a Welcome")
    others = [m.signature_key for m in talk.group.members() if m.signature_key != ctx.identity.key]
    told = [c.peer(other) for other in others]
    commits = tuple(
        Post(p.key, p.address, Kind.MLS, staged.message) for p in told if p is not None and p.address
    )
    conversation = replace(c, revision=c.revision + 1, committed_at=ctx.now)
    after = all_back(ctx, replace(talk, conversation=conversation).with_group(staged.group))
    roster = tuple(w for w in rosters(ctx, conversation, books(after)) if w.to == key)
    return after, (
        *commits,
        Post(key, peer.address, Kind.MLS, staged.welcome),
        *roster,
        SendAgain(key),
        Notice(Happening.RETURNED, key),
    )


def _joining_psks(talk: Talk, key: bytes) -> list[mls.Psk]:
    if len(talk.group.members()) != 1:
        return []
    return [mls.Psk(return_psk(talk.conversation.id, talk.conversation.succession), _shared(talk, key))]
