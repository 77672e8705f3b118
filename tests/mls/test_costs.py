"""What somebody can make us spend: work and memory grow with the input, whatever is in it.

Calls are counted for `make test`, since a count is the same on every machine. Scans within one call are seen by the CPU's clock
alone: `make long` compares an input with one eight times as long, far from where linear and quadratic could be confused.
"""

from __future__ import annotations

import sys
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from types import FrameType
from typing import Any

import pytest

from colloque.mls.api import Capabilities, Extension, Group, Policy, suite
from colloque.mls.codec import vector
from colloque.mls.errors import GenerationTooFar, LeafUnsupported, MlsError, ParentHashMismatch
from colloque.mls.framing.content import Sender, SenderType
from colloque.mls.group.leaves import check_needs, check_supports, needs
from colloque.mls.group.proposals import Entry, check_together
from colloque.mls.messages.commit import UpdatePath, UpdatePathNode
from colloque.mls.messages.extension import RequiredCapabilities
from colloque.mls.messages.key_package import KeyPackage
from colloque.mls.messages.leaf_node import BasicCredential, LeafNode, Lifetime, Source
from colloque.mls.messages.proposal import PreSharedKey
from colloque.mls.messages.psk import PskId, PskType
from colloque.mls.schedule.secret_tree import Ratchet
from colloque.mls.tree import math, verify
from colloque.mls.tree.nodes import Node, ParentNode, decode_nodes
from colloque.mls.tree.ratchet_tree import RatchetTree
from colloque.mls.tree.treekem import _fresh_path, merge_path
from tests.mls.people import group_of, person

KIND = suite(1)
Work = Callable[[], object]


def leaf(number: int, **other: Any) -> LeafNode:
    name = b"%032d" % number
    made = LeafNode(
        name, name[::-1] + b"s", BasicCredential(name), Capabilities(), Source.KEY_PACKAGE, Lifetime(0, 1)
    )
    return replace(made, **other)


def unmerged_tree(width: int) -> RatchetTree:
    """As many unmerged leaves as can be: leaf 0 has a whole path, and all but one leaf of each copath came after it."""
    nodes: list[Node | None] = [None] * math.node_width(width)
    first = [0, *(1 << k for k in range(width.bit_length() - 1))]
    for index in first:
        nodes[2 * index] = leaf(index)
    tree = RatchetTree(KIND, tuple(nodes))
    keys = tuple(UpdatePathNode(b"k%031d" % at, ()) for at in range(len(tree.filtered_direct_path(0))))
    fresh = leaf(width, source=Source.COMMIT, lifetime=None, parent_hash=_parent_hash(tree, keys))
    tree = merge_path(tree, 0, UpdatePath(fresh, keys))
    filled = list(tree.nodes)
    late = [index for index in range(width) if filled[2 * index] is None]
    for index in late:
        filled[2 * index] = leaf(index)
    for at in math.direct_path(0, width):
        node = tree.parent(at)
        assert node is not None
        filled[at] = replace(node, unmerged_leaves=tuple(i for i in late if math.in_subtree(2 * i, at)))
    return RatchetTree(KIND, tuple(filled))


def _parent_hash(tree: RatchetTree, keys: tuple[UpdatePathNode, ...]) -> bytes:
    """What the leaf has to state (7.9)."""
    pairs = tree.filtered_direct_path(0)
    return _fresh_path(tree, 0, pairs, {n: k.encryption_key for (n, _), k in zip(pairs, keys, strict=True)})[
        1
    ]


def _verified(size: int) -> Work:
    tree = unmerged_tree(size)

    def work() -> None:
        again = RatchetTree.decode(KIND, tree.encode())
        again.tree_hash()
        verify.verify_unmerged(again)
        verify.verify_parent_hashes(again)
        verify.verify_unique_keys(again)

    return work


