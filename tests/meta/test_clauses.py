"""The spec and the tests speak of the same clauses (`make clauses` prints which test holds up which)."""

from __future__ import annotations

from pathlib import Path

from tests.meta.tree import ROOT
from tools.clauses import defined, letters, named, spread

MOST = ROOT / "tests/meta/clauses_without_test.txt"
PAGES = defined(ROOT / "spec")
CLAUSES = {clause for clauses in PAGES.values() for clause in clauses}
NAMED = named(ROOT / "tests", {letters(clause) for clause in CLAUSES})


def test_clauses_are_numbered_once_and_in_order() -> None:
    assert CLAUSES
    assert len(CLAUSES) == sum(map(len, PAGES.values())), "two clauses have one number"
    for page, clauses in PAGES.items():
        assert clauses == sorted(
            clauses, key=lambda clause: (letters(clause), int(clause[len(letters(clause)) :]))
        ), page


def test_clauses_that_tests_name_exist() -> None:
    wrong = {
        (one.test, one.page, one.clause)
        for one in NAMED
        if one.clause not in (PAGES.get(one.page, []) if one.page else CLAUSES)
    }
    assert not sorted(wrong, key=str)


def test_no_more_clauses_go_untested() -> None:
    """The number in `clauses_without_test.txt` may only go down."""
    bare = sorted(CLAUSES - {one.clause for one in NAMED})
    print(len(bare), "clauses that no test names:", *bare)
    if MOST.exists():
        assert len(bare) <= int(MOST.read_text(encoding="utf-8"))


def test_names_are_read(tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text("- **Q1** a\n**Q2** b, see **Q9**\n- **Q3** c\n")
    assert defined(tmp_path) == {"page.md": ["Q1", "Q2", "Q3"]}
    assert spread("Q1, Q3 to Q5 and Q7") == ["Q1", "Q3", "Q4", "Q5", "Q7"]
    (tmp_path / "test_x.py").write_text(
        '"""`spec/page.md` Q1 to Q2, Q8: x"""\ndef test_a():\n    """Q3: and A4."""\n'
    )
    assert [(one.clause, one.page, one.test) for one in named(tmp_path, {"Q"})] == [
        ("Q1", "page.md", "test_x.py"),
        ("Q2", "page.md", "test_x.py"),
        ("Q8", "page.md", "test_x.py"),
        ("Q3", None, "test_x.py::test_a"),
    ]
