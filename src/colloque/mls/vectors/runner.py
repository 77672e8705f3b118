"""Telling the kinds of vector files apart, and running their cases."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from colloque.mls.crypto.suite import SUPPORTED
from colloque.mls.errors import MlsError
from colloque.mls.vectors import basics, clients, messages, schedules, trees

Case = dict[str, Any]


class UnknownKind(Exception):
    """A file of none of the official kinds."""


_KINDS: tuple[tuple[str, frozenset[str], Callable[[Case], None]], ...] = (
    ("tree-math", frozenset({"n_leaves", "n_nodes", "root"}), basics.tree_math),
    ("crypto-basics", frozenset({"ref_hash", "expand_with_label"}), basics.crypto_basics),
    ("deserialization", frozenset({"vlbytes_header", "length"}), basics.deserialization),
    ("message-protection", frozenset({"proposal_priv", "application_priv"}), messages.message_protection),
    ("messages", frozenset({"mls_welcome", "re_init_proposal"}), messages.every_message),
    ("key-schedule", frozenset({"initial_init_secret", "epochs"}), schedules.key_schedule),
    ("psk-secret", frozenset({"psks", "psk_secret"}), schedules.psk),
    ("secret-tree", frozenset({"encryption_secret", "sender_data", "leaves"}), schedules.secret_tree),
    ("transcript-hashes", frozenset({"authenticated_content"}), schedules.transcripts),
    ("welcome", frozenset({"init_priv", "signer_pub", "welcome"}), clients.welcome),
    ("passive-client", frozenset({"initial_epoch_authenticator", "welcome"}), clients.passive),
    ("tree-operations", frozenset({"proposal", "tree_before", "tree_after"}), trees.operations),
    ("tree-validation", frozenset({"tree_hashes", "resolutions"}), trees.validation),
    ("treekem", frozenset({"leaves_private", "update_paths"}), trees.treekem),
)


_PROBLEMS = (
    MlsError,
    AssertionError,
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    StopIteration,
    TypeError,
    ValueError,
)
"""What a case may raise: it is wrong, or not of the form that its kind has."""


def report(file: str, kind: str, passed: int = 0, **more: Any) -> dict[str, Any]:
    """A line of what is printed."""
    line = {"file": file, "kind": kind, "passed": passed, "failed": 0, "skipped": 0, "why_skipped": []}
    return {**line, **more}


def run_file(path: Path) -> dict[str, Any]:
    """Runs every case; the report is what is printed. Raises `UnknownKind`, `ValueError` (not JSON), `OSError`."""
    cases = json.loads(path.read_text("utf-8"))
    if not isinstance(cases, list) or not cases or not isinstance(cases[0], dict):
        raise UnknownKind("not a file of test vectors")
    found = [(name, run) for name, fields, run in _KINDS if fields <= set(cases[0])]
    if not found:
        raise UnknownKind("a kind of test vectors that is not known")
    name, run = found[0]
    passed = skipped = 0
    why: set[str] = set()
    failures: list[str] = []
    for at, case in enumerate(cases):
        number = case.get("cipher_suite") if isinstance(case, dict) else None
        if isinstance(number, int) and number not in SUPPORTED:
            skipped += 1
            why.add(f"cipher suite {number} is not supported")
            continue
        try:
            run(case)
            passed += 1
        except _PROBLEMS as problem:
            failures.append(f"case {at}: {type(problem).__name__}: {problem}")
    counts = {"failed": len(failures), "skipped": skipped, "why_skipped": sorted(why)}
    first = {"failures": failures[:10]} if failures else {}
    return report(str(path), name, passed, **counts, **first)
