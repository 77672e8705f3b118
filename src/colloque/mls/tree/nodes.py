"""Parent nodes, and the ratchet tree as it travels (RFC 9420 7.1, 12.4.3.3)."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from colloque.mls.codec import Reader, Wire, optional, u8, u32, vector
from colloque.mls.errors import DecodeError, TreeMalformed
from colloque.mls.messages.leaf_node import LeafNode


@dataclass(frozen=True, slots=True)
class ParentNode(Wire):
    """`unmerged_leaves`: leaf indices, ascending."""

    encryption_key: bytes
    parent_hash: bytes = b""
    unmerged_leaves: tuple[int, ...] = ()

    def encode(self) -> bytes:
        leaves = b"".join(u32(leaf) for leaf in self.unmerged_leaves)
        return vector(self.encryption_key) + vector(self.parent_hash) + vector(leaves)

    @classmethod
    def read(cls, source: Reader) -> ParentNode:
        keys = source.opaque(), source.opaque()
        leaves = source.vector(lambda r: r.uint(4))
        # MUST 7.1-1
        if any(a >= b for a, b in pairwise(leaves)):
            raise DecodeError("unmerged leaves that do not ascend")
        return cls(*keys, leaves)


Node = LeafNode | ParentNode


@dataclass(frozen=True, slots=True)
class _TypedNode(Wire):
    node: Node

    def encode(self) -> bytes:
        return u8(1 if isinstance(self.node, LeafNode) else 2) + self.node.encode()

    @classmethod
    def read(cls, source: Reader) -> _TypedNode:
        kind = source.uint(1)
        if kind == 1:
            return cls(LeafNode.read(source))
        if kind == 2:
            return cls(ParentNode.read(source))
        raise DecodeError("a node of an unknown type")


def encode_nodes(nodes: tuple[Node | None, ...]) -> bytes:
    """`optional<Node> ratchet_tree<V>`, without the blanks at its end."""
    last = max((at for at, node in enumerate(nodes) if node is not None), default=-1)
    items = (None if node is None else _TypedNode(node) for node in nodes[: last + 1])
    return vector(b"".join(optional(item) for item in items))


def decode_nodes(data: bytes) -> tuple[Node | None, ...]:
    """Filled up with blanks to a perfect tree; raises `TreeMalformed` or `DecodeError`."""
    source = Reader(data)
    typed = source.vector(lambda r: r.optional(_TypedNode.read) or _Blank)
    source.end()
    nodes = [None if item is _Blank else item.node for item in typed]  # type: ignore[union-attr]
    # MUST 12.4.3.3-1
    if not nodes or nodes[-1] is None:
        raise TreeMalformed("blanks at its end")
    for at, node in enumerate(nodes):
        if node is not None and isinstance(node, LeafNode) != (at % 2 == 0):
            raise TreeMalformed("a leaf in a parent's place, or the other way round")
    width = 1
    while width < len(nodes):
        width = 2 * width + 1
    return (*nodes, *([None] * (width - len(nodes))))


class _BlankType:
    __slots__ = ()


_Blank = _BlankType()
