"""Joining by a Welcome, and all that a newcomer must check (RFC 9420 12.4.3.1)."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field, replace

from colloque.mls.crypto.suite import Suite, suite
from colloque.mls.errors import (
    ConfirmationTagMismatch,
    GroupFull,
    GroupIdTaken,
    GroupInfoMismatch,
    NotAllowedByPolicy,
    NotInTree,
    SignerMismatch,
    TreeHashMismatch,
    TreeMissing,
    UpdatePathInvalid,
    WelcomeNotForUs,
)
from colloque.mls.group.advance import begun
from colloque.mls.group.create import SignatureKey
from colloque.mls.group.info import verify_info
from colloque.mls.group.leaves import check_credentials, check_lifetime, check_needs, check_supports, needs
from colloque.mls.group.link import check_link
from colloque.mls.group.policy import Policy
from colloque.mls.group.psks import PskStore, check_welcome_psks
from colloque.mls.group.state import State
from colloque.mls.messages.extension import RATCHET_TREE, find
from colloque.mls.messages.grease import without_grease
from colloque.mls.messages.key_package import MLS10, KeyPackage, KeyPackageSecrets
from colloque.mls.messages.leaf_node import LeafNode
from colloque.mls.messages.psk import psk_secret
from colloque.mls.messages.welcome import GroupInfo, GroupSecrets, Welcome
from colloque.mls.schedule.key_schedule import epoch_from_joiner, welcome_key, welcome_secret
from colloque.mls.tree import math, verify
from colloque.mls.tree.ratchet_tree import RatchetTree
from colloque.mls.tree.treekem import PrivateTree, path_secrets


@dataclass(frozen=True, slots=True)
class Newcomer:
    """What the joiner holds: its key package with its secrets, its signer, and where the pre-shared keys are."""

    package: KeyPackage
    secrets: KeyPackageSecrets = field(repr=False)
    signer: SignatureKey = field(repr=False)
    store: PskStore = field(default_factory=PskStore, repr=False)


def join(
    welcome: Welcome, newcomer: Newcomer, tree_bytes: bytes | None, policy: Policy, now: int | None
) -> State:
    kind = suite(welcome.suite)
    if newcomer.package.suite != welcome.suite:
        raise GroupInfoMismatch("another suite")
    # MUST 6.1-1
    if newcomer.signer.public != newcomer.package.signature_key:
        raise SignerMismatch
    secrets = _open_secrets(kind, welcome, newcomer)
    link = check_welcome_psks(secrets.psks, kind.hash_bytes)
    psk = psk_secret(kind, newcomer.store.find(secrets.psks))
    key, nonce = welcome_key(kind, welcome_secret(kind, secrets.joiner_secret, psk))
    info = GroupInfo.decode(kind.open(key, nonce, b"", welcome.encrypted_group_info))
    context = info.context
    if context.suite != welcome.suite:
        raise GroupInfoMismatch("another suite")
    tree = tree_of(info, tree_bytes)
    signer = verify_info(info, tree)
    if policy.committer_signature_key not in (None, signer.signature_key):
        raise NotAllowedByPolicy("a Welcome of somebody else than the committer", by=info.signer)
    check_unique(newcomer.store, context.group_id)
    check_tree(tree, info, policy, now)
    own = _own_leaf(tree, newcomer.package)
    check_own_support(tree.leaf(own), info)
    private = _private(kind, tree, info.signer, own, secrets, newcomer.secrets.leaf)
    epoch = epoch_from_joiner(kind, secrets.joiner_secret, psk, context.encode())
    tag = kind.mac(epoch.secrets.confirmation_key, context.confirmed_transcript_hash)
    if not hmac.compare_digest(tag, info.confirmation_tag):
        raise ConfirmationTagMismatch(by=info.signer)
    if link is not None:
        check_link(link, context, tree, newcomer.store)
    return begun(context, info.confirmation_tag, epoch, tree, private, newcomer.signer.private, policy)


def check_unique(store: PskStore, group_id: bytes) -> None:
    """One is in no other group of that id, but for one that a reinit ended."""
    # MUST 12.4.3-3
    if any(s.context.group_id == group_id and s.reinit is None for s in store.groups):
        raise GroupIdTaken


def tree_of(info: GroupInfo, tree_bytes: bytes | None) -> RatchetTree:
    """The tree that came inside, or apart."""
    if info.context.version != MLS10:
        raise GroupInfoMismatch("another version")
    inside = find(info.extensions, RATCHET_TREE)
    data = inside if inside is not None else tree_bytes
    # MUST 12.4.3.1-1
    if data is None:
        raise TreeMissing
    return RatchetTree.decode(suite(info.context.suite), data)


def check_own_support(own: LeafNode, info: GroupInfo) -> None:
    """Every extension of the group is one that we really know: our own GREASE does not count (13.4, 13.5)."""
    # MUST 12.4.3-2, 13.4-6, 13.5-3
    known = replace(own, capabilities=without_grease(own.capabilities), extensions=())
    check_supports(known, info.context.extensions)


def _open_secrets(kind: Suite, welcome: Welcome, newcomer: Newcomer) -> GroupSecrets:
    ref = newcomer.package.ref
    mine = next((s for s in welcome.secrets if s.new_member == ref), None)
    if mine is None:
        raise WelcomeNotForUs
    sealed = mine.secrets
    opened = kind.decrypt_with_label(
        newcomer.secrets.init, "Welcome", welcome.encrypted_group_info, sealed.kem_output, sealed.ciphertext
    )
    return GroupSecrets.decode(opened)


def check_tree(tree: RatchetTree, info: GroupInfo, policy: Policy, now: int | None) -> None:
    # MUST 12.4.3.3-2
    if tree.tree_hash() != info.context.tree_hash:
        raise TreeHashMismatch
    verify.verify_unmerged(tree)
    verify.verify_parent_hashes(tree)
    verify.verify_unique_keys(tree)
    verify.verify_leaf_signatures(tree, info.context.group_id)
    leaves = [leaf for _, leaf in tree.leaves()]
    if len(leaves) > policy.max_members:
        raise GroupFull
    asks = needs(info.context.extensions)
    for index, leaf in tree.leaves():
        check_needs(leaf, asks, index)
        if index == info.signer:
            check_lifetime(leaf, now, policy.max_lifetime)
    check_credentials(leaves)


def _own_leaf(tree: RatchetTree, package: KeyPackage) -> int:
    wanted = package.leaf.encode()
    for index, leaf in tree.leaves():
        if leaf.signature_key == package.leaf.signature_key:
            if leaf.encode() != wanted:
                raise GroupInfoMismatch("our leaf was changed")
            return index
    raise NotInTree


def _private(
    kind: Suite, tree: RatchetTree, signer: int, own: int, secrets: GroupSecrets, leaf_key: bytes
) -> PrivateTree:
    private = PrivateTree(own, {2 * own: leaf_key})
    if kind.kem.public(leaf_key) != tree.leaf(own).encryption_key:
        raise GroupInfoMismatch("our leaf's key is another")
    if secrets.path_secret is None:
        return private
    ancestor = math.common_ancestor(2 * own, 2 * signer)
    path = [node for node, _ in tree.filtered_direct_path(signer)]
    if ancestor not in path:
        raise UpdatePathInvalid("no path to us", by=signer)
    found, _ = path_secrets(kind, secrets.path_secret.secret, path[path.index(ancestor) :])
    return private.with_path(kind, tree, found)
