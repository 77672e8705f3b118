"""TreeKEM: making an update path, reading one, and the private keys that one member holds (RFC 9420 7.4 to 7.6)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from colloque.mls.crypto.suite import Suite
from colloque.mls.errors import PathSecretMismatch, UpdatePathInvalid
from colloque.mls.messages.commit import HpkeCiphertext, UpdatePath, UpdatePathNode
from colloque.mls.messages.leaf_node import LeafNode, Source
from colloque.mls.tree import math
from colloque.mls.tree.nodes import Node, ParentNode
from colloque.mls.tree.ratchet_tree import RatchetTree

Random = Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class PrivateTree:
    """`keys`: node to private key, for one's own leaf and the parents above it that one knows."""

    own: int
    keys: Mapping[int, bytes] = field(repr=False)

    def pruned(self, tree: RatchetTree) -> PrivateTree:
        """Without the keys of nodes that are blank now, or beyond the tree."""
        # MUST 7.5-3
        kept = {n: k for n, k in self.keys.items() if n < len(tree.nodes) and tree.nodes[n] is not None}
        return replace(self, keys=kept)

    def with_path(self, suite: Suite, tree: RatchetTree, secrets: Mapping[int, bytes]) -> PrivateTree:
        """With the keys of path secrets (node to secret); raises where they do not fit the public keys."""
        keys = dict(self.keys)
        for node, secret in secrets.items():
            private, public = suite.derive_key_pair(suite.derive_secret(secret, "node"))
            parent = tree.parent(node)
            # MUST 12.4.3.1-2
            if parent is None or parent.encryption_key != public:
                raise PathSecretMismatch
            keys[node] = private
        return replace(self, keys=keys)


@dataclass(frozen=True, slots=True)
class NewPath:
    """A path that was made but not yet sealed: `secrets` node to path secret, along the filtered direct path."""

    tree: RatchetTree
    leaf: LeafNode
    private: PrivateTree
    secrets: Mapping[int, bytes] = field(repr=False)
    commit_secret: bytes = field(repr=False)


def path_secrets(suite: Suite, first: bytes, nodes: list[int]) -> tuple[dict[int, bytes], bytes]:
    """From the first path secret up: (node to secret, commit secret)."""
    secrets, secret = {}, first
    for node in nodes:
        secrets[node] = secret
        secret = suite.derive_secret(secret, "path")
    return secrets, secret


def _set_parent_hashes(tree: RatchetTree, nodes: list[int], below: int) -> tuple[RatchetTree, bytes]:
    """Fills in the parent hashes of a fresh path from the root down; (tree, the leaf's own parent hash)."""
    above_hash = b""
    for at in range(len(nodes) - 1, -1, -1):
        node = nodes[at]
        parent = tree.parent(node)
        assert parent is not None
        tree = tree.with_nodes({node: replace(parent, parent_hash=above_hash)})
        child = nodes[at - 1] if at else below
        sibling = math.right(node) if child < node else math.left(node)
        above_hash = tree.parent_hash(node, sibling)
    return tree, above_hash


def _with_fresh_path(tree: RatchetTree, leaf: int, keys: Mapping[int, bytes]) -> RatchetTree:
    blank: dict[int, Node | None] = dict.fromkeys(math.direct_path(2 * leaf, tree.width))
    return tree.with_nodes(blank | {node: ParentNode(key) for node, key in keys.items()})


def make_path(
    tree: RatchetTree,
    own: int,
    signer: bytes,
    group_id: bytes,
    random: Random,
    template: LeafNode | None = None,
) -> NewPath:
    """A fresh leaf and fresh keys all the way up. `template`: other contents for the leaf than it has now."""
    suite = tree.suite
    nodes = [node for node, _ in tree.filtered_direct_path(own)]
    secrets, commit_secret = path_secrets(suite, random(suite.hash_bytes), nodes)
    pairs = {n: suite.derive_key_pair(suite.derive_secret(s, "node")) for n, s in secrets.items()}
    leaf_private, leaf_public = suite.derive_key_pair(random(suite.hash_bytes))
    fresh = _with_fresh_path(tree, own, {node: public for node, (_, public) in pairs.items()})
    fresh, parent_hash = _set_parent_hashes(fresh, nodes, 2 * own)
    old = template or tree.leaf(own)
    leaf = replace(
        old, encryption_key=leaf_public, source=Source.COMMIT, lifetime=None, parent_hash=parent_hash
    )
    # MUST 7.2-5
    leaf = leaf.sign(suite, signer, group_id, own)
    private = PrivateTree(own, {2 * own: leaf_private} | {n: key for n, (key, _) in pairs.items()})
    return NewPath(fresh.with_nodes({2 * own: leaf}), leaf, private, secrets, commit_secret)


