"""Writes `vectors/mls-83/`: the official kinds of MLS test vectors for suite 83. `python -m tools.mls_vectors [FOLDER]`.

Everything is drawn from a seed but what HPKE draws itself: files with sealed path secrets or Welcomes differ each time, the
others (`DETERMINISTIC`) never. Formats: mlswg/mls-implementations, `test-vectors.md`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from colloque.mls.api import XWING, suite
from tools.mls_vectors import parts, passive, trees
from tools.mls_vectors.seed import Seed

FOLDER = Path(__file__).resolve().parents[2] / "vectors" / "mls-83"
FILES: dict[str, Callable[[Any, Seed], list[dict[str, Any]]]] = {
    "crypto-basics": parts.crypto_basics,
    "key-schedule": parts.key_schedule,
    "message-protection": parts.message_protection,
    "psk_secret": parts.psk_secrets,
    "secret-tree": parts.secret_tree,
    "transcript-hashes": parts.transcript_hashes,
    "tree-operations": trees.operations,
    "tree-validation": trees.validation,
    "treekem": trees.treekem,
    "welcome": passive.welcome,
    "passive-client-welcome": passive.welcomes,
    "passive-client-handling-commit": passive.commits,
    "passive-client-random": passive.walks,
    "passive-client-outside": passive.outside,
}
DETERMINISTIC = ("key-schedule", "psk_secret", "secret-tree", "transcript-hashes", "tree-operations")


def cases(name: str, number: int = XWING) -> list[dict[str, Any]]:
    return FILES[name](suite(number), Seed(name))


def text(cases: list[dict[str, Any]]) -> str:
    return json.dumps(cases, indent=1) + "\n"


def main(arguments: list[str]) -> int:
    folder = Path(arguments[0]) if arguments else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        path = folder / f"{name}.json"
        path.write_text(text(cases(name)), encoding="utf-8")
        print(f"{path}: {path.stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
