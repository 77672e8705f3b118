"""The ratchet tree against `oracle.py`, the same rules written twice: whatever is done, both have the same tree and verdicts."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from colloque.mls.api import suite
from colloque.mls.errors import ParentHashMismatch, UnmergedLeavesInvalid, UpdatePathInvalid
from colloque.mls.messages.commit import UpdatePath, UpdatePathNode
from colloque.mls.messages.leaf_node import BasicCredential, Capabilities, LeafNode, Lifetime, Source
from colloque.mls.tree import verify
from colloque.mls.tree.nodes import Node, ParentNode
from colloque.mls.tree.ratchet_tree import RatchetTree
from colloque.mls.tree.treekem import merge_path
from tests.mls import oracle

KIND = suite(1)
MOST = 17
pick = st.integers(0, 1 << 12)
operations = st.lists(
    st.tuples(st.sampled_from(["add", "add", "remove", "update", "path", "path"]), pick), max_size=40
)


class Pair:
    """The real tree and the oracle's, taken through the same steps. Names count up, so that every key is new."""

    def __init__(self) -> None:
        self.names = 0
        leaf = self.leaf()
        self.real = RatchetTree(KIND, (leaf,))
        self.simple: oracle.Node = oracle.Leaf(0, leaf.encode())

    def name(self) -> bytes:
        self.names += 1
        return b"%032d" % self.names

    def leaf(self) -> LeafNode:
        credential = BasicCredential(self.name())
        capabilities = Capabilities(suites=(1,))
        return LeafNode(
            self.name(), self.name(), credential, capabilities, Source.KEY_PACKAGE, Lifetime(0, 1)
        )

    def taken(self) -> list[int]:
        return [index for index, _ in self.real.leaves()]

    def do(self, what: str, at: int) -> None:
        leaf = self.taken()[at % len(self.taken())]
        if what == "add" and len(self.taken()) < MOST:
            new = self.leaf()
            self.real, where = self.real.add(new)
            self.simple, expected = oracle.add(self.simple, new.encode())
            assert where == expected
        elif what == "remove" and len(self.taken()) > 1:
            self.real = self.real.remove(leaf)
            self.simple = oracle.remove(self.simple, leaf)
        elif what == "update":
            new = replace(self.leaf(), source=Source.UPDATE, lifetime=None)
            self.real = self.real.update(leaf, new)
            oracle.update(self.simple, leaf, new.encode())
        elif what == "path":
            self.path(leaf)
        self.compare()

    def path(self, index: int) -> None:
        keys = [self.name() for _ in oracle.filtered_direct_path(self.simple, index)]
        new = replace(self.leaf(), source=Source.COMMIT, lifetime=None)
        made: list[LeafNode] = []

        def leaf_with(parent_hash: bytes) -> bytes:
            made.append(replace(new, parent_hash=parent_hash))
            return made[-1].encode()

        assert oracle.merge_path(self.simple, index, keys, leaf_with)
        nodes = tuple(UpdatePathNode(key, ()) for key in keys)
        wrong = replace(made[0], parent_hash=made[0].parent_hash[::-1] + b"x")
        for bad in (UpdatePath(wrong, nodes), UpdatePath(made[0], (*nodes, UpdatePathNode(self.name(), ())))):
            with pytest.raises(UpdatePathInvalid):
                merge_path(self.real, index, bad)
        self.real = merge_path(self.real, index, UpdatePath(made[0], nodes))

    def compare(self) -> None:
        assert array(self.simple) == [described(node) for node in self.real.nodes]
        assert oracle.tree_hash(self.simple) == self.real.tree_hash()
        places = in_order(self.simple)
        for at, node in enumerate(places):
            found = [place(places, one) for one in oracle.resolution(self.simple, node)]
            assert found == self.real.resolution(at)
            assert oracle.tree_hash(node) == self.real.hash(at)
        for index in range(self.real.width):
            path = [place(places, one) for one in oracle.filtered_direct_path(self.simple, index)]
            assert path == [node for node, _ in self.real.filtered_direct_path(index)]
        assert RatchetTree.decode(KIND, self.real.encode()).nodes == self.real.nodes


def in_order(node: oracle.Node) -> list[oracle.Node]:
    if isinstance(node, oracle.Leaf):
        return [node]
    return [*in_order(node.left), node, *in_order(node.right)]


