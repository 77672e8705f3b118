"""Joining by a Welcome, and all that a newcomer must check (RFC 9420 12.4.3.1)."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field

from colloque.mls.crypto.suite import Suite, suite
from colloque.mls.errors import (
    ConfirmationTagMismatch,
    GroupFull,
    GroupInfoMismatch,
    InvalidSignature,
    NotAllowedByPolicy,
    NotInTree,
    PskMalformed,
    PskRepeated,
    PskUnknown,
    TreeHashMismatch,
    TreeMissing,
    UpdatePathInvalid,
    WelcomeNotForUs,
)
from colloque.mls.group.create import SignatureKey
from colloque.mls.group.leaves import check_credentials, check_lifetime, check_supports
from colloque.mls.group.policy import Policy
from colloque.mls.group.state import State
from colloque.mls.messages.extension import RATCHET_TREE, find
from colloque.mls.messages.key_package import MLS10, KeyPackage, KeyPackageSecrets
from colloque.mls.messages.psk import PskId, PskType, Usage, psk_secret
from colloque.mls.messages.welcome import GroupInfo, GroupSecrets, Welcome
from colloque.mls.schedule import transcript
from colloque.mls.schedule.key_schedule import epoch_from_joiner, welcome_key, welcome_secret
from colloque.mls.schedule.secret_tree import SecretTree
from colloque.mls.tree import math, verify
from colloque.mls.tree.ratchet_tree import RatchetTree
from colloque.mls.tree.treekem import PrivateTree, path_secrets


@dataclass(frozen=True, slots=True)
class Newcomer:
    """What the joiner holds: its key package with its secrets, its signer, and the pre-shared keys that it knows."""

    package: KeyPackage
    secrets: KeyPackageSecrets = field(repr=False)
    signer: SignatureKey = field(repr=False)
    psks: Mapping[bytes, bytes] = field(repr=False)
    resumption: Mapping[tuple[bytes, int], bytes] = field(default_factory=dict, repr=False)


def join(
    welcome: Welcome, newcomer: Newcomer, tree_bytes: bytes | None, policy: Policy, now: int | None
) -> State:
    kind = suite(welcome.suite)
    if newcomer.package.suite != welcome.suite:
        raise GroupInfoMismatch("another suite")
    secrets = _open_secrets(kind, welcome, newcomer)
    psk = psk_secret(kind, _find_psks(kind, secrets.psks, newcomer))
    key, nonce = welcome_key(kind, welcome_secret(kind, secrets.joiner_secret, psk))
    info = GroupInfo.decode(kind.open(key, nonce, b"", welcome.encrypted_group_info))
    context = info.context
    if context.version != MLS10 or context.suite != welcome.suite:
        raise GroupInfoMismatch("another version or suite")
    inside = find(info.extensions, RATCHET_TREE)
    data = inside if inside is not None else tree_bytes
    if data is None:
        raise TreeMissing
    tree = RatchetTree.decode(kind, data)
    signer = tree.leaf(info.signer)
    try:
        info.verify(kind, signer.signature_key)
    except InvalidSignature:
        raise InvalidSignature("a group info", by=info.signer) from None
    if policy.committer_signature_key not in (None, signer.signature_key):
        raise NotAllowedByPolicy("a Welcome of somebody else than the committer", by=info.signer)
    _check_tree(tree, info, policy, now)
    own = _own_leaf(tree, newcomer.package)
    private = _private(kind, tree, info.signer, own, secrets, newcomer.secrets.leaf)
    epoch = epoch_from_joiner(kind, secrets.joiner_secret, psk, context.encode())
    tag = kind.mac(epoch.secrets.confirmation_key, context.confirmed_transcript_hash)
    if not hmac.compare_digest(tag, info.confirmation_tag):
        raise ConfirmationTagMismatch(by=info.signer)
    return State(
        kind,
        context,
        transcript.interim(kind, context.confirmed_transcript_hash, info.confirmation_tag),
        tree,
        private,
        epoch.secrets,
        SecretTree.from_encryption_secret(tree.width, epoch.encryption),
        newcomer.signer.private,
        policy,
    )


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


def _find_psks(kind: Suite, wanted: tuple[PskId, ...], newcomer: Newcomer) -> list[tuple[PskId, bytes]]:
    if len(set(wanted)) != len(wanted):
        raise PskRepeated
    structural = [p for p in wanted if p.type is PskType.RESUMPTION and p.usage != Usage.APPLICATION]
    if len(structural) > 1 or any(len(p.nonce) != kind.hash_bytes for p in wanted):
        raise PskMalformed
    found = []
    for psk in wanted:
        if psk.type is PskType.EXTERNAL:
            secret = newcomer.psks.get(psk.id)
        else:
            secret = newcomer.resumption.get((psk.group_id, psk.epoch))
        if secret is None:
            raise PskUnknown
        found.append((psk, secret))
    return found


def _check_tree(tree: RatchetTree, info: GroupInfo, policy: Policy, now: int | None) -> None:
    if tree.tree_hash() != info.context.tree_hash:
        raise TreeHashMismatch
    verify.verify_unmerged(tree)
    verify.verify_parent_hashes(tree)
    verify.verify_unique_keys(tree)
    verify.verify_leaf_signatures(tree, info.context.group_id)
    leaves = [leaf for _, leaf in tree.leaves()]
    if len(leaves) > policy.max_members:
        raise GroupFull
    for index, leaf in tree.leaves():
        check_supports(leaf, info.context.extensions, index)
        if index == info.signer:
            check_lifetime(leaf, now)
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
