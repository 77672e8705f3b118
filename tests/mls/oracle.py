"""The tree rules of RFC 9420 a second time, for comparison: slow, literal, and sharing nothing with `colloque.mls.tree`.

A tree here is a recursion of nodes with left and right, no array and no bits: `Leaf` and `Parent` objects, each of which may
be blank. Every rule is written down as the section says it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Leaf:
    """`data`: the encoded LeafNode, or None where it is blank; `stated`: the parent hash in it, if it came by a commit."""

    index: int
    data: bytes | None = None
    stated: bytes | None = None


@dataclass
class Parent:
    """`key`: None where it is blank."""

    left: Node
    right: Node
    key: bytes | None = None
    stated: bytes = b""
    unmerged: list[int] = field(default_factory=list)


Node = Leaf | Parent
Hash = Callable[[bytes], bytes]


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def _opaque(data: bytes) -> bytes:
    """2.1.2, for lengths below 2**14."""
    if len(data) <= 63:
        return bytes([len(data)]) + data
    return bytes([0x40 + len(data) // 256, len(data) % 256]) + data


def _uint32(value: int) -> bytes:
    return bytes([value >> 24 & 255, value >> 16 & 255, value >> 8 & 255, value & 255])


def leaves(node: Node) -> list[Leaf]:
    return [node] if isinstance(node, Leaf) else leaves(node.left) + leaves(node.right)


def is_blank(node: Node) -> bool:
    return node.data is None if isinstance(node, Leaf) else node.key is None


def empty(depth: int, first: int = 0) -> Node:
    """A blank tree of 2**depth leaves, numbered from `first`."""
    if depth == 0:
        return Leaf(first)
    half = 2 ** (depth - 1)
    return Parent(empty(depth - 1, first), empty(depth - 1, first + half))


def depth_of(node: Node) -> int:
    return 0 if isinstance(node, Leaf) else 1 + depth_of(node.left)


def direct_path(top: Node, index: int) -> list[Parent]:
    """4.1: from the leaf's parent to the root."""
    if isinstance(top, Leaf):
        return []
    side = top.left if index in [leaf.index for leaf in leaves(top.left)] else top.right
    return [*direct_path(side, index), top]


def copath(top: Node, index: int) -> list[Node]:
    """4.1: of each node of the direct path, the child that is not above the leaf."""
    found: list[Node] = []
    for parent in direct_path(top, index):
        mine = index in [leaf.index for leaf in leaves(parent.left)]
        found.append(parent.right if mine else parent.left)
    return found


def resolution(top: Node, node: Node) -> list[Node]:
    """4.1.1. `top`: the whole tree, where unmerged leaves are looked up."""
    if not is_blank(node):
        unmerged = node.unmerged if isinstance(node, Parent) else []
        return [node, *(leaf for index in unmerged for leaf in leaves(top) if leaf.index == index)]
    if isinstance(node, Leaf):
        return []
    return resolution(top, node.left) + resolution(top, node.right)


def filtered_direct_path(top: Node, index: int) -> list[Parent]:
    """4.1.2: without the nodes whose child on the copath has an empty resolution."""
    pairs = zip(direct_path(top, index), copath(top, index), strict=True)
    return [parent for parent, beside in pairs if resolution(top, beside)]


# --- hashes ---


def tree_hash(node: Node, hash_: Hash = sha256, without: frozenset[int] = frozenset()) -> bytes:
    """7.8; `without`: as if these leaves had never been there (7.9)."""
    if isinstance(node, Leaf):
        gone = node.data is None or node.index in without
        return hash_(b"\x01" + _uint32(node.index) + (b"\x00" if gone else b"\x01" + (node.data or b"")))
    content = b"\x00"
    if node.key is not None:
        unmerged = b"".join(_uint32(index) for index in node.unmerged if index not in without)
        content = b"\x01" + _opaque(node.key) + _opaque(node.stated) + _opaque(unmerged)
    below = tree_hash(node.left, hash_, without), tree_hash(node.right, hash_, without)
    return hash_(b"\x02" + content + _opaque(below[0]) + _opaque(below[1]))


def parent_hash(parent: Parent, sibling: Node, hash_: Hash = sha256) -> bytes:
    """7.9: of `parent`, with the original tree hash of the sibling."""
    assert parent.key is not None
    original = tree_hash(sibling, hash_, frozenset(parent.unmerged))
    return hash_(_opaque(parent.key) + _opaque(parent.stated) + _opaque(original))


