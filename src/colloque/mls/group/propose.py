"""A member's own proposals, to be committed by anybody (RFC 9420 12.1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from colloque.mls.errors import GroupReinitialized
from colloque.mls.framing.content import ContentType, WireFormat
from colloque.mls.group.proposals import check_proposal
from colloque.mls.group.sealing import content_of, seal, signed
from colloque.mls.group.state import Random, State
from colloque.mls.messages.leaf_node import Source
from colloque.mls.messages.proposal import PreSharedKey, Proposal, Update
from colloque.mls.messages.psk import Psk, PskId, PskType, Usage


def propose(
    state: State, proposal: Proposal, random: Random, now: int, wire: str, update: bytes | None = None
) -> tuple[State, bytes]:
    """The state, in which the proposal waits, and its message. `update`: the private key of one's own Update."""
    if state.reinit is not None:
        raise GroupReinitialized
    content = content_of(state, ContentType.PROPOSAL, proposal, b"")
    check_proposal(state, proposal, content.sender, now, state.context.extensions)
    message = signed(state, wire_format(wire), content)
    ref = message.ref(state.suite)
    after, data = seal(state, message, random)
    updates = {**after.updates, ref: update} if update is not None else after.updates
    return replace(after, pending={**after.pending, ref: message}, updates=updates), data


def propose_update(state: State, random: Random, now: int, wire: str) -> tuple[State, bytes]:
    """A fresh leaf key."""
    suite = state.suite
    private, public = suite.derive_key_pair(random(suite.hash_bytes))
    old = state.tree.leaf(state.own)
    fresh = replace(old, encryption_key=public, source=Source.UPDATE, lifetime=None, parent_hash=b"")
    leaf = fresh.sign(suite, state.signer, state.context.group_id, state.own)
    return propose(state, Update(leaf), random, now, wire, private)


def keys_by_value(
    state: State, psks: Sequence[Psk], resume: Sequence[int], random: Random
) -> tuple[PreSharedKey, ...]:
    """External keys, and the resumption keys of past epochs of this group, each named with a fresh nonce."""
    size = state.suite.hash_bytes
    external = (PskId(PskType.EXTERNAL, random(size), psk.id) for psk in psks)
    # MUST 12.1.4-1
    past = (
        PskId(PskType.RESUMPTION, random(size), b"", Usage.APPLICATION, state.context.group_id, epoch)
        for epoch in resume
    )
    return tuple(PreSharedKey(psk) for psk in (*external, *past))


def wire_format(name: str) -> WireFormat:
    return {"private": WireFormat.PRIVATE, "public": WireFormat.PUBLIC}[name]
