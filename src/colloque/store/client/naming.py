"""What one types for somebody, and whom it means (`spec/sessions.md` S8)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

_TITLES: Final = ("dr", "docteur", "doctor", "pr", "prof")


class Trust(IntEnum):
    """Who says that somebody has their name: they alone; whoever gave, or was given, a personal link; or a comparison."""

    STATED = 0
    PERSONAL = 1
    VERIFIED = 2


@dataclass(frozen=True, slots=True)
class Candidate:
    """A conversation, or a member of one. `names`: how they are called here, and how they state to be called."""

    ident: bytes
    short: str
    names: tuple[str, ...]
    trust: Trust
    live: bool = True

    def answers_to(self, who: str) -> bool:
        """By a name, or by words of one: "payet" for Dr Anne Payet."""
        wanted, plain = set(words_of(who)), who.strip().casefold()
        return any(
            plain == name.casefold() or (wanted and wanted <= set(words_of(name)))
            for name in (*self.names, self.short)
        )


def choose(who: str, candidates: Sequence[Candidate]) -> list[Candidate]:
    """Whom `who` means: one, none, or all whom it may mean.

    A short name is given only where nobody answers to it yet, so that its holder was there first. It wins over others who
    answer to the same words, unless one of them is better known: else a stranger who came early would be taken for
    somebody who was invited later. `=short` means that short name and nothing else.
    """
    typed = who.strip().lower()
    exact = [c for c in candidates if c.short and c.short == typed.removeprefix("=")]
    if typed.startswith("="):
        return exact
    others = [c for c in candidates if c.live and c not in exact and c.answers_to(who)]
    if not exact:
        return others
    # What is over can be looked at, and nothing can be sent there.
    wins = not exact[0].live or not others
    if wins or exact[0].trust >= max(Trust.PERSONAL, *(c.trust for c in others)):
        return exact
    return [*exact, *others]


def words_of(name: str) -> list[str]:
    """Lower case, without accents and titles."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii").lower()
    return [w for w in re.split(r"[^a-z0-9]+", plain) if w and w not in _TITLES]


def slug(name: str) -> str:
    """A short name to type: lower case, without accents, titles or spaces."""
    return "-".join(words_of(name))[:40].strip("-") or "somebody"
