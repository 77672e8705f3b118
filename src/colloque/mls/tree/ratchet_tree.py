"""The ratchet tree: immutable, with its hashes kept (RFC 9420 7)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from colloque.mls.codec import optional, u8, u32, vector
from colloque.mls.crypto.suite import Suite
from colloque.mls.errors import NoSuchLeaf
from colloque.mls.messages.leaf_node import LeafNode
from colloque.mls.tree import math
from colloque.mls.tree.nodes import Node, ParentNode, decode_nodes, encode_nodes


class RatchetTree:
    """Nodes in an array as wide as a perfect tree. Every change gives a new tree; unchanged hashes are carried over."""

    __slots__ = ("_encoded", "_hashes", "_people", "nodes", "suite")

    def __init__(
        self, suite: Suite, nodes: tuple[Node | None, ...], hashes: dict[int, bytes] | None = None
    ) -> None:
        self.suite = suite
        self.nodes = nodes
        self._hashes: dict[int, bytes] = {} if hashes is None else hashes
        self._encoded: bytes | None = None
        self._people: bytes | None = None

    def __repr__(self) -> str:
        return f"RatchetTree({len(list(self.leaves()))} members)"

    @classmethod
    def decode(cls, suite: Suite, data: bytes) -> RatchetTree:
        tree = cls(suite, decode_nodes(data))
        tree._encoded = data
        return tree

    def encode(self) -> bytes:
        if self._encoded is None:
            self._encoded = encode_nodes(self.nodes)
        return self._encoded

    @property
    def width(self) -> int:
        """The number of leaves, blank ones included: a power of two."""
        return (len(self.nodes) + 1) // 2

    @property
    def root(self) -> int:
        return math.root(self.width)

    def leaves(self) -> Iterator[tuple[int, LeafNode]]:
        for index, node in enumerate(self.nodes[::2]):
            if isinstance(node, LeafNode):
                yield index, node

    def leaf(self, index: int) -> LeafNode:
        """Raises `NoSuchLeaf`."""
        node = self.nodes[2 * index] if 0 <= index < self.width else None
        if not isinstance(node, LeafNode):
            raise NoSuchLeaf(str(index))
        return node

    def people(self) -> bytes:
        """Index, identity and signature key of every member: what is stored of a past epoch."""
        if self._people is None:
            self._people = b"".join(u32(index) + leaf.person for index, leaf in self.leaves())
        return self._people

    def has(self, index: int) -> bool:
        return 0 <= index < self.width and self.nodes[2 * index] is not None

    def parent(self, node: int) -> ParentNode | None:
        found = self.nodes[node]
        return found if isinstance(found, ParentNode) else None

    # --- changes ---

    def with_nodes(self, changes: Mapping[int, Node | None]) -> RatchetTree:
        nodes = list(self.nodes)
        hashes = dict(self._hashes)
        same_people = True
        for at, node in changes.items():
            same_people = same_people and _person(nodes[at]) == _person(node)
            nodes[at] = node
            hashes.pop(at, None)
            for above in math.direct_path(at, self.width):
                hashes.pop(above, None)
        tree = RatchetTree(self.suite, tuple(nodes), hashes)
        tree._people = self._people if same_people else None
        return tree

    def _extended(self) -> RatchetTree:
        return RatchetTree(self.suite, (*self.nodes, None, *([None] * len(self.nodes))), dict(self._hashes))

    def free_leaf(self) -> int:
        """The leftmost blank leaf, or the first beyond the tree."""
        return next((at // 2 for at in range(0, len(self.nodes), 2) if self.nodes[at] is None), self.width)

    def add(self, leaf: LeafNode) -> tuple[RatchetTree, int]:
        """RFC 9420 7.7: at the leftmost blank leaf, and unmerged in every parent above that is not blank."""
        tree, index = self.with_free_leaf()
        changes: dict[int, Node | None] = {2 * index: leaf}
        for above in math.direct_path(2 * index, tree.width):
            node = tree.parent(above)
            if node is not None:
                unmerged = tuple(sorted({*node.unmerged_leaves, index}))
                changes[above] = ParentNode(node.encryption_key, node.parent_hash, unmerged)
        return tree.with_nodes(changes), index

    def with_free_leaf(self) -> tuple[RatchetTree, int]:
        """A place for somebody who joins by a path of their own: still blank, the tree extended where it was full."""
        index = self.free_leaf()
        return (self._extended() if index >= self.width else self), index

    def update(self, index: int, leaf: LeafNode) -> RatchetTree:
        """Replaces a leaf and blanks its direct path (RFC 9420 12.1.2)."""
        self.leaf(index)
        path: dict[int, Node | None] = dict.fromkeys(math.direct_path(2 * index, self.width))
        return self.with_nodes(path | {2 * index: leaf})

    def remove(self, index: int) -> RatchetTree:
        """Blanks a leaf and its direct path, and cuts blank right halves off (RFC 9420 12.1.3)."""
        self.leaf(index)
        changes: dict[int, Node | None] = dict.fromkeys([2 * index, *math.direct_path(2 * index, self.width)])
        return self.with_nodes(changes)._truncated()

    def _truncated(self) -> RatchetTree:
        nodes = self.nodes
        while len(nodes) > 1 and all(node is None for node in nodes[len(nodes) // 2 :]):
            nodes = nodes[: len(nodes) // 2]
        if nodes is self.nodes:
            return self
        return RatchetTree(self.suite, nodes, {at: h for at, h in self._hashes.items() if at < len(nodes)})

    # --- what is above and below ---

    def resolution(self, node: int) -> list[int]:
        """RFC 9420 4.1.1."""
        found = self.nodes[node]
        if isinstance(found, ParentNode):
            return [node, *(2 * leaf for leaf in found.unmerged_leaves)]
        if found is not None:
            return [node]
        if node % 2 == 0:
            return []
        return self.resolution(math.left(node)) + self.resolution(math.right(node))

    def filtered_direct_path(self, index: int) -> list[tuple[int, int]]:
        """(node, its copath child) for each direct-path node whose copath child's resolution is not empty (4.1.2)."""
        path = math.direct_path(2 * index, self.width)
        pairs = zip(path, math.copath(2 * index, self.width), strict=True)
        return [(above, beside) for above, beside in pairs if self.resolution(beside)]

    # --- hashes ---

    def tree_hash(self) -> bytes:
        return self.hash(self.root)

    def hash(self, node: int) -> bytes:
        """RFC 9420 7.8."""
        known = self._hashes.get(node)
        if known is None:
            known = self._hashes[node] = self._hash(node, frozenset())
        return known

    def hash_without(self, node: int, leaves: frozenset[int]) -> bytes:
        """The hash as if `leaves` had never been added (for parent hashes, RFC 9420 7.9)."""
        below = math.leaves_below(node)
        here = frozenset(leaf for leaf in leaves if leaf in below)
        return self._hash(node, here) if here else self.hash(node)

    def _hash(self, node: int, without: frozenset[int]) -> bytes:
        found = self.nodes[node]
        if node % 2 == 0:
            # MUST 7.8-1
            leaf = None if node // 2 in without else found
            return self.suite.digest(u8(1) + u32(node // 2) + optional(leaf))
        if isinstance(found, ParentNode) and without:
            unmerged = tuple(leaf for leaf in found.unmerged_leaves if leaf not in without)
            found = ParentNode(found.encryption_key, found.parent_hash, unmerged)
        left, right = math.left(node), math.right(node)
        if without:
            hashes = self.hash_without(left, without), self.hash_without(right, without)
        else:
            hashes = self.hash(left), self.hash(right)
        return self.suite.digest(u8(2) + optional(found) + vector(hashes[0]) + vector(hashes[1]))

    def parent_hash(self, node: int, sibling: int) -> bytes:
        """The parent hash of `node` seen from the child whose sibling is `sibling` (RFC 9420 7.9)."""
        parent = self.parent(node)
        return b"" if parent is None else self.parent_hash_of(parent, sibling)

    def parent_hash_of(self, parent: ParentNode, sibling: int) -> bytes:
        """The same for a parent that is not in the tree yet."""
        original = self.hash_without(sibling, frozenset(parent.unmerged_leaves))
        return self.suite.digest(
            vector(parent.encryption_key) + vector(parent.parent_hash) + vector(original)
        )


def _person(node: Node | None) -> bytes | None:
    return node.person if isinstance(node, LeafNode) else None
