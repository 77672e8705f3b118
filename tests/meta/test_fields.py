"""What is typed into a page never lies readable in the browser's profile: no field is one that browsers remember."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

SOURCES = Path(__file__).resolve().parents[2] / "web" / "src"
UNWRITTEN = re.compile(r'type="(?:checkbox|radio|file)"')
"""Fields that hold no words: what is ticked, and files, whose names browsers do not keep."""


def fields(source: str) -> list[str]:
    """The opening tags of what can be written into, whole."""
    found = []
    for start in re.finditer(r"<(?:input|textarea)\b", source):
        depth, end = 0, start.end()
        while depth or (not source.startswith("/>", end) and source[end] != ">"):
            depth += {"{": 1, "}": -1}.get(source[end], 0)
            end += 1
        found.append(source[start.start() : end])
    return [tag for tag in found if not UNWRITTEN.search(tag)]


@pytest.mark.parametrize("path", sorted(SOURCES.rglob("*.tsx")), ids=lambda path: path.name)
def test_no_field_is_remembered(path: Path) -> None:
    forgetful = [tag for tag in fields(path.read_text("utf-8")) if 'autoComplete="off"' not in tag]
    assert not forgetful


def test_fields_are_found() -> None:
    source = '<textarea rows={2} onInput={() => set(1 > 0)} />\n<input type="file" />\n<input id="a" autoComplete="off" />'
    assert fields(source) == [
        "<textarea rows={2} onInput={() => set(1 > 0)} ",
        '<input id="a" autoComplete="off" ',
    ]
