"""Somebody else's commit: by a member, or by a newcomer from outside (RFC 9420 12.4.2, 12.4.3.2)."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field

from colloque.mls.errors import (
    ConfirmationTagMismatch,
    EncryptionKeyNotFresh,
    GroupFull,
    NotAllowedByPolicy,
    PathRequired,
    ResyncMismatch,
    WrongSender,
)
from colloque.mls.framing.content import AuthenticatedContent
from colloque.mls.group.advance import Before, advance, entered, provisional
from colloque.mls.group.apply import Applied, apply
from colloque.mls.group.leaves import check_credentials, check_source, check_supports
from colloque.mls.group.proposals import (
    check_external,
    check_proposal,
    check_together,
    extensions_after,
    gather,
    needs_path,
)
from colloque.mls.group.psks import PskStore
from colloque.mls.group.sealing import verify_content
from colloque.mls.group.state import Member, State, member
from colloque.mls.messages.commit import Commit, UpdatePath
from colloque.mls.messages.leaf_node import LeafNode, Source
from colloque.mls.messages.proposal import ReInit
from colloque.mls.tree.ratchet_tree import RatchetTree
from colloque.mls.tree.treekem import PrivateTree, merge_path, open_path
from colloque.mls.tree.verify import verify_unique_keys

EXTERNAL_INIT_LABEL = "external init secret"


@dataclass(frozen=True, slots=True)
class Entered:
    """A commit, and the epoch after it. With `self_removed` the state is the old one: it opens late messages only.

    `changed`: members who stay, with another signature key or credential than before, as they are now.
    """

    state: State = field(repr=False)
    sender: Member
    added: tuple[Member, ...]
    removed: tuple[Member, ...]
    self_removed: bool
    authenticated_data: bytes
    changed: tuple[Member, ...] = ()
    reinit: ReInit | None = None


def receive_commit(
    state: State, message: AuthenticatedContent, author: Member, store: PskStore, now: int | None
) -> Entered:
    commit, committer = message.content.body, author.leaf_index
    assert isinstance(commit, Commit)
    entries = gather(state, commit.proposals, message.content.sender)
    extensions = extensions_after(state, entries)
    for entry in entries:
        check_proposal(state, entry.proposal, entry.sender, now, extensions)
    # MUST 12.2-1, 12.4-2
    check_together(state, entries, committer)
    if commit.path is None and needs_path(entries):
        raise PathRequired(by=committer)
    applied = apply(state, entries, extensions)
    if commit.path is not None:
        _check_path_leaf(state, applied, committer, commit.path)
    return _enter(state, message, applied, applied.tree, author, commit.path, state.secrets.init, store)


def receive_external_commit(
    state: State, message: AuthenticatedContent, store: PskStore, now: int | None
) -> Entered:
    """Checked against the policy before anything is computed."""
    commit = message.content.body
    if not state.policy.external_commits:
        raise NotAllowedByPolicy("a commit from outside the group")
    # MUST 6.1-3, 12.4.3.2-5
    if not isinstance(commit, Commit):
        raise WrongSender("a newcomer's commit that is none")
    # MUST 12.4.3.2-1
    if commit.path is None:
        raise PathRequired
    leaf = commit.path.leaf
    if state.policy.committer_signature_key not in (None, leaf.signature_key):
        raise NotAllowedByPolicy("only one member commits here")
    # MUST 12.4.3.2-3
    verify_content(state, message, leaf.signature_key, state.context)
    entries = gather(state, commit.proposals, message.content.sender)
    init, removed = check_external(entries)
    for entry in entries:
        check_proposal(state, entry.proposal, entry.sender, now, state.context.extensions)
    if removed is not None:
        _check_resync(state, removed, leaf)
    applied = apply(state, entries, state.context.extensions)
    tree, committer = applied.tree.with_free_leaf()
    if len(list(tree.leaves())) >= state.policy.max_members:
        raise GroupFull
    _check_new_leaf(state, applied, committer, leaf)
    private, _ = state.suite.derive_key_pair(state.secrets.external)
    # MUST 12.4.3.2-4
    secret = state.suite.receive_export(private, init.kem_output, EXTERNAL_INIT_LABEL)
    return _enter(state, message, applied, tree, member(committer, leaf), commit.path, secret, store)


def _check_resync(state: State, removed: int, leaf: LeafNode) -> None:
    """A joiner removes nobody but an older leaf of its own: one of the same credential, with another key (12.2)."""
    if not state.policy.external_resync:
        raise NotAllowedByPolicy("a newcomer that replaces a member")
    # MUST 12.2-2
    old = state.tree.leaf(removed)
    if old.credential.encode() != leaf.credential.encode():
        raise ResyncMismatch
    if old.encryption_key == leaf.encryption_key:
        raise EncryptionKeyNotFresh


def _enter(
    state: State,
    message: AuthenticatedContent,
    applied: Applied,
    before: RatchetTree,
    author: Member,
    path: UpdatePath | None,
    init: bytes,
    store: PskStore,
) -> Entered:
    """`before`: the tree that the path, if there is one, was made on."""
    committer, aad = author.leaf_index, message.content.authenticated_data
    removed = tuple(member(i, state.tree.leaf(i)) for i in applied.removed)
    if state.own in applied.removed:
        return Entered(state, author, (), removed, True, aad)
    private = _with_own_updates(state, applied)
    tree, secret = before, bytes(state.suite.hash_bytes)
    if path is not None:
        tree = merge_path(before, committer, path)
        verify_unique_keys(tree)
    context = provisional(state.context, tree, applied.extensions)
    if path is not None:
        newcomers = applied.newcomers
        private, secret = open_path(before, tree, private, committer, path, context.encode(), newcomers)
    found = PskStore(store.external, (state, *store.groups)).find(applied.psks)
    advanced = advance(Before(state.suite, state.interim_hash, init), context, message, secret, found)
    if not hmac.compare_digest(advanced.tag, message.auth.confirmation_tag):
        raise ConfirmationTagMismatch(by=committer if state.tree.has(committer) else None)
    joined = {index for index, _ in applied.added}
    if not before.has(committer):
        joined.add(committer)
    return Entered(
        entered(state, advanced, tree, private, applied.reinit),
        author,
        tuple(member(i, tree.leaf(i)) for i in sorted(joined)),
        removed,
        False,
        aad,
        # MUST 5.3.1-1
        _changed(state.tree, tree, joined),
        applied.reinit,
    )


def _changed(old: RatchetTree, new: RatchetTree, joined: set[int]) -> tuple[Member, ...]:
    found = []
    for index, (was, leaf) in enumerate(zip(old.nodes[::2], new.nodes[::2], strict=False)):
        if was is leaf or index in joined or not isinstance(was, LeafNode) or not isinstance(leaf, LeafNode):
            continue
        if (was.signature_key, was.credential) != (leaf.signature_key, leaf.credential):
            found.append(member(index, leaf))
    return tuple(found)


def _check_path_leaf(state: State, applied: Applied, committer: int, path: UpdatePath) -> None:
    leaf, old = path.leaf, applied.tree.leaf(committer)
    _check_leaf(state, applied, committer, leaf)
    if leaf.encryption_key == old.encryption_key:
        raise EncryptionKeyNotFresh(by=committer)
    if leaf.credential.type != old.credential.type or leaf.capabilities != old.capabilities:
        check_credentials([leaf, *(other for at, other in applied.tree.leaves() if at != committer)])


def _check_new_leaf(state: State, applied: Applied, committer: int, leaf: LeafNode) -> None:
    _check_leaf(state, applied, committer, leaf)
    check_credentials([leaf, *(other for _, other in applied.tree.leaves())])


def _check_leaf(state: State, applied: Applied, committer: int, leaf: LeafNode) -> None:
    by = committer if state.tree.has(committer) else None
    # MUST 7.5-1, 12.4.2-1
    check_source(leaf, Source.COMMIT, by)
    leaf.verify(state.suite, state.context.group_id, committer)
    check_supports(leaf, applied.extensions, by)
    state.suite.kem.load_public(leaf.encryption_key)


def _with_own_updates(state: State, applied: Applied) -> PrivateTree:
    private = state.private.pruned(applied.tree)
    for leaf, ref in applied.updated:
        if leaf == state.own and ref in state.updates:
            private = PrivateTree(leaf, {2 * leaf: state.updates[ref]})
    return private
