"""Which tests hold up which clause of `spec/`: a table, and the clauses that no test names.

A clause is defined by `**R12**` at the start of a line of a page of `spec/` (a list's dash may stand before it). A test names
it in its docstring, or its file's: `spec/relay.md R12`, `R10 to R18`; where the letter is a page's, `R12` alone will do.
"""

from __future__ import annotations

import ast
import re
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_DEFINED = re.compile(r"^(?:[-*] )?\*\*([A-Z]{1,3}\d+)\*\*", re.MULTILINE)
_ID = r"[A-Z]{1,3}\d+"
_NAMED = re.compile(rf"\b({_ID})(?: to ({_ID}))?\b")
_AFTER_PAGE = re.compile(rf"`?spec/(\w+\.md)`?,? ((?:{_ID}(?:, | to | and |, and )?)+)")


@dataclass(frozen=True, slots=True)
class Named:
    """A clause that a test names; `page` where it says which."""

    clause: str
    page: str | None
    test: str


def letters(clause: str) -> str:
    return clause.rstrip("0123456789")


def defined(folder: Path) -> dict[str, list[str]]:
    """Each page's clauses, in the page's order."""
    return {
        page.name: _DEFINED.findall(page.read_text(encoding="utf-8")) for page in sorted(folder.glob("*.md"))
    }


def spread(words: str) -> list[str]:
    """The clauses that `words` names: `R3, R5 to R7` is four."""
    found = []
    for first, last in _NAMED.findall(words):
        if last and letters(first) == letters(last):
            start, end = int(first[len(letters(first)) :]), int(last[len(letters(last)) :])
            found += [f"{letters(first)}{n}" for n in range(start, end + 1)]
        else:
            found += [first] + ([last] if last else [])
    return found


def named(folder: Path, known: set[str]) -> list[Named]:
    """What the tests under `folder` name. `known`: the letters that pages use; others in a docstring mean something else."""
    found = []
    for path in sorted(folder.rglob("*.py")):
        if "node_modules" in path.parts:
            continue
        module = ast.parse(path.read_text(encoding="utf-8"))
        file = path.relative_to(folder).as_posix()
        for node in ast.walk(module):
            if not isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            words = ast.get_docstring(node) or ""
            test = file if isinstance(node, ast.Module) else f"{file}::{node.name}"
            for page, ids in _AFTER_PAGE.findall(words):
                found += [Named(clause, page, test) for clause in spread(ids)]
            rest = _AFTER_PAGE.sub("", words)
            found += [Named(clause, None, test) for clause in spread(rest) if letters(clause) in known]
    return found


def main() -> int:
    pages = defined(ROOT / "spec")
    known = {letters(clause) for clauses in pages.values() for clause in clauses}
    tests: dict[str, list[str]] = {}
    for one in named(ROOT / "tests", known):
        tests.setdefault(one.clause, []).append(one.test)
    bare = []
    for page, clauses in pages.items():
        print(f"spec/{page}")
        for clause in clauses:
            print(f"  {clause:<5} {', '.join(dict.fromkeys(tests.get(clause, ['no test names it'])))}")
            bare += [] if clause in tests else [clause]
    print(f"{sum(map(len, pages.values()))} clauses, {len(bare)} without a test: {' '.join(bare)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
