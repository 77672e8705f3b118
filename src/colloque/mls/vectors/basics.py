"""Tree math, labelled operations, and the header of a vector's length."""

from __future__ import annotations

from typing import Any

from colloque.mls.codec import Reader, varint
from colloque.mls.crypto.suite import suite
from colloque.mls.tree import math
from colloque.mls.vectors.check import same, unhex

_TREE_LISTS = ("left", "right", "parent", "sibling")


def tree_math(case: dict[str, Any]) -> None:
    leaves = case["n_leaves"]
    width = math.node_width(leaves)
    same({name: len(case[name]) for name in _TREE_LISTS}, dict.fromkeys(_TREE_LISTS, width), "the width")
    same(width, case["n_nodes"], "the width")
    top = math.root(leaves)
    same(top, case["root"], "the root")
    for x in range(width):
        is_leaf, is_root = x % 2 == 0, x == top
        same(None if is_leaf else math.left(x), case["left"][x], f"left of {x}")
        same(None if is_leaf else math.right(x), case["right"][x], f"right of {x}")
        same(None if is_root else math.parent(x), case["parent"][x], f"parent of {x}")
        same(None if is_root else math.sibling(x), case["sibling"][x], f"sibling of {x}")


def crypto_basics(case: dict[str, Any]) -> None:
    kind = suite(case["cipher_suite"])
    c = case["ref_hash"]
    same(kind.ref_hash(c["label"], unhex(c["value"])), unhex(c["out"]), "ref_hash")
    c = case["expand_with_label"]
    out = kind.expand_with_label(unhex(c["secret"]), c["label"], unhex(c["context"]), c["length"])
    same(out, unhex(c["out"]), "expand_with_label")
    c = case["derive_secret"]
    same(kind.derive_secret(unhex(c["secret"]), c["label"]), unhex(c["out"]), "derive_secret")
    c = case["derive_tree_secret"]
    out = kind.derive_tree_secret(unhex(c["secret"]), c["label"], c["generation"], c["length"])
    same(out, unhex(c["out"]), "derive_tree_secret")
    c = case["sign_with_label"]
    private, public, content = unhex(c["priv"]), unhex(c["pub"]), unhex(c["content"])
    kind.verify_with_label(public, c["label"], content, unhex(c["signature"]))
    kind.verify_with_label(public, c["label"], content, kind.sign_with_label(private, c["label"], content))
    c = case["encrypt_with_label"]
    private, public = unhex(c["priv"]), unhex(c["pub"])
    context, plain = unhex(c["context"]), unhex(c["plaintext"])
    opened = kind.decrypt_with_label(
        private, c["label"], context, unhex(c["kem_output"]), unhex(c["ciphertext"])
    )
    same(opened, plain, "decrypt_with_label")
    sealed = kind.encrypt_with_label(public, c["label"], context, plain)
    same(kind.decrypt_with_label(private, c["label"], context, *sealed), plain, "encrypt_with_label")


def deserialization(case: dict[str, Any]) -> None:
    header = unhex(case["vlbytes_header"])
    source = Reader(header)
    same(source.length(), case["length"], "the length")
    source.end()
    same(varint(case["length"]), header, "the header")
