"""Three places where ts-mls 1.6.4 departs from the RFC, said exactly, so that the tests expect them there and
nowhere else: should a later version mend them, these tests fail and say so."""

from __future__ import annotations

from collections.abc import Iterable

from colloque.mls.api import suite
from colloque.mls.messages.leaf_node import LeafNode
from colloque.mls.tree.math import direct_path
from colloque.mls.tree.nodes import ParentNode
from colloque.mls.tree.ratchet_tree import RatchetTree

from .member import View


def cannot_join(number: int, tree: bytes) -> bool:
    """RFC 9420 12.4.3.1: a leaf that is unmerged at a node is so at the nodes between them too. ts-mls asks
    that all nodes above that leaf, up to the root, have the same list: a newcomer refuses other trees."""
    nodes = RatchetTree.decode(suite(number), tree).nodes
    width = (len(nodes) + 1) // 2
    return any(
        above != node.unmerged_leaves
        for node in nodes
        if isinstance(node, ParentNode)
        for leaf in node.unmerged_leaves
        for above in _lists(nodes, direct_path(2 * leaf, width))
    )


def _lists(nodes: tuple[LeafNode | ParentNode | None, ...], path: Iterable[int]) -> Iterable[tuple[int, ...]]:
    for at in path:
        node = nodes[at]
        if isinstance(node, ParentNode):
            yield node.unmerged_leaves


def misses_its_removal(leaf: int, after: View) -> bool:
    """A removed ts-mls member looks only whether its leaf is blank. Where the same commit gives that leaf to
    somebody (or to itself again), it takes itself for a member still, and fails for want of a path key."""
    return any(person.leaf_index == leaf for person in after.members)


def commit_secret_differs(leaves: Iterable[int]) -> bool:
    """Where the left half of the tree is empty, the root is on no filtered direct path (RFC 9420 4.1.2), and
    the commit secret comes from the path's last node (7.4, 12.4.1). ts-mls derives one step more, as if the
    root were there: others refuse its commits with a path, and it refuses theirs. `leaves`: those of the
    group after the commit. While leaf 0 is taken this cannot be."""
    taken = set(leaves)
    width = 1 << max(taken).bit_length()
    return width > 1 and min(taken) >= width // 2
