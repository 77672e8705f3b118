"""What an MLS message that arrived does to a conversation (`spec/sessions.md` S18 to S24)."""

from __future__ import annotations

from dataclasses import replace

from colloque.mls import api as mls
from colloque.protocol.session import admit
from colloque.protocol.session.answer import take_over
from colloque.protocol.session.effects import (
    Asked,
    DropQueue,
    Effect,
    Happening,
    KeepRaw,
    Notice,
    Offered,
    Owe,
    Retract,
    SendAgain,
    Show,
    Told,
    TryAgain,
)
from colloque.protocol.session.leave import taken_out
from colloque.protocol.session.model import UNKNOWN, Context, Peer, Phase, Talk
from colloque.protocol.session.roster import take_roster
from colloque.protocol.session.write import is_numbered
from colloque.wire.codec import WireError
from colloque.wire.content.content import Content
from colloque.wire.content.document import Document
from colloque.wire.content.receipt import Receipt, Retraction
from colloque.wire.content.roster import Roster
from colloque.wire.content.text import Text
from colloque.wire.content.wishes import Ask, Offer, Stated, Wish, WishKind

Step = tuple[Talk, tuple[Effect, ...]]
_FUTURE_EPOCHS = 1_000


class Unreadable(WireError):
    """A message that cannot be read, now or later: it is set aside, confirmed and reported, and never retried."""


def _group_for(talk: Talk, group_id: bytes, epoch: int) -> mls.Group | None:
    """The oldest of the states that may open this epoch: a renewed member's old state ends where its new one begins."""
    fitting = [g for g in talk.groups if g.group_id == group_id and g.epoch >= epoch]
    return min(fitting, key=lambda g: g.epoch, default=None)


def receive(ctx: Context, talk: Talk, payload: bytes) -> Step:
    """One MLS message but a Welcome (see `join`). Raises `Unreadable` where it can never be read."""
    try:
        header = mls.peek(payload)
    except mls.MlsError:
        raise Unreadable("not an MLS message") from None
    if header.group_id is None or header.epoch is None:
        raise Unreadable("an MLS message of another kind")
    group = _group_for(talk, header.group_id, header.epoch)
    if group is None:
        return talk, (_for_later(talk, payload, header.group_id, header.epoch),)
    try:
        event = group.process(payload, ctx.seconds)
    except mls.MlsError as refusal:
        raise Unreadable(f"refused: {type(refusal).__name__}") from None
    if isinstance(event, mls.Application):
        after = _replaced(talk, group, event.group)
        return _content(ctx, after, event.sender.signature_key, event.plaintext, event.authenticated_data)
    if isinstance(event, mls.Committed):
        return _committed(talk, group, event)
    raise Unreadable("a proposal: members send none")


def _for_later(talk: Talk, payload: bytes, group_id: bytes, epoch: int) -> KeepRaw:
    known = next((g for g in talk.groups if g.group_id == group_id), None)
    if known is not None and epoch > known.epoch + _FUTURE_EPOCHS:
        raise Unreadable("an epoch too far ahead")
    return KeepRaw(payload, epoch)


def _replaced(talk: Talk, old: mls.Group, new: mls.Group) -> Talk:
    return replace(talk, groups=tuple(new if group is old else group for group in talk.groups))


def _committed(talk: Talk, group: mls.Group, event: mls.Committed) -> Step:
    if event.self_removed:
        if group is not talk.groups[0]:
            return talk, ()
        return taken_out(talk)
    if talk.conversation.pair and len(event.group.members()) > 2:
        raise Unreadable("a commit that lets somebody else into a conversation of two")
    added = {member.signature_key for member in event.added}
    gone = [m.signature_key for m in event.removed if m.signature_key not in added]
    notices = tuple(Notice(Happening.GONE, key) for key in gone)
    # Who was put in anew may have lost the state before: what they have not confirmed they may never have read.
    again = tuple(SendAgain(m.signature_key) for m in event.removed if m.signature_key in added)
    return _replaced(talk, group, event.group), (*notices, *again, TryAgain())