def place(places: list[oracle.Node], node: oracle.Node) -> int:
    return next(at for at, one in enumerate(places) if one is node)


def array(node: oracle.Node) -> list[object]:
    return [
        (None if one.data is None else one.data)
        if isinstance(one, oracle.Leaf)
        else (None if one.key is None else (one.key, one.stated, tuple(one.unmerged)))
        for one in in_order(node)
    ]


def described(node: Node | None) -> object:
    if node is None:
        return None
    if isinstance(node, LeafNode):
        return node.encode()
    return node.encryption_key, node.parent_hash, node.unmerged_leaves


def verdicts(pair: Pair) -> tuple[bool, bool]:
    """What the real rules say: of unmerged leaves, of parent hashes."""
    found = []
    for check, error in (
        (verify.verify_unmerged, UnmergedLeavesInvalid),
        (verify.verify_parent_hashes, ParentHashMismatch),
    ):
        try:
            check(pair.real)
            found.append(True)
        except error:
            found.append(False)
    return found[0], found[1]


def oracles(pair: Pair) -> tuple[bool, bool]:
    return oracle.unmerged_valid(pair.simple), oracle.parent_hashes_valid(pair.simple)


@settings(max_examples=60, deadline=None)
@given(operations)
def test_whatever_is_done_to_a_tree(steps: list[tuple[str, int]]) -> None:
    """RFC 9420 4.1, 7.5, 7.7 to 7.9, 12.1: the tree, its hashes, resolutions and paths; and it is valid all the way."""
    pair = Pair()
    for what, at in steps:
        pair.do(what, at)
    assert verdicts(pair) == oracles(pair) == (True, True)


def spoil(pair: Pair, what: str, at: int, more: int) -> None:
    """One node changed by hand, in both trees."""
    places = in_order(pair.simple)
    parents = [n for n, node in enumerate(places) if isinstance(node, oracle.Parent)]
    filled = [n for n in parents if not oracle.is_blank(places[n])]
    if what == "leaf":
        where = 2 * (at % pair.real.width)
        node = places[where]
        assert isinstance(node, oracle.Leaf)
        pair.real = pair.real.with_nodes({where: None})
        node.data, node.stated = None, None
        return
    if not filled:
        return
    where = filled[at % len(filled)]
    simple, real = places[where], pair.real.parent(where)
    assert isinstance(simple, oracle.Parent)
    assert real is not None
    new: ParentNode | None = None
    if what == "blank":
        simple.key, simple.stated, simple.unmerged = None, b"", []
    elif what == "unmerged":
        simple.unmerged = sorted({*simple.unmerged} ^ {more % pair.real.width})
        new = replace(real, unmerged_leaves=tuple(simple.unmerged))
    elif what == "hash":
        source = places[filled[more % len(filled)]]
        assert isinstance(source, oracle.Parent)
        simple.stated = source.stated
        new = replace(real, parent_hash=simple.stated)
    else:
        simple.key = pair.name()
        new = replace(real, encryption_key=simple.key)
    pair.real = pair.real.with_nodes({where: new})


@settings(max_examples=150, deadline=None)
@given(
    operations,
    st.lists(
        st.tuples(st.sampled_from(["leaf", "blank", "unmerged", "unmerged", "hash", "key"]), pick, pick),
        min_size=1,
        max_size=3,
    ),
)
def test_whatever_is_wrong_with_a_tree(
    steps: list[tuple[str, int]], wrongs: list[tuple[str, int, int]]
) -> None:
    """RFC 9420 7.9.2, 12.4.3.1: both say the same of trees that nobody made by the rules."""
    pair = Pair()
    for what, at in steps:
        pair.do(what, at)
    for what, at, more in wrongs:
        spoil(pair, what, at, more)
        assert oracle.tree_hash(pair.simple) == pair.real.tree_hash()
        assert verdicts(pair) == oracles(pair)


def test_the_oracle_itself_tells_apart() -> None:
    """A tree of two, right and wrong: were the oracle to say yes to everything, this would fail."""
    pair = Pair()
    pair.do("add", 0)
    pair.do("path", 1)
    assert oracles(pair) == (True, True)
    top = pair.simple
    assert isinstance(top, oracle.Parent)
    top.unmerged = [1]
    assert oracles(pair) == (True, False)
    top.unmerged = [2]
    assert not oracle.unmerged_valid(top)
