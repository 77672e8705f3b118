"""What a relay would not do is not asked of it again at once, though its line is up."""

from __future__ import annotations

from typing import Final

FIRST_S: Final = 0.25
LONGEST_S: Final = 60.0


class Pauses:
    """By subject, when it may be tried again. Times in seconds of the event loop's clock."""

    def __init__(self) -> None:
        self._pauses: dict[bytes, tuple[float, float]] = {}

    def over(self, subject: bytes, now: float) -> bool:
        return self._pauses.get(subject, (0.0, 0.0))[1] <= now

    def failed(self, subject: bytes, now: float) -> None:
        """Twice as long as the last time."""
        pause = min(LONGEST_S, max(FIRST_S, 2 * self._pauses.get(subject, (0.0, 0.0))[0]))
        self._pauses[subject] = pause, now + pause

    def done(self, subject: bytes) -> None:
        self._pauses.pop(subject, None)