def seal_path(path: NewPath, before: RatchetTree, context: bytes, newcomers: frozenset[int]) -> UpdatePath:
    """Seals each path secret to the copath. `before`: the tree the path was made on; newcomers get a Welcome instead."""
    suite, own = before.suite, path.private.own
    nodes = []
    for node, beside in before.filtered_direct_path(own):
        public = path.tree.parent(node)
        assert public is not None
        sealed = []
        for reader in before.resolution(beside):
            # MUST 7.5-2
            if reader % 2 == 0 and reader // 2 in newcomers:
                continue
            key = before.nodes[reader]
            assert key is not None
            output = suite.encrypt_with_label(
                key.encryption_key, "UpdatePathNode", context, path.secrets[node]
            )
            sealed.append(HpkeCiphertext(*output))
        nodes.append(UpdatePathNode(public.encryption_key, tuple(sealed)))
    return UpdatePath(path.leaf, tuple(nodes))


def merge_path(tree: RatchetTree, sender: int, path: UpdatePath) -> RatchetTree:
    """The public half of somebody's path put in place; raises `UpdatePathInvalid`."""
    nodes = [node for node, _ in tree.filtered_direct_path(sender)]
    if len(nodes) != len(path.nodes):
        raise UpdatePathInvalid("of another length", by=sender)
    keys = {n: p.encryption_key for n, p in zip(nodes, path.nodes, strict=True)}
    known = {node.encryption_key for node in tree.nodes if node is not None}
    fresh = [*keys.values(), path.leaf.encryption_key]
    # MUST 16.7-1
    if known.intersection(fresh) or len(set(fresh)) != len(fresh):
        raise UpdatePathInvalid("keys that are not fresh", by=sender)
    merged, parent_hash = _set_parent_hashes(_with_fresh_path(tree, sender, keys), nodes, 2 * sender)
    # MUST 7.9.2-2
    if path.leaf.parent_hash != parent_hash:
        raise UpdatePathInvalid("a parent hash that does not fit", by=sender)
    return merged.with_nodes({2 * sender: path.leaf})


def open_path(
    before: RatchetTree,
    merged: RatchetTree,
    private: PrivateTree,
    sender: int,
    path: UpdatePath,
    context: bytes,
    newcomers: frozenset[int],
) -> tuple[PrivateTree, bytes]:
    """What a member reads of somebody else's path: (private keys, commit secret)."""
    suite = before.suite
    pairs = before.filtered_direct_path(sender)
    for at, (_, beside) in enumerate(pairs):
        if not math.in_subtree(2 * private.own, beside):
            continue
        readers = [r for r in before.resolution(beside) if r % 2 or r // 2 not in newcomers]
        sealed = path.nodes[at].secrets
        # MUST 7.6-1
        if len(sealed) != len(readers):
            raise UpdatePathInvalid("of another width", by=sender)
        for reader, secret in zip(readers, sealed, strict=True):
            key = private.keys.get(reader)
            if key is None or not math.in_subtree(2 * private.own, reader):
                continue
            first = suite.decrypt_with_label(
                key, "UpdatePathNode", context, secret.kem_output, secret.ciphertext
            )
            secrets, commit_secret = path_secrets(suite, first, [n for n, _ in pairs[at:]])
            kept = private.pruned(merged)
            stale = {n: k for n, k in kept.keys.items() if n not in dict(pairs)}
            return replace(kept, keys=stale).with_path(suite, merged, secrets), commit_secret
        raise UpdatePathInvalid("not sealed to us", by=sender)
    raise UpdatePathInvalid("it does not reach us", by=sender)
