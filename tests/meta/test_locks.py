"""Lock files: every package pinned by hash, from no host in particular, and everything imported is locked."""

from __future__ import annotations

import ast
import json
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests.meta.tree import ROOT, name, parsed, text, written

RUNTIME, DEV = ROOT / "requirements/runtime.txt", ROOT / "requirements/dev.txt"
NPM_LOCKS = [path for path in written(".json") if path.name == "package-lock.json"]
_FROM_SOMEWHERE = re.compile(
    r"\w+://|^\s*-(i|f)\b|--(extra-)?index-url|--find-links|--trusted-host", re.MULTILINE
)


def plain(package: str) -> str:
    """A package's name in the one form in which names are compared."""
    return re.sub(r"[-_.]+", "-", package).lower()


def locked(path: Path) -> dict[str, str]:
    """Each locked package and the whole of its entry."""
    entries = [entry for entry in re.split(r"\n(?=\S)", text(path)) if not entry.startswith("#")]
    return {plain(entry.split("==")[0]): entry for entry in entries}


def pinned(entry: str) -> list[str]:
    """The version and the hashes of an entry."""
    return re.findall(r"==[\w.!+]+|sha256:\w+", entry)


@pytest.mark.parametrize("path", [RUNTIME, DEV], ids=name)
def test_python_locks_pin_by_hash_and_name_no_host(path: Path) -> None:
    assert not _FROM_SOMEWHERE.search(text(path))
    for package, entry in locked(path).items():
        assert re.match(r"[\w.-]+==[\w.!+]+( ;[^\\]+)? \\\n", entry), package
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", entry), package


def test_what_is_tested_is_what_runs() -> None:
    dev = locked(DEV)
    for package, entry in locked(RUNTIME).items():
        assert pinned(dev[package]) == pinned(entry), package


def test_what_is_needed_is_locked() -> None:
    project = tomllib.loads(text(ROOT / "pyproject.toml"))["project"]["dependencies"]
    listed = text(ROOT / "requirements/runtime.in").replace('"', "'").splitlines()
    assert sorted(project) == sorted(listed), "pyproject.toml and requirements/runtime.in say the same"
    locks = locked(RUNTIME)
    assert not [need for need in project if plain(re.split(r"[^\w.-]", need)[0]) not in locks]


def imported(paths: list[Path]) -> dict[str, str]:
    """Each outermost module that is imported, and one file that does so."""
    found: dict[str, str] = {}
    for path in paths:
        for node in ast.walk(parsed(path)):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names = [node.module]
            found |= {module.split(".")[0]: name(path) for module in names}
    return found


@pytest.mark.parametrize(("folder", "lock"), [("src", RUNTIME), ("", DEV)], ids=["src", "all"])
def test_what_is_imported_is_locked(folder: str, lock: Path) -> None:
    """An environment that people share has more in it than a fresh one: this tells before a fresh one breaks."""
    paths = [path for path in written(".py") if path.is_relative_to(ROOT / folder)]
    own = {path.stem for path in written(".py")} | {path.name for path in ROOT.iterdir()} | {"colloque"}
    locks, owners = locked(lock), packages_distributions()
    missing = {
        module: where
        for module, where in imported(paths).items()
        if module not in sys.stdlib_module_names
        and module not in own
        and not any(plain(owner) in locks for owner in owners.get(module, [module]))
    }
    assert not missing


@pytest.mark.parametrize("path", NPM_LOCKS, ids=name)
def test_npm_locks_pin_by_hash_and_name_no_host(path: Path) -> None:
    assert "://" not in text(path), "npm writes down who asks for money: `funding` is taken out by hand"
    packages = json.loads(text(path))["packages"]
    fetched = {key: value for key, value in packages.items() if key and not value.get("link")}
    assert fetched
    for key, value in fetched.items():
        assert "resolved" not in value, key
        assert value["integrity"].startswith("sha512-"), key
    wanted = packages[""].get("dependencies", {}) | packages[""].get("devDependencies", {})
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in wanted.values()), (
        "versions are pinned exactly"
    )
    assert "omit-lockfile-registry-resolved=true" in text(path.with_name(".npmrc"))
