"""Checking a whole tree, as a newcomer must (RFC 9420 7.9.2, 12.4.3.1)."""

from __future__ import annotations

from colloque.mls.errors import (
    DuplicateEncryptionKey,
    DuplicateSignatureKey,
    InvalidSignature,
    ParentHashMismatch,
    UnmergedLeavesInvalid,
)
from colloque.mls.messages.leaf_node import LeafNode, Source
from colloque.mls.tree import math
from colloque.mls.tree.nodes import ParentNode
from colloque.mls.tree.ratchet_tree import RatchetTree


def verify_parent_hashes(tree: RatchetTree) -> None:
    """Every parent that is not blank is vouched for by a node below it."""
    for at in range(1, len(tree.nodes), 2):
        # MUST 7.9.2-1
        if tree.parent(at) is not None and not _vouched(tree, at):
            raise ParentHashMismatch(f"node {at}")


def _vouched(tree: RatchetTree, at: int) -> bool:
    parent = tree.parent(at)
    assert parent is not None
    unmerged = {2 * leaf for leaf in parent.unmerged_leaves}
    # Only one node below may be more than an unmerged leaf: so that the time stays linear, whatever hashes they state.
    for child, other in ((math.left(at), math.right(at)), (math.right(at), math.left(at))):
        resolution = set(tree.resolution(child))
        below = {leaf for leaf in unmerged if math.in_subtree(leaf, child)}
        rest = resolution - below
        if len(rest) != 1 or not below <= resolution:
            continue
        if _stated_parent_hash(tree, rest.pop()) == tree.parent_hash(at, other):
            return True
    return False


def _stated_parent_hash(tree: RatchetTree, node: int) -> bytes | None:
    found = tree.nodes[node]
    if isinstance(found, ParentNode):
        return found.parent_hash
    if isinstance(found, LeafNode) and found.source is Source.COMMIT:
        return found.parent_hash
    return None


def verify_unmerged(tree: RatchetTree) -> None:
    """Each unmerged leaf is below its parent, not blank, and unmerged in every parent between that is not blank."""
    lists: dict[int, frozenset[int]] = {}
    for at in range(1, len(tree.nodes), 2):
        found = tree.parent(at)
        if found is not None:
            lists[at] = frozenset(found.unmerged_leaves)
    for at in range(1, len(tree.nodes), 2):
        parent = tree.parent(at)
        for leaf in parent.unmerged_leaves if parent else ():
            if not tree.has(leaf) or not math.in_subtree(2 * leaf, at):
                raise UnmergedLeavesInvalid(f"node {at}")
            for between in math.direct_path(2 * leaf, tree.width):
                if between == at:
                    break
                if leaf not in lists.get(between, {leaf}):
                    raise UnmergedLeavesInvalid(f"node {at}")


def verify_unique_keys(tree: RatchetTree) -> None:
    # MUST 16.7-1
    signature_keys = [leaf.signature_key for _, leaf in tree.leaves()]
    if len(set(signature_keys)) != len(signature_keys):
        raise DuplicateSignatureKey
    encryption_keys = [node.encryption_key for node in tree.nodes if node is not None]
    if len(set(encryption_keys)) != len(encryption_keys):
        raise DuplicateEncryptionKey


def verify_leaf_signatures(tree: RatchetTree, group_id: bytes) -> None:
    for index, leaf in tree.leaves():
        try:
            leaf.verify(tree.suite, group_id, index)
        except InvalidSignature:
            raise InvalidSignature("a leaf", by=index) from None
