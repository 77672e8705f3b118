"""Joining from outside, by a commit of one's own (RFC 9420 8.3, 12.4.3.2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from colloque.mls.crypto.suite import Suite, suite
from colloque.mls.errors import (
    ExternalPubMissing,
    GroupInfoMismatch,
    NotAllowedByPolicy,
    NotInTree,
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
from colloque.mls.group.advance import Before, advance, begun, provisional
from colloque.mls.group.commit import Made
from colloque.mls.group.info import verify_info
from colloque.mls.group.join import check_own_support, check_tree, check_unique, tree_of
from colloque.mls.group.leaves import check_credentials
from colloque.mls.group.policy import Policy
from colloque.mls.group.psks import PskStore
from colloque.mls.group.receive_commit import EXTERNAL_INIT_LABEL
from colloque.mls.group.state import Random
from colloque.mls.messages.commit import Commit
from colloque.mls.messages.external import read_external_pub
from colloque.mls.messages.leaf_node import Credential, LeafNode
from colloque.mls.messages.proposal import ExternalInit, PreSharedKey, Proposal, ProposalOrRef, Remove
from colloque.mls.messages.psk import PskId
from colloque.mls.messages.welcome import GroupInfo
from colloque.mls.schedule import transcript
from colloque.mls.tree.ratchet_tree import RatchetTree
from colloque.mls.tree.treekem import make_path, seal_path
from colloque.mls.tree.verify import verify_unique_keys


@dataclass(frozen=True, slots=True)
class Joiner:
    """Who comes: the leaf that it would have, not yet signed, and its signing key. `resync`: it takes the place of an older
    leaf of the same credential. `psks`: keys that it mixes in."""

    leaf: LeafNode
    signer: bytes
    resync: bool
    store: PskStore
    psks: Sequence[PskId] = ()
    authenticated_data: bytes = b""

    def __repr__(self) -> str:
        return "Joiner()"


def enter(
    info: GroupInfo,
    tree_bytes: bytes | None,
    joiner: Joiner,
    policy: Policy,
    random: Random,
    now: int | None,
) -> Made:
    context, kind = info.context, suite(info.context.suite)
    tree = tree_of(info, tree_bytes)
    signer = verify_info(info, tree)
    if policy.committer_signature_key not in (None, signer.signature_key):
        raise NotAllowedByPolicy("a group info of somebody else than the committer", by=info.signer)
    if not joiner.resync:
        check_unique(joiner.store, context.group_id)
    check_tree(tree, info, policy, now)
    public = read_external_pub(info.extensions)
    if public is None:
        raise ExternalPubMissing
    output, init = kind.send_export(public, EXTERNAL_INIT_LABEL)
    proposals: list[Proposal] = [ExternalInit(output)]
    if joiner.resync:
        old = _older(tree, joiner.leaf.credential)
        tree = tree.remove(old)
        proposals.append(Remove(old))
    proposals += [PreSharedKey(psk) for psk in joiner.psks]
    tree, own = tree.with_free_leaf()
    path = make_path(tree, own, joiner.signer, context.group_id, random, joiner.leaf)
    _check_leaf(path.leaf, tree, info)
    verify_unique_keys(path.tree)
    after = provisional(context, path.tree, context.extensions)
    update_path = seal_path(path, tree, after.encode(), frozenset())
    commit = Commit(tuple(ProposalOrRef(p) for p in proposals), update_path)
    message = _signed(kind, info, commit, joiner)
    before = Before(
        kind, transcript.interim(kind, context.confirmed_transcript_hash, info.confirmation_tag), init
    )
    advanced = advance(before, after, message, path.commit_secret, joiner.store.find(joiner.psks))
    auth = replace(message.auth, confirmation_tag=advanced.tag)
    state = begun(
        advanced.context, advanced.tag, advanced.epoch, path.tree, path.private, joiner.signer, policy
    )
    return Made(state, MlsMessage(PublicMessage(message.content, auth)).encode())


def _signed(kind: Suite, info: GroupInfo, commit: Commit, joiner: Joiner) -> AuthenticatedContent:
    context = info.context
    content = FramedContent(
        context.group_id,
        context.epoch,
        # MUST 12.4.3.2-5
        Sender(SenderType.NEW_MEMBER_COMMIT),
        joiner.authenticated_data,
        ContentType.COMMIT,
        commit,
    )
    signature = sign_content(kind, joiner.signer, WireFormat.PUBLIC, content, context)
    return AuthenticatedContent(WireFormat.PUBLIC, content, Auth(signature))


def _older(tree: RatchetTree, credential: Credential) -> int:
    found = [index for index, leaf in tree.leaves() if leaf.credential == credential]
    if len(found) != 1:
        raise NotInTree("no older leaf of ours, or several")
    return found[0]


def _check_leaf(leaf: LeafNode, tree: RatchetTree, info: GroupInfo) -> None:
    check_own_support(leaf, info)
    check_credentials([leaf, *(other for _, other in tree.leaves())])
    if info.context.suite not in leaf.capabilities.suites:
        raise GroupInfoMismatch("a suite that the leaf does not name")
