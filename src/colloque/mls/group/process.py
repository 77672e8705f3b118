"""What an arriving message does to a member's state (RFC 9420 12.4.2). A refusal changes nothing."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from colloque.mls.errors import (
    ConfirmationTagMismatch,
    EncryptionKeyNotFresh,
    NotAllowedByPolicy,
    OwnMessage,
    PathRequired,
    WrongSender,
)
from colloque.mls.framing.content import AuthenticatedContent, ContentType, SenderType
from colloque.mls.framing.message import MlsMessage
from colloque.mls.framing.private_message import PrivateMessage
from colloque.mls.framing.public_message import PublicMessage
from colloque.mls.group.advance import advance, entered, provisional
from colloque.mls.group.leaves import check_credentials, check_source, check_supports
from colloque.mls.group.proposals import (
    Applied,
    apply,
    check_proposal,
    check_together,
    find_psks,
    gather,
    needs_path,
)
from colloque.mls.group.sealing import open_private, open_public
from colloque.mls.group.state import Member, State, member
from colloque.mls.messages.commit import Commit, UpdatePath
from colloque.mls.messages.leaf_node import Source
from colloque.mls.messages.proposal import Proposal
from colloque.mls.messages.psk import psk_secret
from colloque.mls.tree.treekem import PrivateTree, merge_path, open_path
from colloque.mls.tree.verify import verify_unique_keys


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
    sender: Member
    proposal: Proposal


@dataclass(frozen=True, slots=True)
class Entered:
    """A commit, and the epoch after it. With `self_removed` the state is the old one: it opens late messages only."""

    state: State = field(repr=False)
    sender: Member
    added: tuple[Member, ...]
    removed: tuple[Member, ...]
    self_removed: bool
    authenticated_data: bytes


def process(
    state: State, data: bytes, psks: Mapping[bytes, bytes], now: int | None
) -> Opened | Waiting | Entered:
    body = MlsMessage.decode(data).body
    if isinstance(body, PublicMessage):
        message = open_public(state, body)
        if message.content.sender.type is not SenderType.MEMBER:
            raise NotAllowedByPolicy("a message from outside the group")
        index = message.content.sender.index
        if index == state.own:
            raise OwnMessage(by=index)
        return _handshake(state, message, member(index, state.tree.leaf(index)), psks, now)
    if not isinstance(body, PrivateMessage):
        raise WrongSender("not a message of a group")
    after, message, generation, author = open_private(state, body)
    content = message.content
    if isinstance(content.body, bytes):
        return Opened(after, author, content.epoch, generation, content.body, content.authenticated_data)
    return _handshake(after, message, author, psks, now)


def _handshake(
    state: State, message: AuthenticatedContent, author: Member, psks: Mapping[bytes, bytes], now: int | None
) -> Waiting | Entered:
    if state.policy.committer_signature_key not in (None, author.signature_key):
        raise NotAllowedByPolicy("only one member commits here", by=author.leaf_index)
    if message.content.type is ContentType.PROPOSAL:
        return _proposal(state, message, author, now)
    return _commit(state, message, author, psks, now)


def _proposal(state: State, message: AuthenticatedContent, author: Member, now: int | None) -> Waiting:
    proposal = message.content.body
    assert not isinstance(proposal, bytes | Commit)
    check_proposal(state, proposal, message.content.sender, now)
    ref = message.ref(state.suite)
    after = replace(state, pending={**state.pending, ref: message})
    return Waiting(after, ref, author, proposal)


def _commit(
    state: State, message: AuthenticatedContent, author: Member, psks: Mapping[bytes, bytes], now: int | None
) -> Entered:
    commit, committer = message.content.body, author.leaf_index
    assert isinstance(commit, Commit)
    entries = gather(state, commit.proposals, message.content.sender)
    for entry in entries:
        check_proposal(state, entry.proposal, entry.sender, now)
    check_together(state, entries, committer)
    if commit.path is None and needs_path(entries):
        raise PathRequired(by=committer)
    applied = apply(state, entries)
    removed = tuple(member(i, state.tree.leaf(i)) for i in applied.removed)
    aad = message.content.authenticated_data
    if state.own in applied.removed:
        return Entered(state, author, (), removed, True, aad)
    private = _with_own_updates(state, applied)
    tree, secret = applied.tree, bytes(state.suite.hash_bytes)
    if commit.path is not None:
        _check_path_leaf(state, applied, committer, commit.path)
        tree = merge_path(applied.tree, committer, commit.path)
        verify_unique_keys(tree)
        context = provisional(state, tree, applied.extensions)
        newcomers = frozenset(leaf for leaf, _ in applied.added)
        private, secret = open_path(
            applied.tree, tree, private, committer, commit.path, context.encode(), newcomers
        )
    else:
        context = provisional(state, tree, applied.extensions)
    found = find_psks(state, applied.psks, psks)
    advanced = advance(state, context, message, secret, psk_secret(state.suite, found))
    if not hmac.compare_digest(advanced.tag, message.auth.confirmation_tag):
        raise ConfirmationTagMismatch(by=committer)
    added = tuple(member(i, tree.leaf(i)) for i, _ in applied.added)
    return Entered(entered(state, advanced, tree, private), author, added, removed, False, aad)


def _check_path_leaf(state: State, applied: Applied, committer: int, path: UpdatePath) -> None:
    leaf = path.leaf
    check_source(leaf, Source.COMMIT, committer)
    leaf.verify(state.suite, state.context.group_id, committer)
    check_supports(leaf, applied.extensions, committer)
    old = applied.tree.leaf(committer)
    if leaf.encryption_key == old.encryption_key:
        raise EncryptionKeyNotFresh(by=committer)
    if leaf.credential.type != old.credential.type:
        check_credentials([leaf, *(other for at, other in applied.tree.leaves() if at != committer)])
    state.suite.kem.load_public(leaf.encryption_key)


def _with_own_updates(state: State, applied: Applied) -> PrivateTree:
    private = state.private.pruned(applied.tree)
    for leaf, ref in applied.updated:
        if leaf == state.own and ref in state.updates:
            private = PrivateTree(leaf, {2 * leaf: state.updates[ref]})
    return private
