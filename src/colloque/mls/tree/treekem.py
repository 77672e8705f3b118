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


def _fresh_path(
    tree: RatchetTree, leaf: int, pairs: list[tuple[int, int]], keys: Mapping[int, bytes]
) -> tuple[dict[int, Node | None], bytes]:
    """(the nodes of a fresh path, the leaf's own parent hash). `pairs`: its filtered direct path.

    Parent hashes are filled in from the root down: they hang on the copath, which the path leaves as it is.
    """
    nodes: dict[int, Node | None] = dict.fromkeys(math.direct_path(2 * leaf, tree.width))
    above_hash = b""
    for node, beside in reversed(pairs):
        parent = ParentNode(keys[node], above_hash)
        above_hash = tree.parent_hash_of(parent, beside)
        nodes[node] = parent
    return nodes, above_hash


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
    filtered = tree.filtered_direct_path(own)
    secrets, commit_secret = path_secrets(suite, random(suite.hash_bytes), [node for node, _ in filtered])
    pairs = {n: suite.derive_key_pair(suite.derive_secret(s, "node")) for n, s in secrets.items()}
    leaf_private, leaf_public = suite.derive_key_pair(random(suite.hash_bytes))
    nodes, parent_hash = _fresh_path(tree, own, filtered, {node: key for node, (_, key) in pairs.items()})
    old = template or tree.leaf(own)
    leaf = replace(
        old, encryption_key=leaf_public, source=Source.COMMIT, lifetime=None, parent_hash=parent_hash
    )
    # MUST 7.2-5
    leaf = leaf.sign(suite, signer, group_id, own)
    private = PrivateTree(own, {2 * own: leaf_private} | {n: key for n, (key, _) in pairs.items()})
    return NewPath(tree.with_nodes(nodes | {2 * own: leaf}), leaf, private, secrets, commit_secret)


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
    pairs = tree.filtered_direct_path(sender)
    if len(pairs) != len(path.nodes):
        raise UpdatePathInvalid("of another length", by=sender)
    keys = {n: p.encryption_key for (n, _), p in zip(pairs, path.nodes, strict=True)}
    known = {node.encryption_key for node in tree.nodes if node is not None}
    fresh = [*keys.values(), path.leaf.encryption_key]
    # MUST 16.7-1
    if known.intersection(fresh) or len(set(fresh)) != len(fresh):
        raise UpdatePathInvalid("keys that are not fresh", by=sender)
    nodes, parent_hash = _fresh_path(tree, sender, pairs, keys)
    # MUST 7.9.2-2
    if path.leaf.parent_hash != parent_hash:
        raise UpdatePathInvalid("a parent hash that does not fit", by=sender)
    return tree.with_nodes(nodes | {2 * sender: path.leaf})


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
