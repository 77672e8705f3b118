"""Where each MUST of RFC 9420 is held, and which test shows it: `docs/mls-musts.md`, made from marks in code and tests.

    python tools/musts.py           writes the page anew
    python tools/musts.py --check   says what is missing (exit 1 where something is)

The demands are listed in `tools/musts.txt`. A comment `# MUST 12.2-1, 12.4-2` in `src/colloque/mls` marks what holds them, the
same in `tests/mls` or `tests/interop` what shows them; each stands for the function around it.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LIST = ROOT / "tools" / "musts.txt"
PAGE = ROOT / "docs" / "mls-musts.md"
CODE = ("src/colloque/mls",)
TESTS = ("tests/mls", "tests/interop")
_MARK = re.compile(r"^\s*# MUST ([\d.]+-\d+(?:, [\d.]+-\d+)*)$")


@dataclass(frozen=True, slots=True)
class Must:
    """`reason`: why it is not this library's to hold, or None."""

    id: str
    text: str
    reason: str | None


def musts(lines: str) -> list[Must]:
    found = []
    for line in lines.splitlines():
        if not line or line.startswith("#"):
            continue
        ident, text = line.split(" | ", 1)
        found.append(Must(ident, text, text.removeprefix("n/a: ") if text.startswith("n/a: ") else None))
    return found


def marks(folders: tuple[str, ...], root: Path = ROOT) -> dict[str, list[str]]:
    """Id to the places that are marked with it, in the order of files."""
    found: dict[str, list[str]] = {}
    for folder in folders:
        for path in sorted((root / folder).rglob("*.py")):
            if "node_modules" not in path.parts:
                for ident, place in _marked(path.read_text("utf-8")):
                    where = f"{path.relative_to(root).as_posix()}{place}"
                    places = found.setdefault(ident, [])
                    if where not in places:
                        places.append(where)
    return found


def _marked(text: str) -> Iterator[tuple[str, str]]:
    spans = [
        (node.lineno, node.end_lineno or node.lineno, node.name)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
    ]
    for number, line in enumerate(text.splitlines(), 1):
        match = _MARK.match(line)
        if match is None:
            continue
        around = sorted((start, name) for start, end, name in spans if start <= number <= end)
        place = "::" + ".".join(name for _, name in around) if around else ""
        yield from ((ident, place) for ident in match[1].split(", "))


def missing(listed: list[Must], code: dict[str, list[str]], tests: dict[str, list[str]]) -> list[str]:
    """What is wrong: a demand without a mark, a mark without a demand, a demand listed twice."""
    known = {must.id for must in listed}
    wrong = [f"{ident}: marked, not listed" for ident in sorted((set(code) | set(tests)) - known)]
    if len(known) != len(listed):
        wrong.append("a demand is listed twice")
    for must in listed:
        if must.reason is None:
            wrong += [f"{must.id}: no code holds it"] if must.id not in code else []
            wrong += [f"{must.id}: no test shows it"] if must.id not in tests else []
        elif must.id in code or must.id in tests:
            wrong.append(f"{must.id}: marked, though not applicable")
    return wrong


def page(listed: list[Must], code: dict[str, list[str]], tests: dict[str, list[str]]) -> str:
    held = sum(must.reason is None for must in listed)
    rows = [
        "# Every MUST of RFC 9420 that binds a client",
        "",
        f"Made by `tools/musts.py` from marks in code and tests; the demands are in our words. {held} are held, each with a",
        f"test; {len(listed) - held} are not ours to hold, and say why. Places are under `src/colloque/mls` and `tests`.",
        "",
        "| clause | demand | held in | shown by |",
        "|---|---|---|---|",
    ]
    for must in listed:
        if must.reason is not None:
            rows.append(f"| {must.id} | not applicable: {must.reason} | | |")
            continue
        rows.append(f"| {must.id} | {must.text} | {_places(code, must.id)} | {_places(tests, must.id)} |")
    return "\n".join(rows) + "\n"


def _places(marked: dict[str, list[str]], ident: str) -> str:
    short = (p.removeprefix("src/colloque/mls/").removeprefix("tests/") for p in marked.get(ident, []))
    return ", ".join(f"`{place}`" for place in short)


def main(arguments: list[str]) -> int:
    listed, code, tests = musts(LIST.read_text("utf-8")), marks(CODE), marks(TESTS)
    wrong = missing(listed, code, tests)
    print(*wrong, sep="\n")
    if "--check" in arguments:
        return int(bool(wrong) or PAGE.read_text("utf-8") != page(listed, code, tests))
    PAGE.write_text(page(listed, code, tests), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
