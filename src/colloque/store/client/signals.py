"""Pieces of calls that came: told to whoever asks now, and written nowhere (`spec/calls.md` C2)."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Final

from colloque.protocol.session.effects import Signalled
from colloque.protocol.session.model import Context
from colloque.protocol.session.write import SIGNAL_MS
from colloque.wire.content.content import Signal

WAITING: Final = 512


@dataclass(frozen=True, slots=True)
class Heard:
    """`sent_at` in milliseconds, by its author's clock."""

    conversation: bytes
    author: bytes
    sent_at: int
    signal: Signal = field(repr=False)


class Signals:
    """`is_live`: whether what is taken in now was handed out as it came, and had not waited at the relay."""

    def __init__(self) -> None:
        self.is_live = False
        self._waiting: deque[Heard] = deque(maxlen=WAITING)

    def take(self, ctx: Context, conversation: bytes, e: Signalled) -> None:
        # Clocks may differ: what was handed out as it came is new, whatever its author's says.
        if self.is_live or abs(ctx.now - e.sent_at) <= SIGNAL_MS:
            self._waiting.append(Heard(conversation, e.author, e.sent_at, e.signal))

    @property
    def is_empty(self) -> bool:
        return not self._waiting

    def drain(self) -> list[Heard]:
        """All that came since the last time; of more than 512 the latest."""
        found = list(self._waiting)
        self._waiting.clear()
        return found
