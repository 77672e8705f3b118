"""The time by which a relay lets things expire, whatever jumps its machine's clock makes (`spec/relay.md` R22).

A clock that jumps ahead would delete mail that nobody has read. So time goes on as the machine runs, and the wall clock is
followed only where it agrees within an hour; where it is further ahead, only once it has been so for a day. Time never
goes back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

NEAR_S: Final = 3_600
BELIEVED_AFTER_S: Final = 86_400
DOWNTIME_S: Final = 7 * 86_400


@dataclass(frozen=True, slots=True)
class Clock:
    """`now`: seconds since the epoch; `ran`: of a clock that does not jump; `ahead_since`: when (on that) the wall jumped."""

    now: float
    ran: float
    ahead_since: float | None = None

    def advance(self, wall: float, ran: float) -> Clock:
        steady = self.now + max(0.0, ran - self.ran)
        if wall <= steady + NEAR_S:
            return Clock(max(wall, steady), ran)
        since = ran if self.ahead_since is None else self.ahead_since
        if ran - since >= BELIEVED_AFTER_S:
            return Clock(wall, ran)
        return Clock(steady, ran, since)


def start(kept: float, wall: float, ran: float) -> Clock:
    """`kept`: what the relay last wrote down, 0 at its first start. A week switched off is believed at once."""
    if not kept or kept <= wall <= kept + DOWNTIME_S:
        return Clock(wall, ran)
    return Clock(kept, ran, ran if wall > kept else None)
