"""Codec, tree math and ratchets, by property."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colloque.mls.codec import Reader, varint, vector
from colloque.mls.crypto.suite import suite
from colloque.mls.errors import DecodeError, GenerationUsed, StateInvalid
from colloque.mls.group.storage import decode_state
from colloque.mls.schedule.secret_tree import Ratchet, SecretTree
from colloque.mls.tree import math


@given(st.integers(0, (1 << 30) - 1))
def test_lengths_are_minimal_and_come_back(length: int) -> None:
    """`spec/mls.md` M3"""
    data = varint(length)
    source = Reader(data)
    assert source.length() == length
    source.end()


@given(st.binary(max_size=300), st.binary(min_size=1, max_size=3))
def test_vectors_come_back_and_leave_nothing(data: bytes, more: bytes) -> None:
    """`spec/mls.md` M3"""
    source = Reader(vector(data) + more)
    assert source.opaque() == data
    with pytest.raises(DecodeError):
        source.end()


@pytest.mark.parametrize(
    "data", [b"\x40\x3f", b"\x80\x00\x00\x3f", b"\x80\x00\x3f\xff", b"\xc0", b"\xff" * 8, b""]
)
def test_lengths_that_are_not_minimal_are_refused(data: bytes) -> None:
    """`spec/mls.md` M3"""
    # MUST 2.1.2-1
    with pytest.raises(DecodeError):
        Reader(data).length()


@given(st.integers(0, 9), st.data())
def test_tree_math(depth: int, data: st.DataObject) -> None:
    leaves = 1 << depth
    x = data.draw(st.integers(0, math.node_width(leaves) - 1))
    assert math.root(leaves) == leaves - 1
    if x % 2:
        assert math.parent(math.left(x)) == x == math.parent(math.right(x))
        assert math.sibling(math.left(x)) == math.right(x)
    for above in math.direct_path(x, leaves):
        assert math.in_subtree(x, above)
    y = data.draw(st.integers(0, leaves - 1))
    ancestor = math.common_ancestor(2 * y, x)
    assert math.in_subtree(2 * y, ancestor)
    assert math.in_subtree(x, ancestor)


@given(st.lists(st.integers(0, 40), unique=True, min_size=1, max_size=20))
def test_each_generation_once_in_any_order(order: list[int]) -> None:
    """`spec/mls.md` M5"""
    kind = suite(1)
    straight, keys = Ratchet(b"s" * 32), []
    for _ in range(41):
        key, straight = straight.next(kind)
        keys.append((key.key, key.nonce))
    ratchet = Ratchet(b"s" * 32)
    for generation in order:
        key, ratchet = ratchet.take(kind, generation, 100, 100)
        assert (key.key, key.nonce) == keys[generation]
        with pytest.raises(GenerationUsed):
            ratchet.take(kind, generation, 100, 100)
    again = Ratchet.read(Reader(ratchet.encode()))
    assert again == ratchet


@given(st.permutations(range(8)))
def test_secret_tree_gives_the_same_in_any_order(order: list[int]) -> None:
    kind = suite(1)
    fresh = SecretTree.from_encryption_secret(8, b"e" * 32)
    expected = {leaf: fresh.ratchet(kind, leaf, 1)[1].secret for leaf in range(8)}
    tree = fresh
    for leaf in order:
        tree, ratchet = tree.ratchet(kind, leaf, 1)
        assert ratchet.secret == expected[leaf]
    assert not tree.nodes
    assert SecretTree.read(Reader(tree.encode())) == tree


@given(st.binary(max_size=80))
def test_stored_bytes_are_a_state_or_refused(data: bytes) -> None:
    """`spec/mls.md` M6"""
    with pytest.raises(StateInvalid):
        decode_state(data)


def test_a_secret_tree_without_a_secret_and_one_with_two() -> None:
    """`spec/mls.md` M5, M6: what is gone is gone; a stored tree that says something twice is none."""
    kind = suite(1)
    with pytest.raises(GenerationUsed):
        SecretTree(8, {}, {}).ratchet(kind, 3, 1)
    data = SecretTree(8, {0: b"a"}, {}).encode()
    nodes = data[5 : 5 + data[4]]
    with pytest.raises(StateInvalid):
        SecretTree.read(Reader(data[:4] + vector(nodes * 2) + data[5 + data[4] :]))
