"""What is kept of a value beside its fields never differs from what its fields say."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from colloque.mls.api import Group, suite
from colloque.mls.errors import DecodeError, TreeMalformed
from colloque.mls.group.state import PastSecrets
from colloque.mls.messages.leaf_node import LeafNode
from colloque.mls.tree.nodes import Node, decode_nodes, encode_nodes
from colloque.mls.tree.ratchet_tree import RatchetTree

from .people import NOW, committed, group_of, person

KIND = suite(1)
GROUPS = group_of(1, 5)
TREE = GROUPS[1].commit(os.urandom, NOW).group.state.tree
LEAVES = [leaf.encode() for _, leaf in TREE.leaves()]


def _anew(nodes: Sequence[Node | None]) -> tuple[Node | None, ...]:
    """Without anything that was kept."""
    return tuple(replace(node) if isinstance(node, LeafNode) else node for node in nodes)


@settings(max_examples=400)
@given(st.sampled_from(LEAVES), st.data())
def test_a_leaf_that_was_read_is_written_from_its_fields_as_it_came(leaf: bytes, data: st.DataObject) -> None:
    """RFC 9420 7.2: also a leaf that somebody changed, wherever it decodes."""
    at = data.draw(st.integers(0, len(leaf) - 1))
    changed = leaf[:at] + data.draw(st.binary(max_size=3)) + leaf[at + data.draw(st.integers(0, 3)) :]
    try:
        read = LeafNode.decode(changed)
    except DecodeError:
        return
    assert replace(read).encode() == read.encode() == changed
    assert replace(read)._content == read._content
    assert replace(read).person == read.person


@settings(max_examples=400)
@given(st.data())
def test_a_tree_that_was_read_is_written_from_its_nodes_as_it_came(data: st.DataObject) -> None:
    tree = TREE.encode()
    at = data.draw(st.integers(0, len(tree) - 1))
    changed = tree[:at] + data.draw(st.binary(max_size=3)) + tree[at + data.draw(st.integers(0, 3)) :]
    try:
        read = RatchetTree.decode(KIND, changed)
    except (DecodeError, TreeMalformed):
        return
    assert encode_nodes(_anew(decode_nodes(changed))) == read.encode() == changed


def test_a_changed_leaf_or_tree_does_not_keep_what_it_was() -> None:
    loaded = RatchetTree.decode(KIND, TREE.encode())
    leaf = loaded.leaf(2)
    assert loaded.people() == RatchetTree(KIND, _anew(loaded.nodes)).people()
    assert replace(leaf, signature=b"other").encode() != leaf.encode()
    assert replace(leaf, encryption_key=b"other")._content != leaf._content
    for changed in (
        loaded.add(person(KIND, "eva").package.leaf)[0],
        loaded.remove(2),
        loaded.update(2, leaf),
    ):
        assert changed.encode() == encode_nodes(_anew(changed.nodes)) != loaded.encode()
        anew = RatchetTree(KIND, _anew(changed.nodes))
        assert (changed.tree_hash(), changed.people()) == (anew.tree_hash(), anew.people())
    other = loaded.update(2, replace(leaf, signature_key=b"other"))
    assert other.people() == RatchetTree(KIND, _anew(other.nodes)).people() != loaded.people()


def test_hashes_after_commits_are_those_of_a_tree_read_anew() -> None:
    """RFC 9420 7.8, 7.9: a path puts its nodes in place at once; nothing that was hashed before it stays by mistake."""
    groups = list(GROUPS)
    for turn in (3, 0, 4, 1, 1):
        staged = groups[turn].commit(os.urandom, NOW)
        groups = [
            staged.group if n == turn else committed(group, staged.message) for n, group in enumerate(groups)
        ]
        for group in groups:
            tree = Group.from_bytes(group.to_bytes()).state.tree
            assert tree.tree_hash() == group.state.context.tree_hash
            assert encode_nodes(_anew(group.state.tree.nodes)) == tree.encode()


def test_a_past_epoch_whose_people_are_cut_short_is_refused_when_it_is_read() -> None:
    past = PastSecrets.decode(GROUPS[1].commit(os.urandom, NOW).group.state.past[-1].stored)
    assert PastSecrets.decode(past.encode()) == past
    assert len(past.members) == len(GROUPS)
    with pytest.raises(DecodeError):
        PastSecrets.decode(replace(past, people=past.people[:-1]).encode())