def parents(node: Node) -> list[Parent]:
    return [] if isinstance(node, Leaf) else [node, *parents(node.left), *parents(node.right)]


def parent_hash_valid(top: Node, parent: Parent, hash_: Hash = sha256) -> bool:
    """7.9.2: there is a descendant D that vouches for P. C is the child of P above D, S the other child:
    D's parent hash is that of P with copath child S; D is in the resolution of C, and the intersection of P's unmerged leaves
    with the subtree under C is the resolution of C without D."""
    for child, sibling in ((parent.left, parent.right), (parent.right, parent.left)):
        found = resolution(top, child)
        under = [leaf for leaf in leaves(child) if leaf.index in parent.unmerged]
        for vouching in found:
            rest = [node for node in found if node is not vouching]
            same = all(n in under for n in rest) and all(any(n is r for r in rest) for n in under)
            if same and vouching.stated == parent_hash(parent, sibling, hash_):
                return True
    return False


def parent_hashes_valid(top: Node, hash_: Hash = sha256) -> bool:
    return all(parent_hash_valid(top, parent, hash_) for parent in parents(top) if parent.key is not None)


def unmerged_valid(top: Node) -> bool:
    """12.4.3.1: each is a leaf below that is not blank, and is in the list of each node between that is not blank."""
    for parent in parents(top):
        for index in parent.unmerged if parent.key is not None else []:
            below = [leaf for leaf in leaves(parent) if leaf.index == index and leaf.data is not None]
            if not below:
                return False
            for between in direct_path(parent, index)[:-1]:
                if between.key is not None and index not in between.unmerged:
                    return False
    return True


# --- changes ---


def add(top: Node, data: bytes) -> tuple[Node, int]:
    """12.1.1: at the leftmost blank leaf, the tree doubled where there is none; unmerged in each parent above."""
    free = [leaf for leaf in leaves(top) if leaf.data is None]
    if not free:
        top = Parent(top, empty(depth_of(top), len(leaves(top))))
        free = [leaf for leaf in leaves(top) if leaf.data is None]
    free[0].data, free[0].stated = data, None
    for parent in direct_path(top, free[0].index):
        if parent.key is not None:
            parent.unmerged = sorted([*parent.unmerged, free[0].index])
    return top, free[0].index


def blank_path(top: Node, index: int) -> None:
    for parent in direct_path(top, index):
        parent.key, parent.stated, parent.unmerged = None, b"", []


def update(top: Node, index: int, data: bytes) -> None:
    """12.1.2."""
    [leaf] = [leaf for leaf in leaves(top) if leaf.index == index]
    leaf.data, leaf.stated = data, None
    blank_path(top, index)


def remove(top: Node, index: int) -> Node:
    """12.1.3: blanked, and the tree cut."""
    [leaf] = [leaf for leaf in leaves(top) if leaf.index == index]
    leaf.data, leaf.stated = None, None
    blank_path(top, index)
    return truncate(top)


def truncate(top: Node) -> Node:
    """7.7: while no leaf of the right half is taken, the left half is the tree."""
    while isinstance(top, Parent) and all(leaf.data is None for leaf in leaves(top.right)):
        top = top.left
    return top


def merge_path(
    top: Node,
    index: int,
    keys: list[bytes],
    leaf_with: Callable[[bytes], bytes],
    hash_: Hash = sha256,
) -> bool:
    """7.5: blanks the direct path, puts `keys` on the filtered one, with parent hashes from the root down; `leaf_with` makes the
    leaf's bytes of its parent hash. False where the keys are too few or too many."""
    path = filtered_direct_path(top, index)
    besides = [b for b in copath(top, index) if resolution(top, b)]
    if len(keys) != len(path):
        return False
    blank_path(top, index)
    for parent, key in zip(path, keys, strict=True):
        parent.key, parent.stated, parent.unmerged = key, b"", []
    above = b""
    for parent, beside in reversed(list(zip(path, besides, strict=True))):
        parent.stated = above
        above = parent_hash(parent, beside, hash_)
    [leaf] = [leaf for leaf in leaves(top) if leaf.index == index]
    leaf.data, leaf.stated = leaf_with(above), above
    return True
