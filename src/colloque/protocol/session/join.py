"""Joining: by the Welcome that answers a hello, an offer, a renewal or a return (`spec/sessions.md` S6, S13)."""

from __future__ import annotations

from dataclasses import replace

from colloque.mls import api as mls
from colloque.protocol.session.effects import (
    DropQueue,
    Effect,
    ForgetKeyPackage,
    Happening,
    KeepKeyPackage,
    MakeQueue,
    Notice,
    SendAgain,
    TryAgain,
    Write,
)
from colloque.protocol.session.keys import fresh_package, hello_psk, lent_queue, policy, return_psk, signer
from colloque.protocol.session.model import Context, Conversation, OwnQueue, Phase, Talk
from colloque.wire.codec import WireError
from colloque.wire.content.wishes import Ask, Offer, Wish, WishKind

_LATER_SUCCESSIONS = 16


def join(
    ctx: Context, talk: Talk, welcome: bytes, package: bytes, secrets: bytes
) -> tuple[Talk, tuple[Effect, ...]]:
    """Into the group that the host's Welcome leads to; raises `WireError` where it is not the host's, or not for this."""
    conversation = talk.conversation
    if conversation.phase in (Phase.LEFT, Phase.REMOVED):
        raise WireError("a Welcome into a conversation that is over")
    own = mls.KeyPackage.from_bytes(package)
    psks = {
        return_psk(conversation.id, conversation.succession + later): conversation.recovery
        for later in range(_LATER_SUCCESSIONS)
    }
    if conversation.welcome_psk:
        psks[hello_psk(conversation.id)] = conversation.welcome_psk
    try:
        group = mls.Group.join(
            welcome,
            own,
            mls.KeyPackageSecrets.from_bytes(secrets),
            signer(ctx),
            ctx.seconds,
            psks=psks,
            policy=policy(conversation.host),
        )
    except mls.MlsError:
        raise WireError("a Welcome that does not lead into this conversation") from None
    if all(member.signature_key != conversation.host for member in group.members()):
        raise WireError("a Welcome into a group without its host")
    if conversation.pair and len(group.members()) > 2:
        raise WireError("a Welcome into a conversation of two, in which there is somebody else")
    first = not talk.groups
    after = replace(conversation, phase=Phase.OPEN, welcome_psk=b"", renewed_at=ctx.now)
    again = conversation.phase is Phase.LOST
    notices: tuple[Effect, ...] = (
        (Notice(Happening.OPENED, conversation.host),) if first and not again else ()
    )
    if again:
        notices = (Notice(Happening.RETURNED, conversation.host),)
    if again or (not first and group.group_id != talk.group.group_id):
        notices += tuple(SendAgain(peer.key) for peer in conversation.peers)
    return replace(talk, conversation=after).succeeded_by(group), (
        ForgetKeyPackage(own.ref),
        *notices,
        TryAgain(quiet=again),
    )


def offer(ctx: Context, ask: Ask, asker: bytes, known: Talk | None) -> tuple[Talk, tuple[Effect, ...], Offer]:
    """Answers an `Ask` with a fresh KeyPackage and a queue. `known`: this end's state of that conversation, if it has one;
    then only its host or second host may ask, and only into a later group; of who has gone, anybody who was there then."""
    queue = lent_queue(ctx, ask.relay, ask.grant)
    if known is not None and _asked_already(known.conversation, ask, asker):
        # The first answer, or the grant that it needs, may have been lost.
        answer, kept = _offered(ctx, queue, ask)
        again_at = replace(known, conversation=known.conversation.with_queue(queue))
        return again_at, (MakeQueue(queue), kept, DropQueue(known.conversation.queue)), answer
    if known is None:
        conversation = Conversation(ask.conversation, ask.name, False, Phase.WAITING, asker, queue)
        talk = Talk(replace(conversation, succession=ask.succession))
        notice: tuple[Effect, ...] = ()
    else:
        before = known.conversation
        if before.pair:
            raise WireError("an ask into a conversation of two")
        later = ask.succession > before.succession
        out = before.phase in (Phase.LEFT, Phase.REMOVED)
        # Hosts may have changed since this end went.
        again = out and (asker == before.host or (later and before.peer(asker) is not None))
        if not again and (out or not later or asker not in (before.host, before.second_host)):
            raise WireError("somebody who is not its host asks into a conversation")
        phase = Phase.WAITING if again else before.phase
        changed = replace(before, host=asker, second_host=b"", succession=ask.succession, phase=phase)
        changed = changed.with_queue(queue)
        if again:
            # Their capabilities died when this end left; nothing is written before the new roster.
            silent = tuple(replace(peer, address=None) for peer in changed.peers)
            changed = replace(changed, peers=silent, revision=0)
        talk = replace(known, conversation=changed, hosting=None)
        notice = (Notice(Happening.HOST_CHANGED, asker),) if asker != before.host else ()
    answer, kept = _offered(ctx, queue, ask)
    return talk, (MakeQueue(queue), kept, *notice), answer


def _asked_already(before: Conversation, ask: Ask, asker: bytes) -> bool:
    """By the same host, into the same group, and not let in yet."""
    same = (before.phase, before.host, before.succession) == (Phase.WAITING, asker, ask.succession)
    return same and not before.pair


def _offered(ctx: Context, queue: OwnQueue, ask: Ask) -> tuple[Offer, KeepKeyPackage]:
    data, kept = fresh_package(ctx, ask.conversation)
    return Offer(ask.conversation, ask.succession, queue.offer, data), kept


def wish_renewal(ctx: Context, talk: Talk) -> tuple[Talk, tuple[Effect, ...]]:
    """A member's: fresh keys, to be put in place by the host."""
    package, keep = fresh_package(ctx, talk.conversation.id)
    after = replace(talk, conversation=replace(talk.conversation, renewed_at=ctx.now))
    return after, (keep, Write(Wish(WishKind.RENEW, package), to=talk.conversation.host))