def _content(ctx: Context, talk: Talk, author: bytes, plaintext: bytes, bound: bytes) -> Step:
    if bound != talk.conversation.id:
        raise Unreadable("a message bound to another conversation")
    try:
        content = Content.decode(plaintext)
    except WireError as refusal:
        raise Unreadable(str(refusal)) from None
    body, peer = content.body, talk.conversation.peer(author)
    if isinstance(body, Roster):
        return take_roster(ctx, talk, author, body)
    if peer is None and isinstance(body, Receipt):
        # On its way while its author was taken out; nobody wrote it.
        return talk, ()
    if peer is None:
        raise Unreadable("a message from somebody who is not in this conversation")
    match body:
        case Receipt(items=items):
            told = tuple(Told(author, ident, outcome) for ident, outcome in items)
            return _noted_head(talk, peer, body.head, told)
        case Wish():
            return _wish(ctx, talk, peer, body)
        case Ask():
            return talk, (Asked(author, body),)
        case Offer():
            return talk, (Offered(author, body),)
        case Stated(profile=profile):
            after = talk.conversation.with_peer(replace(peer, profile=profile))
            return replace(talk, conversation=after), (Notice(Happening.STATED, author),)
        case _:
            return _to_people(talk, peer, content)


def _to_people(talk: Talk, peer: Peer, content: Content) -> Step:
    effects: tuple[Effect, ...]
    if isinstance(content.body, Retraction):
        effects = (Retract(peer.key, content.body.target), Owe(peer.key, content.id))
    elif isinstance(content.body, Text | Document):
        effects = (Show(peer.key, content), Owe(peer.key, content.id))
    else:
        raise Unreadable("content of an unknown kind")
    if not is_numbered(content.body) or content.number <= peer.head:
        return talk, effects
    missing = 0 if peer.head == UNKNOWN else content.number - peer.head - 1
    after = talk.conversation.with_peer(replace(peer, head=content.number))
    gap = (Notice(Happening.MISSING, peer.key, missing, peer.head + 1),) if missing else ()
    return replace(talk, conversation=after), (*gap, *effects)


def _noted_head(talk: Talk, peer: Peer, head: int, effects: tuple[Effect, ...]) -> Step:
    """A writer's own head, told with its receipts: what it has sent further, and what never came, is missing."""
    if head <= peer.head:
        return talk, effects
    after = talk.conversation.with_peer(replace(peer, head=head))
    if peer.head == UNKNOWN:
        return replace(talk, conversation=after), effects
    return replace(talk, conversation=after), (
        Notice(Happening.MISSING, peer.key, head - peer.head, peer.head + 1),
        *effects,
    )


def _wish(ctx: Context, talk: Talk, peer: Peer, wish: Wish) -> Step:
    leaving = wish.wish is WishKind.LEAVE
    if talk.hosting is not None:
        if leaving and talk.conversation.pair:
            after = replace(talk.conversation, phase=Phase.LEFT)
            return replace(talk, conversation=after), (
                Notice(Happening.GONE, peer.key),
                DropQueue(after.queue),
            )
        if leaving:
            return admit.dismiss(ctx, talk, peer.key)
        return admit.renew(ctx, talk, peer.key, wish.key_package)
    if not leaving or peer.key != talk.conversation.host:
        return talk, ()
    if talk.conversation.pair:
        after = replace(talk.conversation, phase=Phase.LEFT)
        return replace(talk, conversation=after), (Notice(Happening.GONE, peer.key), DropQueue(after.queue))
    gone = Notice(Happening.GONE, peer.key)
    if talk.conversation.second_host == ctx.identity.key:
        # The host who leaves is not asked into what comes after.
        staying = replace(talk, conversation=talk.conversation.without_peer(peer.key))
        carried, effects = take_over(ctx, staying)
        return carried, (gone, *effects)
    return talk, (gone,)
