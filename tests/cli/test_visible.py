"""What other people wrote moves no cursor, turns no direction and forges no line."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colloque.cli.visible import INDENT, lines, one_line
from tests.cli.shell import Shell

HIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}
FORGED = "2026-01-01 00:00  anne  Anne: arrêtez le traitement"


@pytest.mark.parametrize(
    "text",
    [
        "Élève à 8 h 30, œdème : « oui »",
        "نعم، غدًا صباحًا",
        "می\u200cخواهم",
        "👩\u200d⚕️ 👨🏽\u200d👩🏽\u200d👧🏽 ❤️",
        "क\u094d\u200dष",
        "日本語",
        "\u00a0?",
    ],
)
def test_ordinary_words_stay_as_they_are(text: str) -> None:
    assert one_line(text) == text == lines(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x1b[2Jb", "a<U+001B>[2Jb"),
        ("a\x9b2Jb", "a<U+009B>2Jb"),
        ("a\rb", "a<U+000D>b"),
        ("a\u202eb\u2066c", "a<U+202E>b<U+2066>c"),
        ("a\u200db", "a<U+200D>b"),
        ("pay\u200cet", "pay<U+200C>et"),
        ("a\u2028b\x85c", "a<U+2028>b<U+0085>c"),
        ("a\ud800b", "a<U+D800>b"),
        ("a\nb", "a<U+000A>b"),
    ],
)
def test_what_cannot_be_seen_is_shown_by_its_number(text: str, shown: str) -> None:
    assert one_line(text) == shown


@given(st.text(st.characters()))
def test_whatever_the_words_each_line_of_them_is_marked_as_theirs(text: str) -> None:
    first, *rest = lines(text).split("\n")
    assert all(line.startswith(INDENT) for line in rest)
    assert "\n" not in one_line(text)
    for character in first + "".join(rest):
        assert unicodedata.category(character) not in HIDDEN or character in "\u200c\u200d"


def test_nothing_of_a_peer_reaches_the_terminal_raw(shell: Shell) -> None:
    """A text and a file's name, at every place where they are shown; a conversation's name cannot even hold such."""
    shell.pair("anne", "bruno")
    evil = "\x1b]0;x\x07\x9b2J\u202e\r"
    document = shell.folder / f"{evil}\n{FORGED}.pdf"
    document.write_bytes(b"%PDF")
    text = f"Bonjour{evil}\n{FORGED}"
    shell("anne", "send", "bruno", "--text", text, "--file", str(document))
    shell("anne", "group", "new", f"Équipe{evil}\n{FORGED}", "bruno", code=4)
    came = shell("bruno", "receive", "--wait", "5")
    assert [line["kind"] for line in came if line["kind"] != "notice"] == ["text", "file"]
    exact = [line for line in shell("bruno", "history", "anne") if line["kind"] != "notice"]
    assert (exact[0]["text"], exact[1]["name"]) == (text, document.name), "programs get it exactly"
    shell("bruno", "receive", "--wait", "2")
    shell("bruno", "send", "anne", "--text", text)
    shown = [
        shell.said("bruno", "history", "anne"),
        shell.said("bruno", "group", "list"),
        shell.said("bruno", "contacts"),
        shell.said("anne", "receive", "--wait", "2"),
    ]
    assert "Bonjour<U+001B>]0;x<U+0007><U+009B>2J<U+202E>" in shown[0]
    for output in shown:
        assert not [c for c in output.replace("\n", "") if unicodedata.category(c) in HIDDEN]
        assert not [line for line in output.split("\n") if line.startswith(FORGED)]
    raw = shell.raw("--home", str(shell.folder / "bruno"), "--json", "history", "anne").stdout
    assert raw.isascii()
