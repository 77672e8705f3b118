"""Words of other people, made safe to show: on a terminal they move no cursor, turn no direction, and forge no line.

A name, a file's name or a text is whatever its author's program sent. What is not to be seen by itself (control and format
characters, surrogates, separators of lines) is shown by its number; emoji, and letters of every script, stay as they are.
"""

from __future__ import annotations

import unicodedata
from typing import Final

INDENT: Final = "    "
"""Before every line of a text but its first: no text can look like the beginning of another entry."""
_HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_JOINERS: Final = "\u200c\u200d"
_VIRAMA: Final = 9


def one_line(text: str) -> str:
    """A name, or anything else that has its place within a line."""
    if text.isprintable():
        return text
    return "".join(_shown(text, at) for at in range(len(text)))


def lines(text: str) -> str:
    """A text of several lines; what follows the first is indented."""
    if text.isprintable():
        return text
    plain = text.replace("\r\n", "\n").replace("\t", INDENT)
    return f"\n{INDENT}".join(one_line(line) for line in plain.split("\n"))


def _shown(text: str, at: int) -> str:
    character = text[at]
    if unicodedata.category(character) not in _HIDDEN or (character in _JOINERS and _joins(text, at)):
        return character
    return f"<U+{ord(character):04X}>"


def _joins(text: str, at: int) -> bool:
    """Whether a joiner stands where it is a matter of spelling: in an emoji, in Arabic script, or after a virama."""
    if not 0 < at < len(text) - 1:
        return False
    before, after = text[at - 1], text[at + 1]
    if unicodedata.combining(before) == _VIRAMA:
        return True
    if text[at] == "\u200d" and _is_emoji(before) and _is_emoji(after):
        return True
    return all(unicodedata.bidirectional(c) in ("AL", "NSM") for c in (before, after))


def _is_emoji(character: str) -> bool:
    """Or what may stand in one before a joiner: a skin's tone, or the mark that asks for colours."""
    return (
        unicodedata.category(character) == "So"
        or "\U0001f3fb" <= character <= "\U0001f3ff"
        or character == "\ufe0f"
    )
