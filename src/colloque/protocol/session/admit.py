"""What the host does to its group: admit, dismiss, renew, refresh. Nobody else commits (`spec/sessions.md` S10 to S14)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from colloque.mls import api as mls
from colloque.protocol.session.effects import (
    DropWriters,
    Effect,
    GiveUp,
    Happening,
    Notice,
    Post,
    SendAgain,
    Write,
)
from colloque.protocol.session.hosting import Hosting, Seat
from colloque.protocol.session.keys import checked_package, new_group
from colloque.protocol.session.model import UNKNOWN, Context, Conversation, Peer, Phase, Talk
from colloque.wire.address import QueueOffer
from colloque.wire.codec import WireError
from colloque.wire.content.content import Content
from colloque.wire.content.roster import Entry, Roster
from colloque.wire.envelope import Kind
from colloque.wire.profile import Profile

Step = tuple[Talk, tuple[Effect, ...]]


def books(talk: Talk) -> Hosting:
    if talk.hosting is None:
        raise WireError("only the host of a conversation changes who is in it")
    return talk.hosting


def leaf_of(group: mls.Group, key: bytes) -> int | None:
    """The leaf of whoever has this signature key, if they are in the group."""
    return next((m.leaf_index for m in group.members() if m.signature_key == key), None)


def rosters(ctx: Context, conversation: Conversation, hosting: Hosting) -> tuple[Write, ...]:
    """A roster for each member, with the addresses that this member alone may use."""
    profiles = {peer.key: peer.profile for peer in conversation.peers} | {
        ctx.identity.key: ctx.identity.profile
    }
    # In a conversation of two its name is what this home calls the other side: nobody else's business.
    name = ctx.identity.profile.name if conversation.pair else conversation.name

    def entry(mine: Seat, other: Seat) -> Entry:
        theirs, ours = other.index_of(mine.key), mine.index_of(other.key)
        if theirs is None or ours is None:
            raise WireError("the host's books lack a capability")
        return Entry(other.key, profiles[other.key], other.queue.address(theirs), ours)

    def roster(seat: Seat) -> Roster:
        entries = tuple(entry(seat, other) for other in hosting.seats if other.key != seat.key)
        second = conversation.second_host
        return Roster(conversation.revision, name, conversation.host, second, seat.recovery, entries)

    return tuple(Write(roster(seat), to=seat.key) for seat in hosting.seats if seat.key != ctx.identity.key)


def _commit_posts(talk: Talk, message: bytes, to: Iterable[bytes]) -> tuple[Post, ...]:
    peers = [talk.conversation.peer(key) for key in to]
    return tuple(
        Post(p.key, p.address, Kind.MLS, message) for p in peers if p is not None and p.address is not None
    )


def admit(
    ctx: Context,
    talk: Talk,
    key: bytes,
    profile: Profile,
    queue: QueueOffer,
    package: bytes,
    psks: Sequence[mls.Psk] = (),
) -> Step:
    """Brings somebody in (or back in, with a new queue): one commit that removes what they had and adds what they sent."""
    hosting = books(talk).introduce(key, queue, ctx.random(32))
    if not talk.groups:
        talk = talk.succeeded_by(new_group(ctx))
    before = [m.signature_key for m in talk.group.members() if m.signature_key not in (key, ctx.identity.key)]
    old_leaf = leaf_of(talk.group, key)
    staged = talk.group.commit(
        ctx.random,
        ctx.seconds,
        add=[checked_package(package, key, ctx.now)],
        remove=[] if old_leaf is None else [old_leaf],
        psks=psks,
    )
    seat, own = hosting.seat(key), hosting.seat(ctx.identity.key)
    if seat is None or own is None or staged.welcome is None:
        raise WireError("the host's books lack a seat")
    mine, theirs = own.index_of(key), seat.index_of(ctx.identity.key)
    if mine is None or theirs is None:
        raise WireError("the host's books lack a capability")
    known = talk.conversation.peer(key)
    peer = Peer(key, profile, queue.address(theirs), mine, _head(talk, known))
    conversation = replace(
        talk.conversation.with_peer(peer), revision=talk.conversation.revision + 1, committed_at=ctx.now
    )
    dropped: tuple[Effect, ...] = ()
    if known is not None and known.my_writer is not None and known.my_writer != mine:
        dropped = (DropWriters(conversation.queue, (known.my_writer,)),)
    return replace(talk, conversation=conversation, hosting=hosting).with_group(staged.group), (
        *_commit_posts(talk, staged.message, before),
        Post(key, peer.address or queue.address(theirs), Kind.MLS, staged.welcome),
        *dropped,
        *rosters(ctx, conversation, hosting),
        SendAgain(key),
        # Of two, who offers another queue was there all the time.
        *(() if conversation.pair and known is not None else (Notice(Happening.JOINED, key),)),
    )


def _head(talk: Talk, known: Peer | None) -> int:
    """Somebody asked into a conversation of several may have written there before they left it."""
    if talk.conversation.pair:
        return known.head if known else 0
    return UNKNOWN if known is None or known.address is None else known.head


def dismiss(ctx: Context, talk: Talk, key: bytes) -> Step:
    """Takes somebody out. They are told, once; their capabilities die; the others learn it from their rosters."""
    hosting = books(talk).dismiss(key)
    peer = talk.conversation.peer(key)
    if peer is None:
        raise WireError("that person is not in this conversation")
    conversation = replace(
        talk.conversation.without_peer(key), revision=talk.conversation.revision + 1, committed_at=ctx.now
    )
    if conversation.second_host == key:
        conversation = replace(conversation, second_host=b"")
    after = replace(talk, conversation=conversation, hosting=hosting)
    leaf = leaf_of(talk.group, key) if talk.groups else None
    posts: tuple[Effect, ...] = ()
    if leaf is not None:
        staged = talk.group.commit(ctx.random, ctx.seconds, remove=[leaf])
        others = [m.signature_key for m in talk.group.members() if m.signature_key != ctx.identity.key]
        posts = _commit_posts(talk, staged.message, others)
        after = after.with_group(staged.group)
    else:
        after, posts = _told_before_they_came(ctx, after, peer)
    if peer.my_writer is not None:
        posts += (DropWriters(conversation.queue, (peer.my_writer,)),)
    after = all_back(ctx, after)
    return after, (*posts, *rosters(ctx, conversation, hosting), GiveUp(key), Notice(Happening.GONE, key))


def _told_before_they_came(ctx: Context, talk: Talk, peer: Peer) -> tuple[Talk, tuple[Effect, ...]]:
    """Whoever has not come into the new group is told in the one that they are in, by a roster that has nobody in it (S14)."""
    older = next((group for group in talk.groups[1:] if leaf_of(group, peer.key) is not None), None)
    if older is None or peer.address is None:
        return talk, ()
    c = talk.conversation
    nobody = Roster(c.revision, c.name, c.host, b"", bytes(32), ())
    content = Content(ctx.random(16), 0, ctx.now, nobody)
    group, message = older.protect(content.encode(), ctx.random, authenticated_data=c.id)
    groups = tuple(group if one is older else one for one in talk.groups)
    return replace(talk, groups=groups), (Post(peer.key, peer.address, Kind.MLS, message),)


def all_back(ctx: Context, talk: Talk) -> Talk:
    """A host who lost its group is back once nobody is missing from the new one (`spec/sessions.md` S33)."""
    if talk.conversation.phase is not Phase.LOST:
        return talk
    # Who has no seat was asked, and never came: nothing of theirs was lost.
    hosting = books(talk)
    peers = {
        p.key for p in talk.conversation.peers if p.address is not None and hosting.seat(p.key) is not None
    }
    if not talk.groups:
        if peers:
            return talk
        talk = talk.succeeded_by(new_group(ctx))
    if peers <= {member.signature_key for member in talk.group.members()}:
        return replace(talk, conversation=replace(talk.conversation, phase=Phase.OPEN))
    return talk


def renew(ctx: Context, talk: Talk, key: bytes, package: bytes, psks: Sequence[mls.Psk] = ()) -> Step:
    """A member's fresh keys in place of its old ones, in one commit; its queue stays."""
    books(talk)
    leaf, peer = leaf_of(talk.group, key), talk.conversation.peer(key)
    if leaf is None or peer is None or peer.address is None:
        raise WireError("that person is not in this conversation")
    fresh = checked_package(package, key, ctx.now)
    staged = talk.group.commit(ctx.random, ctx.seconds, add=[fresh], remove=[leaf], psks=psks)
    if staged.welcome is None:
        raise WireError("a renewal without a Welcome")
    others = [m.signature_key for m in talk.group.members() if m.signature_key not in (key, ctx.identity.key)]
    conversation = replace(talk.conversation, committed_at=ctx.now)
    return replace(talk, conversation=conversation).with_group(staged.group), (
        *_commit_posts(talk, staged.message, others),
        Post(key, peer.address, Kind.MLS, staged.welcome),
    )


def refresh(ctx: Context, talk: Talk) -> Step:
    """A commit with a path and nothing else: the host's own fresh keys."""
    books(talk)
    staged = talk.group.commit(ctx.random, ctx.seconds)
    others = [m.signature_key for m in talk.group.members() if m.signature_key != ctx.identity.key]
    conversation = replace(talk.conversation, committed_at=ctx.now)
    return replace(talk, conversation=conversation).with_group(staged.group), _commit_posts(
        talk, staged.message, others
    )


def restate(ctx: Context, talk: Talk, *, name: str | None = None, second_host: bytes | None = None) -> Step:
    """Another name for the conversation, or another second host: new rosters for all."""
    before = talk.conversation
    if second_host and before.peer(second_host) is None:
        raise WireError("that person is not in this conversation")
    after = replace(
        before,
        name=before.name if name is None else name,
        second_host=before.second_host if second_host is None else second_host,
        revision=before.revision + 1,
    )
    return replace(talk, conversation=after), rosters(ctx, after, books(talk))