def _same_hashes(size: int) -> Work:
    """One parent, all leaves unmerged in it, and every one of the left half states the hash that would vouch for it."""
    nodes: list[Node | None] = [None] * math.node_width(size)
    for index in range(size):
        nodes[2 * index] = leaf(index, source=Source.COMMIT, lifetime=None)
    top = math.root(size)
    nodes[top] = ParentNode(b"k" * 32, b"", tuple(range(size)))
    expected = RatchetTree(KIND, tuple(nodes)).parent_hash(top, math.right(top))
    for index in range(size // 2):
        nodes[2 * index] = leaf(index, source=Source.COMMIT, lifetime=None, parent_hash=expected)

    def work() -> None:
        with pytest.raises(ParentHashMismatch):
            verify.verify_parent_hashes(RatchetTree(KIND, tuple(nodes)))

    return work


def _supports(size: int) -> Work:
    """A leaf with as many extensions as it has capabilities, the last of which it lacks."""
    numbers = tuple(range(0x100, 0x100 + size))
    has = Capabilities(extensions=numbers[::-1])
    made = leaf(1, capabilities=has, extensions=tuple(Extension(n, b"") for n in (*numbers, 0xFFFF)))

    def work() -> None:
        with pytest.raises(LeafUnsupported):
            check_supports(made, ())

    return work


def _required(size: int) -> Work:
    """A group that asks much of many."""
    asked = RequiredCapabilities(extensions=tuple(range(0x100, 0x100 + size)))
    leaves = [leaf(n) for n in range(size)]

    def work() -> None:
        asks = needs((Extension(3, asked.encode()),))
        for one in leaves:
            with pytest.raises(LeafUnsupported):
                check_needs(one, asks)

    return work


def _psks(size: int) -> Work:
    host = group_of(1, 1)[0]
    sender = Sender(SenderType.MEMBER, 0)
    entries = [
        Entry(PreSharedKey(PskId(PskType.EXTERNAL, b"n" * 32, b"%d" % n)), sender) for n in range(size)
    ]
    return lambda: check_together(host.state, entries, 0)


def _package(size: int) -> Work:
    data = replace(
        person(KIND, "x").package, extensions=tuple(Extension(n, b"e") for n in range(size))
    ).encode()
    return lambda: KeyPackage.decode(data).encode()


def _blank_tree(size: int) -> Work:
    """One byte a node."""
    data = _blanks(2 * size)
    return lambda: RatchetTree(KIND, decode_nodes(data)).tree_hash()


def _blanks(count: int) -> bytes:
    body = leaf(1).encode()
    return vector(bytes(count) + b"\x01\x01" + body)


def _skipped(size: int) -> Work:
    return lambda: Ratchet(b"s" * 32).take(KIND, size, size, size)


WORKS = [_verified, _same_hashes, _supports, _required, _psks, _package, _blank_tree, _skipped]


def calls(work: Work) -> int:
    """How many functions were called, those written in C too."""
    count = 0

    def seen(_: FrameType, event: str, __: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(seen)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("make", WORKS, ids=lambda make: make.__name__)
def test_calls_grow_with_the_input(make: Callable[[int], Work]) -> None:
    small, large = make(32), make(256)
    assert calls(large) < 8 * 1.75 * max(calls(small), 32), (
        "eight times the input, at most fourteen times the work"
    )


def seconds(work: Work) -> float:
    """CPU time, the least of five."""
    taken = []
    for _ in range(5):
        start = time.process_time()
        work()
        taken.append(time.process_time() - start)
    return min(taken)


@pytest.mark.long
@pytest.mark.parametrize("make", WORKS, ids=lambda make: make.__name__)
def test_time_grows_with_the_input(make: Callable[[int], Work]) -> None:
    size = 512 if make in (_verified, _same_hashes) else 2_048
    small, large = seconds(make(size)), seconds(make(8 * size))
    print(f"{make.__name__}: {size} in {small * 1000:.1f} ms, {8 * size} in {large * 1000:.1f} ms")
    assert large < 24 * max(small, 0.001), "eight times the input: linear is 8, quadratic 64"


_PACKAGE = person(KIND, "x").package
_STATE = group_of(1, 2)[0].to_bytes()[:-1]


@pytest.mark.parametrize(
    ("decode", "make"),
    [
        (decode_nodes, _blanks),
        (
            KeyPackage.decode,
            lambda n: replace(_PACKAGE, extensions=tuple(Extension(i, b"") for i in range(n))).encode(),
        ),
        (Capabilities.decode, lambda n: Capabilities(extensions=tuple(range(n))).encode()),
        (Group.from_bytes, lambda n: _STATE + vector(bytes(n))),
    ],
)
def test_memory_is_bounded_by_the_input(
    decode: Callable[[bytes], object], make: Callable[[int], bytes]
) -> None:
    """At most 160 bytes for each of the input, and none for what a length promises and does not bring."""
    for size in (1_000, 8_000):
        data = make(size)
        for given in (data, data[: len(data) // 2], b"\xbf\xff\xff\xff" + data):
            tracemalloc.start()
            try:
                decode(given)
            except MlsError:
                pass
            finally:
                peak = tracemalloc.get_traced_memory()[1]
                tracemalloc.stop()
            assert peak < 160 * len(given) + 100_000


def test_generations_far_ahead_cost_nothing_and_keep_little() -> None:
    """RFC 9420 9.1: what is too far is refused before a key is derived; of what was passed over, the newest are kept."""
    ratchet, policy = Ratchet(b"s" * 32), Policy()

    def far() -> None:
        with pytest.raises(GenerationTooFar):
            ratchet.take(KIND, 0xFFFFFFFF, policy.max_forward, policy.skipped_generations)

    assert calls(far) < 60
    for step in range(1, 6):
        _, ratchet = ratchet.take(KIND, 30 * step, 40, 50)
        assert len(ratchet.skipped) <= 50
