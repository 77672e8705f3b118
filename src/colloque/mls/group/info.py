"""GroupInfo: what somebody outside is shown of a group, signed by a member (RFC 9420 12.4.3)."""

from __future__ import annotations

from colloque.mls.errors import InvalidSignature
from colloque.mls.group.state import State
from colloque.mls.messages.extension import RATCHET_TREE, Extension, Extensions
from colloque.mls.messages.external import external_pub
from colloque.mls.messages.leaf_node import LeafNode
from colloque.mls.messages.welcome import GroupInfo
from colloque.mls.tree.ratchet_tree import RatchetTree


def group_info(state: State, *, tree: bool, external: bool, extensions: Extensions = ()) -> GroupInfo:
    """`tree`: with the whole ratchet tree; `external`: with the key that external commits need."""
    found = list(extensions)
    if tree:
        found.append(Extension(RATCHET_TREE, state.tree.encode()))
    if external:
        found.append(external_pub(state.suite.derive_key_pair(state.secrets.external)[1]))
    tag = state.suite.mac(state.secrets.confirmation_key, state.context.confirmed_transcript_hash)
    return GroupInfo(state.context, tuple(found), tag, state.own).sign(state.suite, state.signer)


def verify_info(info: GroupInfo, tree: RatchetTree) -> LeafNode:
    """Its signer's leaf, once the signature is right; a blank leaf signs nothing."""
    signer = tree.leaf(info.signer)
    try:
        # MUST 12.4.3-4
        info.verify(tree.suite, signer.signature_key)
    except InvalidSignature:
        raise InvalidSignature("a group info", by=info.signer) from None
    return signer
