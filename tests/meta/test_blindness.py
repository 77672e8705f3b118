"""Blindness is an import rule: the relay cannot reach what could read, not even indirectly.

`make check` also runs import-linter; here the same is asked of the import graph, of a running interpreter, and of a graph
that was spoilt on purpose, so that a rule that lost its teeth is noticed.
"""

from __future__ import annotations

import subprocess
import sys
import tomllib

import grimp
import pytest

from tests.meta.tree import PACKAGE, ROOT, text

SEEING = (
    "colloque.mls",
    "colloque.wire.content",
    "colloque.protocol.session",
    "colloque.store.client",
    "colloque.client",
    "colloque.desk",
    "colloque.cli",
)
BLIND = ("colloque.relay", "colloque.store.relay", "colloque.protocol.mailbox")


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("colloque", cache_dir=None)


def chains(
    graph: grimp.ImportGraph, importers: tuple[str, ...], imported: tuple[str, ...]
) -> list[tuple[str, ...]]:
    """The ways by which `importers` reach `imported`, in some number of steps."""
    for room in (*importers, *imported):
        assert room in graph.modules, f"{room} is not there: the rule would hold of nothing"
    return [
        chain
        for importer in importers
        for target in imported
        for chain in graph.find_shortest_chains(importer, target, as_packages=True)
    ]


def test_the_relay_reaches_nothing_that_reads(graph: grimp.ImportGraph) -> None:
    assert not chains(graph, BLIND, SEEING)


def test_mls_and_wire_stand_alone(graph: grimp.ImportGraph) -> None:
    for room in ("colloque.mls", "colloque.wire"):
        others = {
            target
            for module in graph.modules
            if module == room or module.startswith(room + ".")
            for target in graph.find_modules_directly_imported_by(module)
            if target != room and not target.startswith(room + ".")
        }
        assert not others, f"{room} imports {sorted(others)}"


def test_an_indirect_way_would_be_seen(graph: grimp.ImportGraph) -> None:
    spoilt = grimp.build_graph("colloque", cache_dir=None)
    spoilt.add_module("colloque.wire.spoilt")
    spoilt.add_import(importer="colloque.relay.server", imported="colloque.wire.spoilt")
    spoilt.add_import(importer="colloque.wire.spoilt", imported="colloque.mls.api")
    assert chains(spoilt, BLIND, SEEING)


def test_a_relay_that_is_loaded_has_loaded_nothing_that_reads() -> None:
    """An import by name is seen by no graph; where it happens at load time, it is seen here."""
    modules = sorted(
        ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
        for room in ("relay", "store/relay", "protocol/mailbox")
        for path in (PACKAGE / room).rglob("*.py")
        if path.name not in ("__init__.py", "__main__.py")
    )
    assert modules
    code = f"import importlib, sys\nfor m in {modules!r}: importlib.import_module(m)\nprint(*sys.modules, sep='\\n')"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    loaded = done.stdout.split()
    assert "colloque.relay.server" in loaded
    assert not [m for m in loaded if m in SEEING or m.startswith(tuple(room + "." for room in SEEING))]


def test_every_room_is_under_the_import_rules() -> None:
    rules = tomllib.loads(text(ROOT / "pyproject.toml"))["tool"]["importlinter"]["contracts"]
    named = " ".join(str(rule) for rule in rules)
    for room in sorted(path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists()):
        assert f"colloque.{room}" in named, f"no import rule names the room `{room}`"
