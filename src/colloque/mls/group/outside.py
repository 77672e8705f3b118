"""Proposals from outside the group: by senders that its context names, and by newcomers for themselves (RFC 9420 12.1.8)."""

from __future__ import annotations

from dataclasses import dataclass

from colloque.mls.crypto.suite import suite
from colloque.mls.errors import (
    ExternalProposalForbidden,
    ExternalSenderUnknown,
    NotAllowedByPolicy,
    WrongSender,
)
from colloque.mls.framing.content import (
    Auth,
    AuthenticatedContent,
    ContentType,
    FramedContent,
    Sender,
    SenderType,
    WireFormat,
    sign_content,
)
from colloque.mls.framing.message import MlsMessage
from colloque.mls.framing.public_message import PublicMessage
from colloque.mls.group.sealing import verify_content
from colloque.mls.group.state import State
from colloque.mls.messages.external import read_external_senders
from colloque.mls.messages.proposal import (
    Add,
    GroupContextExtensions,
    PreSharedKey,
    Proposal,
    ReInit,
    Remove,
)

_ALLOWED = (Add, Remove, PreSharedKey, ReInit, GroupContextExtensions)


@dataclass(frozen=True, slots=True)
class Outsider:
    """Who proposed something without being a member. `sender_index`: the place among the group's external senders, or None
    for a newcomer that asks to be added."""

    identity: bytes
    signature_key: bytes
    sender_index: int | None = None


def check_outsider(state: State, message: AuthenticatedContent) -> Outsider:
    """Whether the policy takes it, the group names its sender, its kind is allowed, and its signature is right."""
    sender, proposal = message.content.sender, message.content.body
    # MUST 6.1-2, 12.1.8-1
    if message.content.type is not ContentType.PROPOSAL:
        raise WrongSender("something else than a proposal from outside")
    if sender.type is SenderType.EXTERNAL:
        if not state.policy.external_proposals:
            raise NotAllowedByPolicy("a proposal from outside the group")
        senders = read_external_senders(state.context.extensions)
        if sender.index >= len(senders):
            raise ExternalSenderUnknown
        # MUST 6.1-2, 12.1.8-2
        if not isinstance(proposal, _ALLOWED):
            raise ExternalProposalForbidden
        found = senders[sender.index]
        # MUST 6.1-4
        verify_content(state, message, found.signature_key, None)
        return Outsider(found.credential.identity, found.signature_key, sender.index)
    if not state.policy.newcomer_proposals:
        raise NotAllowedByPolicy("a newcomer that asks to be added")
    # MUST 6.1-3
    if not isinstance(proposal, Add):
        raise ExternalProposalForbidden("by a newcomer")
    verify_content(state, message, proposal.package.signature_key, None)
    return Outsider(proposal.package.identity, proposal.package.signature_key)


def propose_outside(
    number: int,
    group_id: bytes,
    epoch: int,
    proposal: Proposal,
    signer: bytes,
    sender_index: int | None,
    authenticated_data: bytes = b"",
) -> bytes:
    """A proposal by somebody outside, to the group's members. `number`: the group's suite."""
    if not isinstance(proposal, _ALLOWED if sender_index is not None else Add):
        raise ExternalProposalForbidden
    kinds = SenderType.NEW_MEMBER_PROPOSAL, SenderType.EXTERNAL
    sender = Sender(kinds[sender_index is not None], sender_index or 0)
    content = FramedContent(group_id, epoch, sender, authenticated_data, ContentType.PROPOSAL, proposal)
    signature = sign_content(suite(number), signer, WireFormat.PUBLIC, content, None)
    return MlsMessage(PublicMessage(content, Auth(signature))).encode()
