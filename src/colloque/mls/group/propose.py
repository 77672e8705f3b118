"""A member's own proposals, to be committed by anybody (RFC 9420 12.1)."""

from __future__ import annotations

from dataclasses import replace

from colloque.mls.errors import GroupReinitialized
from colloque.mls.framing.content import ContentType, WireFormat
from colloque.mls.group.proposals import check_proposal
from colloque.mls.group.sealing import content_of, seal, signed
from colloque.mls.group.state import Random, State
from colloque.mls.messages.leaf_node import Source
from colloque.mls.messages.proposal import Proposal, Update


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


def wire_format(name: str) -> WireFormat:
    return {"private": WireFormat.PRIVATE, "public": WireFormat.PUBLIC}[name]
