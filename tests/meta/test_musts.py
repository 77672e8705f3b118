"""Every MUST of RFC 9420 is held somewhere and shown by a test, or says why not; and the page says so."""

from __future__ import annotations

from pathlib import Path

from tools.musts import CODE, LIST, PAGE, TESTS, Must, marks, missing, musts, page

LISTED = musts(LIST.read_text("utf-8"))


def test_each_is_held_and_shown() -> None:
    assert len(LISTED) > 80
    assert not missing(LISTED, marks(CODE), marks(TESTS))


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text("utf-8") == page(LISTED, marks(CODE), marks(TESTS))


def test_sections_are_in_order() -> None:
    keys = [
        [[int(n) for n in must.id.split("-")[0].split(".")], int(must.id.split("-")[1])] for must in LISTED
    ]
    assert keys == sorted(keys)


def test_what_is_missing_is_seen(tmp_path: Path) -> None:
    listed = [Must("1-1", "a", None), Must("1-2", "b", "c"), Must("1-3", "d", None)]
    folder = tmp_path / "src"
    folder.mkdir()
    (folder / "x.py").write_text(
        "class A:\n    def f(self):\n        # MUST 1-1, 1-2\n        pass\n# MUST 9-9\n"
    )
    code = marks(("src",), tmp_path)
    assert code == {"1-1": ["src/x.py::A.f"], "1-2": ["src/x.py::A.f"], "9-9": ["src/x.py"]}
    wrong = missing(listed, code, {})
    assert wrong == [
        "9-9: marked, not listed",
        "1-1: no test shows it",
        "1-2: marked, though not applicable",
        "1-3: no code holds it",
        "1-3: no test shows it",
    ]
