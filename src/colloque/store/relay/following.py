"""Sends under way side by side on one line, and their order kept (`spec/relay.md` R12).

Used by the database's thread alone, which carries out a line's commands in the order in which they came.
"""

from __future__ import annotations

from typing import Final

from colloque.protocol.mailbox.rules import Refusal

KEPT: Final = 1_024


class Following:
    """One line: by writer, the refusal that whatever follows shares."""

    def __init__(self) -> None:
        self._refused: dict[bytes, Refusal] = {}

    def check(self, writer: bytes, follows: bool) -> None:
        """Raises the refusal of what this send follows."""
        if not follows:
            self._refused.pop(writer, None)
        elif writer in self._refused:
            refusal = self._refused[writer]
            raise Refusal(refusal.code, refusal.retry_after)

    def refused(self, writer: bytes, refusal: Refusal) -> None:
        self._refused.pop(writer, None)
        self._refused[writer] = refusal
        while len(self._refused) > KEPT:
            del self._refused[next(iter(self._refused))]
