"""Cases of ratchet trees: single operations, whole trees, and TreeKEM."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from colloque.mls.api import Lifetime, SignatureKey, new_key_package
from colloque.mls.crypto.suite import Suite
from colloque.mls.messages.key_package import KeyPackage
from colloque.mls.messages.leaf_node import LeafNode, Source
from colloque.mls.messages.proposal import Add, Proposal, Remove, Update
from colloque.mls.messages.welcome import GroupContext
from colloque.mls.tree import math
from colloque.mls.tree.ratchet_tree import RatchetTree
from colloque.mls.tree.treekem import NewPath, make_path, seal_path
from tools.mls_vectors.parts import Cases
from tools.mls_vectors.seed import Seed

LIFETIME = Lifetime(1_700_000_000, 1_731_536_000)


@dataclass
class Forest:
    """A tree with the private half of everything in it. `secrets`: for each leaf, the path secrets that it knows."""

    kind: Suite
    seed: Seed
    group_id: bytes
    tree: RatchetTree
    signers: dict[int, bytes] = field(default_factory=dict)
    leaves: dict[int, bytes] = field(default_factory=dict)
    secrets: dict[int, dict[int, bytes]] = field(default_factory=dict)

    def package(self, name: str) -> tuple[KeyPackage, bytes, bytes]:
        """(key package, signing key, leaf's private key)."""
        signer = SignatureKey(self.kind, self.seed.signer(self.kind))
        made, secrets = new_key_package(self.kind, signer, name.encode(), LIFETIME, self.seed)
        return made, signer.private, secrets.leaf

    def add(self) -> None:
        package, signer, private = self.package(f"leaf {len(self.leaves)}")
        self.tree, index = self.tree.add(package.leaf)
        self.signers[index], self.leaves[index], self.secrets[index] = signer, private, {}

    def remove(self, index: int) -> None:
        self.tree = self.tree.remove(index)
        gone = {2 * index, *math.direct_path(2 * index, 1 << 8)}
        for known in (self.signers, self.leaves, self.secrets):
            known.pop(index)
        for secrets in self.secrets.values():
            for node in gone:
                secrets.pop(node, None)

    def path(self, sender: int) -> NewPath:
        return make_path(self.tree, sender, self.signers[sender], self.group_id, self.seed)

    def merge(self, sender: int, made: NewPath) -> None:
        above = set(math.direct_path(2 * sender, self.tree.width))
        for index, secrets in self.secrets.items():
            kept = {node: secret for node, secret in secrets.items() if node not in above}
            new = {n: s for n, s in made.secrets.items() if math.in_subtree(2 * index, n)}
            self.secrets[index] = kept | new
        self.leaves[sender] = made.private.keys[2 * sender]
        self.tree = made.tree

    def updated(self, sender: int) -> LeafNode:
        old = self.tree.leaf(sender)
        public = self.kind.derive_key_pair(self.seed(self.kind.hash_bytes))[1]
        fresh = LeafNode(public, old.signature_key, old.credential, old.capabilities, Source.UPDATE)
        return fresh.sign(self.kind, self.signers[sender], self.group_id, sender)


def forest(
    kind: Suite, seed: Seed, size: int, paths: tuple[int, ...] = (), gone: tuple[int, ...] = ()
) -> Forest:
    package = Forest(kind, seed, seed(16), RatchetTree(kind, ()))
    made, signer, private = package.package("leaf 0")
    trees = Forest(
        kind, seed, package.group_id, RatchetTree(kind, (made.leaf,)), {0: signer}, {0: private}, {0: {}}
    )
    for _ in range(size - 1):
        trees.add()
    for sender in paths:
        trees.merge(sender, trees.path(sender))
    for index in gone:
        trees.remove(index)
    return trees


def operations(kind: Suite, seed: Seed) -> Cases:
    cases = []
    for size, gone, what, sender in (
        (4, (), "add", 0),
        (4, (1,), "add", 0),
        (3, (), "update", 2),
        (4, (), "remove", 0),
        (5, (), "remove", 0),
    ):
        trees = forest(kind, seed, size, (0, size - 1), gone)
        proposal: Proposal
        if what == "add":
            proposal = Add(trees.package("newcomer")[0])
            after, _ = trees.tree.add(proposal.package.leaf)
        elif what == "update":
            proposal = Update(trees.updated(sender))
            after = trees.tree.update(sender, proposal.leaf)
        else:
            proposal = Remove(size - 1)
            after = trees.tree.remove(size - 1)
        cases.append(
            {
                "cipher_suite": kind.number,
                "tree_before": trees.tree.encode().hex(),
                "tree_hash_before": trees.tree.tree_hash().hex(),
                "proposal": proposal.encode().hex(),
                "proposal_sender": sender,
                "tree_after": after.encode().hex(),
                "tree_hash_after": after.tree_hash().hex(),
            }
        )
    return cases


_SHAPES: tuple[tuple[int, tuple[int, ...], tuple[int, ...]], ...] = (
    (1, (), ()),
    (2, (0, 1), ()),
    (5, (0, 3, 4), ()),
    (8, (0, 2, 5, 7), (3,)),
)


def validation(kind: Suite, seed: Seed) -> Cases:
    cases = []
    for size, paths, gone in _SHAPES:
        trees = forest(kind, seed, size, paths, gone)
        if size == 5:
            trees.add()
        width = len(trees.tree.nodes)
        cases.append(
            {
                "cipher_suite": kind.number,
                "group_id": trees.group_id.hex(),
                "tree": trees.tree.encode().hex(),
                "resolutions": [trees.tree.resolution(node) for node in range(width)],
                "tree_hashes": [trees.tree.hash(node).hex() for node in range(width)],
            }
        )
    return cases


def treekem(kind: Suite, seed: Seed) -> Cases:
    return [_treekem(forest(kind, seed, size, paths, gone)) for size, paths, gone in _SHAPES[1:]]


def _treekem(trees: Forest) -> dict[str, Any]:
    kind, tree, size = trees.kind, trees.tree, trees.kind.hash_bytes
    confirmed, epoch = trees.seed(size), 5
    updates = []
    for sender in [i for i in trees.signers if i % 3 != 1]:
        made = trees.path(sender)
        context = GroupContext(1, kind.number, trees.group_id, epoch, made.tree.tree_hash(), confirmed)
        path = seal_path(made, tree, context.encode(), frozenset())
        seen: list[str | None] = []
        for leaf in range(tree.width):
            known = leaf != sender and tree.has(leaf)
            above = math.common_ancestor(2 * leaf, 2 * sender)
            seen.append(made.secrets[above].hex() if known else None)
        updates.append(
            {
                "sender": sender,
                "update_path": path.encode().hex(),
                "path_secrets": seen,
                "commit_secret": made.commit_secret.hex(),
                "tree_hash_after": made.tree.tree_hash().hex(),
            }
        )
    return {
        "cipher_suite": kind.number,
        "group_id": trees.group_id.hex(),
        "epoch": epoch,
        "confirmed_transcript_hash": confirmed.hex(),
        "ratchet_tree": tree.encode().hex(),
        "leaves_private": [
            {
                "index": index,
                "encryption_priv": trees.leaves[index].hex(),
                "signature_priv": trees.signers[index].hex(),
                "path_secrets": [
                    {"node": node, "path_secret": secret.hex()}
                    for node, secret in sorted(trees.secrets[index].items())
                ],
            }
            for index in sorted(trees.signers)
        ],
        "update_paths": updates,
    }
