"""Large groups for `bench/mls.py`, built once per suite, shape and size, and kept in `bench/results`.

*flat*: everybody was added and nobody else ever committed: parents are blank. *full*: everybody has committed in turn: no
parent is blank, or has an unmerged leaf. The trees are what such groups come to, signatures and parent hashes included; the
epoch they stand in is drawn at random, since nothing but the tree is measured.

Two leaves beside the first are left free for the two who are measured: there the first member's commit that adds them fills
every parent above them, and no leaf stays unmerged, which ts-mls would refuse (`docs/ts-mls.md`).
"""

from __future__ import annotations

import os
from pathlib import Path

from bench.mls_sides import LIFETIME, NOW, POLICY
from colloque.mls.api import BasicCredential, Capabilities, Group, KeyPackage, SignatureKey, suite
from colloque.mls.crypto.suite import Suite
from colloque.mls.framing.message import MlsMessage
from colloque.mls.group.advance import begun
from colloque.mls.messages.key_package import MLS10
from colloque.mls.messages.leaf_node import LeafNode, Source
from colloque.mls.messages.welcome import GroupContext
from colloque.mls.schedule.key_schedule import from_epoch_secret
from colloque.mls.tree.nodes import Node
from colloque.mls.tree.ratchet_tree import RatchetTree
from colloque.mls.tree.treekem import PrivateTree, make_path

CACHE = Path(__file__).with_name("results") / "groups"
GROUP_ID = b"a group to measure"
FREE = (1, 2)


def group(number: int, shape: str, count: int) -> Group:
    """The first member's view of a group that is to have `count` members, four at least, once two are added."""
    kept = CACHE / f"mls-{number}-{shape}-{count}"
    if not kept.is_file():
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(_build(suite(number), shape, count).to_bytes())
    return Group.from_bytes(kept.read_bytes())


def welcome(host: Group, packages: list[bytes]) -> bytes:
    """The host's Welcome for these newcomers."""
    added = [MlsMessage.decode(package).body for package in packages]
    made = host.commit(os.urandom, NOW, add=[p for p in added if isinstance(p, KeyPackage)]).welcome
    assert made is not None
    return made


def _build(kind: Suite, shape: str, count: int) -> Group:
    signers = {n: SignatureKey.generate(kind) for n in range(count) if n not in FREE}
    keys: dict[int, bytes] = {}
    nodes: list[Node | None] = [None] * (2 * count - 1)
    for index, signer in signers.items():
        private, public = kind.derive_key_pair(os.urandom(kind.hash_bytes))
        keys[2 * index] = private
        name = BasicCredential(f"member {index}".encode())
        leaf = LeafNode(public, signer.public, name, Capabilities(), Source.KEY_PACKAGE, LIFETIME)
        nodes[2 * index] = leaf.sign(kind, signer.private)
    tree = RatchetTree(kind, _filled_up(nodes))
    if shape == "full":
        for index, signer in signers.items():
            path = make_path(tree, index, signer.private, GROUP_ID, os.urandom)
            tree = path.tree
            keys |= path.private.keys
    private_tree = PrivateTree(0, _own(tree, keys))
    context = GroupContext(MLS10, kind.number, GROUP_ID, count, tree.tree_hash(), bytes(kind.hash_bytes))
    epoch = from_epoch_secret(kind, os.urandom(kind.hash_bytes))
    tag = kind.mac(epoch.secrets.confirmation_key, context.confirmed_transcript_hash)
    return Group(begun(context, tag, epoch, tree, private_tree, signers[0].private, POLICY))


def _filled_up(nodes: list[Node | None]) -> tuple[Node | None, ...]:
    width = 1
    while width < len(nodes):
        width = 2 * width + 1
    return (*nodes, *[None] * (width - len(nodes)))


def _own(tree: RatchetTree, keys: dict[int, bytes]) -> dict[int, bytes]:
    path = [0, *(node for node, _ in tree.filtered_direct_path(0))]
    return {node: keys[node] for node in path if node in keys}
