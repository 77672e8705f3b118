"""What an arriving message does to a member's state (RFC 9420 12.1, 12.4.2). A refusal changes nothing."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from colloque.mls.errors import GroupReinitialized, NotAllowedByPolicy, OwnMessage, WrongSender
from colloque.mls.framing.content import AuthenticatedContent, ContentType, SenderType
from colloque.mls.framing.message import MlsMessage
from colloque.mls.framing.private_message import PrivateMessage
from colloque.mls.framing.public_message import PublicMessage
from colloque.mls.group.outside import Outsider, check_outsider
from colloque.mls.group.proposals import check_proposal
from colloque.mls.group.psks import PskStore
from colloque.mls.group.receive_commit import Entered, receive_commit, receive_external_commit
from colloque.mls.group.sealing import open_private, open_public
from colloque.mls.group.state import Member, State, member
from colloque.mls.messages.commit import Commit
from colloque.mls.messages.proposal import Proposal


@dataclass(frozen=True, slots=True)
class Opened:
    """Application data."""

    state: State = field(repr=False)
    sender: Member
    epoch: int
    generation: int
    plaintext: bytes = field(repr=False)
    authenticated_data: bytes


@dataclass(frozen=True, slots=True)
class Waiting:
    """A proposal that waits for a commit."""

    state: State = field(repr=False)
    ref: bytes
    sender: Member | Outsider
    proposal: Proposal


def process(state: State, data: bytes, store: PskStore, now: int | None) -> Opened | Waiting | Entered:
    body = MlsMessage.decode(data).body
    if isinstance(body, PublicMessage):
        return _public(state, open_public(state, body), store, now)
    if not isinstance(body, PrivateMessage):
        raise WrongSender("not a message of a group")
    after, message, generation, author = open_private(state, body)
    content = message.content
    if isinstance(content.body, bytes):
        return Opened(after, author, content.epoch, generation, content.body, content.authenticated_data)
    return _of_member(after, message, author, store, now)


def _public(
    state: State, message: AuthenticatedContent, store: PskStore, now: int | None
) -> Waiting | Entered:
    sender = message.content.sender
    if sender.type is SenderType.MEMBER:
        if sender.index == state.own:
            raise OwnMessage(by=sender.index)
        return _of_member(state, message, member(sender.index, state.tree.leaf(sender.index)), store, now)
    if state.reinit is not None:
        raise GroupReinitialized
    if sender.type is SenderType.NEW_MEMBER_COMMIT:
        return receive_external_commit(state, message, store, now)
    return _proposal(state, message, check_outsider(state, message), now)


def _of_member(
    state: State, message: AuthenticatedContent, author: Member, store: PskStore, now: int | None
) -> Waiting | Entered:
    if state.reinit is not None:
        raise GroupReinitialized(by=author.leaf_index)
    if state.policy.committer_signature_key not in (None, author.signature_key):
        raise NotAllowedByPolicy("only one member commits here", by=author.leaf_index)
    if message.content.type is ContentType.PROPOSAL:
        return _proposal(state, message, author, now)
    return receive_commit(state, message, author, store, now)


def _proposal(
    state: State, message: AuthenticatedContent, author: Member | Outsider, now: int | None
) -> Waiting:
    proposal = message.content.body
    assert not isinstance(proposal, bytes | Commit)
    check_proposal(state, proposal, message.content.sender, now, state.context.extensions)
    ref = message.ref(state.suite)
    after = replace(state, pending={**state.pending, ref: message})
    return Waiting(after, ref, author, proposal)
