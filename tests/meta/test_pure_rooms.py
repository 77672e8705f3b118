"""`wire`, `mls` and `protocol` do no I/O, read no clock and draw no randomness: these are given to them."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.meta.tree import PACKAGE, name, parsed

ROOMS = ("mls", "protocol", "wire")
RUNNER = PACKAGE / "mls" / "vectors"  # reads files of vectors: a program, not a rule
MODULES = frozenset(
    [
        "time",
        "random",
        "secrets",
        "uuid",
        "os",
        "io",
        "pathlib",
        "shutil",
        "tempfile",
        "glob",
        "socket",
        "ssl",
        "select",
        "selectors",
        "asyncio",
        "threading",
        "multiprocessing",
        "concurrent",
        "subprocess",
        "signal",
        "sqlite3",
        "sqlcipher3",
        "aiohttp",
        "urllib.request",
        "http",
        "requests",
        "logging",
        "keyring",
        "filelock",
        "platformdirs",
    ]
)
CALLS = frozenset({"open", "print", "input", "breakpoint"})
METHODS = frozenset({"now", "utcnow", "today", "generate", "generate_key", "generate_private_key", "urandom"})

WAIVED = {
    "src/colloque/mls/crypto/signature.py": {
        "generate",
        "generate_private_key",
    },  # keys come from the library
    "src/colloque/mls/crypto/kem.py": {
        "generate_private_key"
    },  # ephemeral keys, as HPKE of the library draws them
    "src/colloque/mls/crypto/xwing.py": {"generate"},
    "src/colloque/mls/group/create.py": {"generate"},
}
"""Each file that may break the rule, and by what. A waiver that is no longer needed fails, too."""


def broken(tree: ast.AST) -> set[str]:
    """What in a module reaches for the world outside."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names if _banned(alias.name)}
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            names = {f"{node.module}.{alias.name}" for alias in node.names} | {node.module}
            found |= {module for module in names if _banned(module)}
        elif isinstance(node, ast.Call):
            called = node.func
            if isinstance(called, ast.Name) and called.id in CALLS:
                found.add(called.id)
            elif isinstance(called, ast.Attribute) and called.attr in METHODS:
                found.add(called.attr)
    return found


def _banned(module: str) -> bool:
    parts = module.split(".")
    return any(".".join(parts[:n]) in MODULES for n in range(1, len(parts) + 1))


def _files() -> list[Path]:
    found = [path for room in ROOMS for path in sorted((PACKAGE / room).rglob("*.py"))]
    return [path for path in found if not path.is_relative_to(RUNNER)]


def test_rules_reach_for_nothing() -> None:
    files = _files()
    assert len(files) > len(ROOMS)
    seen = {name(path): what for path in files if (what := broken(parsed(path)))}
    assert seen == WAIVED


@pytest.mark.parametrize(
    "code",
    [
        "import time",
        "from os import urandom",
        "from os.path import join",
        "import urllib.request",
        "from urllib import request",
        "from datetime import datetime\nx = datetime.now()",
        "def f():\n    import secrets",
        "open('x')",
        "AESGCM.generate_key(128)",
    ],
)
def test_the_rule_sees(code: str) -> None:
    assert broken(ast.parse(code))


@pytest.mark.parametrize(
    "code", ["from urllib.parse import quote", "import hmac", "key.open(x)", "datetime.fromtimestamp(1)"]
)
def test_the_rule_lets_pass(code: str) -> None:
    assert not broken(ast.parse(code))
