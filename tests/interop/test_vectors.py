"""`vectors/mls-83/`, written by this project, verified by ts-mls as the other implementation; and fresh ones like them."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from colloque.mls.api import suite
from tools.mls_vectors.__main__ import FILES, FOLDER, cases, text
from tools.mls_vectors.passive import walks
from tools.mls_vectors.seed import Seed

from .node_member import FOLDER as HERE
from .node_member import Node

OUTSIDE = "passive-client-outside"
"""Where a group's context names senders outside: ts-mls reads that extension in a form of its own (`docs/ts-mls.md`)."""


def verified(*files: Path) -> dict[str, dict[str, Any]]:
    node = shutil.which("node")
    assert node is not None
    done = subprocess.run(
        [node, "--no-warnings", "vectors.mjs", *map(str, files)],
        cwd=HERE,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return {Path(line["file"]).stem: line for line in map(json.loads, done.stdout.splitlines())}


def test_ts_mls_verifies_the_vectors(node: Node) -> None:
    assert node.version
    found = verified(*sorted(FOLDER.glob("*.json")))
    assert set(found) == set(FILES)
    failed = {name: line["failures"] for name, line in found.items() if line["failed"]}
    assert set(failed) == {OUTSIDE}, failed
    assert "external_sender" in failed[OUTSIDE][0]


@pytest.mark.parametrize("number", [1, 3, 7])
def test_ts_mls_verifies_fresh_ones(node: Node, tmp_path: Path, number: int) -> None:
    """The same kinds in other suites, made now."""
    assert node.version
    for name in FILES:
        if name != OUTSIDE:
            (tmp_path / f"{name}.json").write_text(text(cases(name, number)))
    failed = {n: line["failures"] for n, line in verified(*tmp_path.glob("*.json")).items() if line["failed"]}
    assert not failed


def test_ts_mls_finds_what_is_wrong(node: Node, tmp_path: Path) -> None:
    """A verifier that lets everything pass would show nothing."""
    assert node.version
    for name in FILES:
        spoiled = cases(name)
        for case in spoiled:
            _spoil(case)
        (tmp_path / f"{name}.json").write_text(text(spoiled))
    found = verified(*tmp_path.glob("*.json"))
    assert {name: line["passed"] for name, line in found.items()} == dict.fromkeys(FILES, 0)


def _spoil(value: Any) -> None:
    """Changes the last digit of every text of hexadecimal digits."""
    for key, part in list(value.items() if isinstance(value, dict) else enumerate(value)):
        if isinstance(part, dict | list):
            _spoil(part)
        elif isinstance(part, str) and len(part) > 20:
            value[key] = part[:-1] + ("0" if part[-1] != "0" else "1")


def test_walks_of_other_seeds(node: Node, tmp_path: Path) -> None:
    """Clients that follow groups with everything in them: external commits, proposals by reference, keys, reinits."""
    assert node.version
    for seed in range(4):
        (tmp_path / f"passive-{seed}.json").write_text(text(walks(suite(1), Seed(f"walk {seed}"))))
    failed = [line["failures"] for line in verified(*tmp_path.glob("*.json")).values() if line["failed"]]
    assert not failed
