"""One idea a file: how long files may be, and package files that stay empty."""

from __future__ import annotations

from statistics import median

from tests.meta.tree import PACKAGE, name, text, written

LONGEST, LONGEST_MLS, MEDIAN = 600, 400, 150


def test_no_file_is_too_long() -> None:
    long = {}
    for path in written(".py", ".mjs", ".ts", ".tsx", ".css", ".sh"):
        most = LONGEST_MLS if path.is_relative_to(PACKAGE / "mls") else LONGEST
        lines = text(path).count("\n")
        if lines > most:
            long[name(path)] = lines
    assert not long


def test_files_are_short_on_the_whole() -> None:
    for kinds in ((".py",), (".ts", ".tsx")):
        lengths = [text(path).count("\n") for path in written(*kinds) if path.name != "__init__.py"]
        assert median(lengths) < MEDIAN, kinds


def test_package_files_are_empty() -> None:
    """Import rules count on it: an import in `__init__.py` would pull a whole room in unseen."""
    packages = [path for path in written(".py") if path.name == "__init__.py"]
    assert packages
    assert not [name(path) for path in packages if path.stat().st_size]
    for folder in {path.parent for path in PACKAGE.rglob("*.py")}:
        assert (folder / "__init__.py").exists(), f"{name(folder)} is no package"
