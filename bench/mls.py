"""Our MLS beside ts-mls on Node, in the same groups: `python bench/mls.py [--sizes 2 20 …] [--suites 1 83] [--only ours]`.

Two members of one group, one of each library, take turns (A B A B …): each commits and the other processes, each sends and the
other reads, both join by the same Welcome. Figures are medians of processor time over all threads, since the machine's other
work moves wall time; and ratios of these.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import mls_groups, mls_plot
from bench.mls_primitives import floors
from bench.mls_sides import Node, Ours, Side, Theirs, why_absent

PLAINTEXT = bytes(200)
SUITES, SIZES = (1, 83), (2, 20, 200, 2_000)
CURVE = (4, 16, 64, 256, 1_024, 2_048)
LIBRARIES = ("ours", "ts-mls")


@dataclass
class Table:
    """Microseconds, or bytes, by row and library."""

    took: dict[str, dict[str, list[float]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )

    def add(self, row: str, who: str, value: float) -> None:
        self.took[row][who].append(value)

    def medians(self) -> dict[str, dict[str, float]]:
        rows = {}
        for row, by in self.took.items():
            found = {who: round(statistics.median(values), 1) for who, values in by.items()}
            if {"ours", "ts-mls"} <= found.keys():
                found["ratio"] = round(found["ours"] / found["ts-mls"], 3)
            rows[row] = found
        return rows


def rounds_for(size: int) -> int:
    """Also warms Node's compiler up: medians leave the first rounds behind."""
    return 25 if size <= 20 else 7 if size <= 256 else 5


def together(number: int, shape: str, size: int, node: Node, table: Table) -> dict[str, Side]:
    """Both libraries in one group of `size`; their joining is measured."""
    label = f"{number} {shape} {size}"
    ours, theirs = Ours(number, f"ours {label}"), Theirs(node, number, f"theirs {label}")
    people: dict[str, Side] = {"ours": ours, "ts-mls": theirs}
    if size == 2:
        theirs.join(ours.found(theirs.package))
        return people
    host = mls_groups.group(number, shape, size)
    welcome = mls_groups.welcome(host, [side.package for side in people.values()])
    for _ in range(3 if size <= 256 else 1):
        for who, side in people.items():
            table.add(f"suite {number}: join, {shape} {size}", who, side.join(welcome))
    return people


def commits(row: str, people: dict[str, Side], count: int, table: Table) -> None:
    for _ in range(count):
        for who, other in (LIBRARIES, LIBRARIES[::-1]):
            message, took = people[who].commit()
            table.add(f"{row}: commit", who, took)
            authenticator, processed = people[other].process(message)
            table.add(f"{row}: process", other, processed)
            table.add(f"{row}: bytes of a commit", who, len(message))
            assert isinstance(authenticator, bytes)


def messages(row: str, number: int, people: dict[str, Side], count: int, table: Table) -> None:
    batch = 20
    for _ in range(count):
        for who, other in (LIBRARIES, LIBRARIES[::-1]):
            sent, took = people[who].protect(PLAINTEXT, batch)
            table.add(f"{row}: protect", who, took / batch)
            opened, took = people[other].unprotect(sent)
            table.add(f"{row}: unprotect", other, took / batch)
            table.add(f"{row}: bytes of a message", who, len(sent[0]))
            assert opened == [PLAINTEXT] * batch
        for name, floor in zip(("protect", "unprotect"), floors(number, len(PLAINTEXT), batch), strict=True):
            table.add(f"{row}: {name}", "primitives", floor)


def states(row: str, people: dict[str, Side], count: int, table: Table) -> None:
    for _ in range(count):
        for who, side in people.items():
            length, took = side.save()
            table.add(f"{row}: state to bytes", who, took)
            table.add(f"{row}: state from bytes", who, side.load())
            table.add(f"{row}: bytes of a state", who, length)


def run(
    suites: Iterable[int] = SUITES, sizes: Iterable[int] = SIZES, curve: Iterable[int] = CURVE
) -> dict[str, dict[str, float]]:
    absent = why_absent()
    if absent is not None:
        raise RuntimeError(f"MLS is not measured beside ts-mls: {absent}")
    table, node = Table(), Node()
    try:
        for number in suites:
            for size in sizes:
                _measure(number, size, node, table)
            for size in curve:
                for shape in ("full", "flat"):
                    _curve(number, shape, size, table)
    finally:
        node.close()
    return table.medians()


def _curve(number: int, shape: str, size: int, table: Table) -> None:
    """Two of ours take turns: how the cost of one commit grows."""
    pair = [Ours(number, f"{name} of {size}") for name in ("one", "other")]
    welcome = mls_groups.welcome(mls_groups.group(number, shape, size), [side.package for side in pair])
    for side in pair:
        side.join(welcome)
    row = f"curve {number} {shape} {size}"
    for _ in range(5):
        for committer, reader in (pair, pair[::-1]):
            message, took = committer.commit()
            table.add(f"{row}: commit", "ours", took)
            table.add(f"{row}: process", "ours", reader.process(message)[1])
            table.add(f"{row}: bytes of a commit", "ours", len(message))


def _measure(number: int, size: int, node: Node, table: Table) -> None:
    count = rounds_for(size)
    for shape in ("full", "flat") if size > 2 else ("full",):
        row = f"suite {number}: {shape} {size}"
        print(f"  {row}…", file=sys.stderr, flush=True)
        people = together(number, shape, size, node, table)
        if size == 2 and shape == "full":
            for _ in range(count):
                for who, side in people.items():
                    table.add(f"suite {number}: create and welcome a group of 2", who, side.pair())
        if shape == "full":
            messages(row, number, people, count, table)
        commits(row, people, count, table)
        if shape == "full":
            states(row, people, count, table)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--suites", type=int, nargs="*", default=SUITES)
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES)
    parser.add_argument("--curve", type=int, nargs="*", default=CURVE)
    parser.add_argument("--out", type=Path)
    order = parser.parse_args()
    found = run(order.suites, order.sizes, order.curve)
    print(mls_plot.table(found))
    if order.out:
        order.out.write_text(json.dumps(found, indent=1) + "\n")
    if order.curve:
        mls_plot.write(found, Path(__file__).with_name("mls.svg"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
