"""Ratchet trees: operations, validation, and TreeKEM."""

from __future__ import annotations

import os
from typing import Any

from colloque.mls.codec import Reader
from colloque.mls.crypto.suite import suite
from colloque.mls.messages.commit import UpdatePath
from colloque.mls.messages.proposal import Add, Remove, Update, read_proposal
from colloque.mls.messages.welcome import GroupContext
from colloque.mls.tree import math, verify
from colloque.mls.tree.ratchet_tree import RatchetTree
from colloque.mls.tree.treekem import PrivateTree, make_path, merge_path, open_path, seal_path
from colloque.mls.vectors.check import same, unhex


def operations(case: dict[str, Any]) -> None:
    kind = suite(case["cipher_suite"])
    tree = RatchetTree.decode(kind, unhex(case["tree_before"]))
    same(tree.tree_hash(), unhex(case["tree_hash_before"]), "the tree hash before")
    source = Reader(unhex(case["proposal"]))
    proposal = read_proposal(source)
    source.end()
    match proposal:
        case Add(package=package):
            tree, _ = tree.add(package.leaf)
        case Update(leaf=leaf):
            tree = tree.update(case["proposal_sender"], leaf)
        case Remove(removed=removed):
            tree = tree.remove(removed)
        case _:
            raise AssertionError("a proposal that does not change the tree")
    same(tree.encode(), unhex(case["tree_after"]), "the tree after")
    same(tree.tree_hash(), unhex(case["tree_hash_after"]), "the tree hash after")


def validation(case: dict[str, Any]) -> None:
    kind = suite(case["cipher_suite"])
    tree = RatchetTree.decode(kind, unhex(case["tree"]))
    same(tree.encode(), unhex(case["tree"]), "the tree encoded again")
    for node, resolution in enumerate(case["resolutions"]):
        same(tree.resolution(node), resolution, f"the resolution of {node}")
    for node, expected in enumerate(case["tree_hashes"]):
        same(tree.hash(node), unhex(expected), f"the hash of {node}")
    verify.verify_parent_hashes(tree)
    verify.verify_unmerged(tree)
    verify.verify_unique_keys(tree)
    verify.verify_leaf_signatures(tree, unhex(case["group_id"]))


def treekem(case: dict[str, Any]) -> None:
    kind = suite(case["cipher_suite"])
    tree = RatchetTree.decode(kind, unhex(case["ratchet_tree"]))
    group_id = unhex(case["group_id"])
    privates: dict[int, PrivateTree] = {}
    signers: dict[int, bytes] = {}
    for member in case["leaves_private"]:
        own = member["index"]
        private = PrivateTree(own, {2 * own: unhex(member["encryption_priv"])})
        secrets = {p["node"]: unhex(p["path_secret"]) for p in member["path_secrets"]}
        privates[own] = private.with_path(kind, tree, secrets)
        signers[own] = unhex(member["signature_priv"])

    def context(after: RatchetTree) -> bytes:
        confirmed = unhex(case["confirmed_transcript_hash"])
        return GroupContext(1, kind.number, group_id, case["epoch"], after.tree_hash(), confirmed).encode()

    for update in case["update_paths"]:
        sender, path = update["sender"], UpdatePath.decode(unhex(update["update_path"]))
        path.leaf.verify(kind, group_id, sender)
        merged = merge_path(tree, sender, path)
        same(merged.tree_hash(), unhex(update["tree_hash_after"]), "the tree hash after")
        for own, private in privates.items():
            if own == sender:
                continue
            after, commit = open_path(tree, merged, private, sender, path, context(merged), frozenset())
            same(commit, unhex(update["commit_secret"]), "the commit secret")
            ancestor = math.common_ancestor(2 * own, 2 * sender)
            secret = kind.derive_secret(unhex(update["path_secrets"][own]), "node")
            same(after.keys[ancestor], kind.derive_key_pair(secret)[0], "the path secret")
        if sender in signers:
            _own_path(tree, sender, signers[sender], group_id, privates, context)


def _own_path(
    tree: RatchetTree,
    sender: int,
    signer: bytes,
    group_id: bytes,
    privates: dict[int, PrivateTree],
    context: Any,
) -> None:
    """A path of our own making is read by everybody else."""
    made = make_path(tree, sender, signer, group_id, os.urandom)
    path = UpdatePath.decode(seal_path(made, tree, context(made.tree), frozenset()).encode())
    merged = merge_path(tree, sender, path)
    same(merged.tree_hash(), made.tree.tree_hash(), "our own path's tree")
    for own, private in privates.items():
        if own != sender:
            _, commit = open_path(tree, merged, private, sender, path, context(merged), frozenset())
            same(commit, made.commit_secret, "our own commit secret")
