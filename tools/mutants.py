"""Mutation testing of `colloque.mls`: each of its validations, taken out, must fail a test.

A validation is a `raise`, a call whose value nobody takes (the room is pure: such a call can only refuse), or one of the
conditions that an `or` joins before a `raise`. `tools/mutants.txt` says of each which test misses it, or why nothing can.

    python tools/mutants.py                 what the record lacks, or names in vain
    python tools/mutants.py write           finds a test for each that is new, and writes the record
    python tools/mutants.py run [I/N]       runs the I-th of N parts of the record, or all of it
"""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ROOM = ROOT / "src/colloque/mls"
RECORD = ROOT / "tools/mutants.txt"
TESTS = ["tests/mls", "--ignore=tests/mls/test_mutants.py"]
EQUIVALENT = "equivalent: "
_CHANCE = ("test_mutated_bytes", "test_ten_thousand", "test_whatever_is_wrong")
"""Tests that meet a fault by chance: not the ones to name."""
_NO_REFUSALS = {"append", "add", "extend", "update", "pop", "sort", "__init__"}
"""Methods that are called for what they do to their own value."""


@dataclass(frozen=True)
class Mutant:
    """`start` and `end`: (line, byte within it) of what is replaced by `by`."""

    name: str
    path: Path
    start: tuple[int, int]
    end: tuple[int, int]
    by: str

    @property
    def module(self) -> str:
        return ".".join(self.path.relative_to(ROOT / "src").with_suffix("").parts)

    def source(self) -> str:
        lines = self.path.read_bytes().splitlines(keepends=True)
        (first, left), (last, right) = self.start, self.end
        middle = lines[first - 1][:left] + self.by.encode() + lines[last - 1][right:]
        return b"".join((*lines[: first - 1], middle, *lines[last:])).decode()


def _parts(body: ast.AST, inside: str) -> Iterator[tuple[str, str, ast.expr | ast.stmt, str]]:
    """(function, kind, node, what replaces it)."""
    for node in ast.iter_child_nodes(body):
        name = inside
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            name = f"{inside}.{node.name}" if inside else node.name
        if isinstance(node, ast.Raise):
            yield name, "raise", node, "pass"
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            called = node.value.func
            if not (isinstance(called, ast.Attribute) and called.attr in _NO_REFUSALS):
                yield name, "call", node, "pass"
        elif isinstance(node, ast.If) and isinstance(node.body[-1], ast.Raise):
            either = isinstance(node.test, ast.BoolOp) and isinstance(node.test.op, ast.Or)
            for operand in node.test.values if either else ():  # type: ignore[attr-defined]
                yield name, "or", operand, "False"
        yield from _parts(node, name)


def mutants() -> dict[str, Mutant]:
    """By name: file, function, kind and text, so that a name outlives changes elsewhere in the file."""
    found: dict[str, Mutant] = {}
    for path in sorted(ROOM.rglob("*.py")):
        if path.is_relative_to(ROOM / "vectors"):
            continue
        for inside, kind, node, by in _parts(ast.parse(path.read_bytes()), ""):
            plain = f"{path.relative_to(ROOM).as_posix()} {inside} {kind}: {ast.unparse(node)}"
            name, number = plain, 1
            while name in found:
                number += 1
                name = f"{plain} [{number}]"
            assert node.end_lineno is not None
            assert node.end_col_offset is not None
            start, end = (node.lineno, node.col_offset), (node.end_lineno, node.end_col_offset)
            found[name] = Mutant(name, path, start, end, by)
    return found


def record() -> dict[str, str]:
    """Each mutant's test, or the reason why none can tell."""
    lines = RECORD.read_text(encoding="utf-8").splitlines() if RECORD.exists() else []
    pairs = zip(lines[::2], lines[1::2], strict=True)
    return {name: verdict.strip() for name, verdict in pairs}


def gaps() -> list[str]:
    """Validations without a word in the record, and words on none."""
    there, said = mutants(), record()
    missing = [f"not in the record: {name}" for name in there if name not in said]
    return missing + [f"in the record alone: {name}" for name in said if name not in there]


