"""What the house rules look at: the files of the project that people write."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "colloque"
_MADE_BY_TOOLS = {"node_modules", "__pycache__", "build", "dist", "results"}


@cache
def written(*suffixes: str) -> tuple[Path, ...]:
    """Files of the project with one of `suffixes` (all when none is given), without what tools make or fetch."""
    found = [
        path
        for top in ROOT.iterdir()
        if top.name not in _MADE_BY_TOOLS and (top.name == ".ci" or not top.name.startswith("."))
        for path in ([top] if top.is_file() else top.rglob("*"))
        if path.is_file()
        and not _MADE_BY_TOOLS & set(path.relative_to(ROOT).parts)
        and (not suffixes or path.suffix in suffixes)
    ]
    assert found, "nothing found: this rule would hold of an empty folder"
    return tuple(sorted(found))


def name(path: Path) -> str:
    """The path as people write it, the same on every system."""
    return path.relative_to(ROOT).as_posix()


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(text(path), str(path))