def _pytest(mutant: Mutant | None, tests: list[str], **environment: str) -> int:
    """pytest's exit code, the mutant in the module's place; nothing is written."""
    more = {} if mutant is None else {"MUTANT_MODULE": mutant.module, "MUTANT_SOURCE": mutant.source()}
    command = [sys.executable, "-m", "pytest", "-p", "tools.mutants_plugin", "-m", "not long", "-x"]
    done = subprocess.run(
        [*command, "-p", "no:randomly", "--no-header", "--tb=no", "--timeout=60", *tests],
        cwd=ROOT,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **more, **environment},
        capture_output=True,
        check=False,
    )
    return done.returncode


def dies(mutant: Mutant, tests: list[str]) -> bool:
    """Whether one of the tests fails. Tests that are not there (4, 5) do not count as failing."""
    code = _pytest(mutant, tests)
    if code in (4, 5):
        raise SystemExit(f"no such test: {tests}")
    return code != 0


def traced(tests: list[str]) -> dict[str, list[str]]:
    """For "file:line" of the room, the tests in which a refusal went through it."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "trace.json"
        if _pytest(None, tests, MUTANT_TRACE=str(out)) != 0:
            raise SystemExit("the tests fail without any mutant")
        found: dict[str, list[str]] = json.loads(out.read_text())
    return found


def _killer(mutant: Mutant, seen: dict[str, list[str]]) -> str:
    place = mutant.path.relative_to(ROOT).as_posix()
    lines = range(mutant.start[0], mutant.end[0] + 1)
    if mutant.by == "False":
        lines = range(mutant.start[0], mutant.end[0] + 8)
    found = {test for line in lines for test in seen.get(f"{place}:{line}", [])}
    tests = sorted(test for test in found if not any(chance in test for chance in _CHANCE))
    for test in tests:
        if dies(mutant, [test]):
            return test
    return f"SURVIVES of {len(tests)}"


def _holds(verdict: str) -> bool:
    return "SURVIVES" not in verdict and not any(chance in verdict for chance in _CHANCE)


def write() -> int:
    there, said = mutants(), record()
    kept = {name: verdict for name, verdict in said.items() if name in there and _holds(verdict)}
    new = [mutant for name, mutant in there.items() if name not in kept]
    seen = traced(TESTS) if new else {}
    with ThreadPoolExecutor(2) as pool:
        for mutant, verdict in zip(new, pool.map(lambda m: _killer(m, seen), new), strict=True):
            kept[mutant.name] = verdict
            print(mutant.name, verdict, sep="\n    ", flush=True)
    RECORD.write_text("".join(f"{name}\n    {kept[name]}\n" for name in there), encoding="utf-8")
    survivors = [name for name in there if "SURVIVES" in kept[name]]
    print(f"{len(there)} mutants, {len(survivors)} survive", *survivors, sep="\n  ")
    return 1 if survivors else 0


def part(number: int, of: int) -> list[str]:
    """The `number`-th (from 1) of `of` parts of the record, without what is equivalent."""
    told = [name for name, verdict in record().items() if not verdict.startswith(EQUIVALENT)]
    return told[number - 1 :: of]


def survivors(names: list[str]) -> list[str]:
    """Those that the record's test does not miss any more."""
    there, said = mutants(), record()
    with ThreadPoolExecutor(2) as pool:
        dead = pool.map(lambda name: dies(there[name], [said[name]]), names)
    return [name for name, gone in zip(names, dead, strict=True) if not gone]


def main(arguments: list[str]) -> int:
    if arguments[:1] == ["write"]:
        return write()
    found = gaps()
    if arguments[:1] == ["run"] and not found:
        number, of = (arguments[1:] or ["1/1"])[0].split("/")
        names = part(int(number), int(of))
        found = survivors(names)
        print(f"{len(names)} mutants, {len(found)} survive")
    print(*found, sep="\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
