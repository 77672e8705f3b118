"""The waiting room, from where one is waited for (`spec/calls.md` C12, C13): who is told that the practice is there, who waits.
Rules only: times in milliseconds, given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final

from colloque.wire.content.call.presence import There

TELL_MS: Final = 60_000
BELIEVED_MS: Final = 150_000
MOST: Final = 40
"""People who are told at the same time: those who are expected first, then those who wait, then those who wrote last."""

Who = tuple[bytes, bytes]
"""A conversation and the key of somebody in it."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who may be told, in a conversation that is hosted here. `recent`: something of theirs came in the last minutes."""

    conversation: bytes
    key: bytes
    recent: bool


@dataclass(frozen=True, slots=True)
class Waits:
    """`since`: when they came, or went away."""

    there: There
    since: int
    heard_at: int


@dataclass(frozen=True, slots=True)
class Room:
    """`there`: what the practitioner has chosen, None where patients are told nothing. `told`: what was said last, and when."""

    there: There | None = None
    expected: frozenset[bytes] = frozenset()
    waiting: Mapping[Who, Waits] = field(default_factory=lambda: MappingProxyType({}))
    told: Mapping[Who, tuple[There, int]] = field(default_factory=lambda: MappingProxyType({}))


def heard(room: Room, who: Who, there: There, now: int) -> Room:
    """Somebody says that they are there, or look elsewhere."""
    known = room.waiting.get(who)
    if known is None and len(room.waiting) >= 2 * MOST:
        return room
    since = known.since if known is not None and known.there is there else now
    return replace(room, waiting={**room.waiting, who: Waits(there, since, now)})


def believed(room: Room, now: int) -> Room:
    """Without those who have said nothing for too long."""
    left = {who: one for who, one in room.waiting.items() if now - one.heard_at <= BELIEVED_MS}
    return room if len(left) == len(room.waiting) else replace(room, waiting=left)


def tick(
    room: Room, visitors: Sequence[Visitor], there: There | None, now: int
) -> tuple[Room, tuple[tuple[Who, There], ...]]:
    """What is to be told now, and to whom; `there`: where the practitioner is, which a consultation or a locked screen changes.
    Whoever was told that the practice is there is told, too, that it is not any more; whoever may not be told waits no more."""
    may = {(one.conversation, one.key): one for one in visitors}
    room = believed(room, now)
    room = replace(room, waiting={who: one for who, one in room.waiting.items() if who in may})
    told = {who: said for who, said in room.told.items() if who in may}
    if there is None:
        leaving = tuple((who, There.AWAY) for who, (said, _) in told.items() if said is not There.AWAY)
        return replace(room, told={}), leaving

    def rank(one: Visitor) -> int:
        who = one.conversation, one.key
        return (
            0 if one.conversation in room.expected else 1 if who in room.waiting else 2 if one.recent else 3
        )

    chosen = [who for who, one in sorted(may.items(), key=lambda item: rank(item[1])) if rank(one) < 3][:MOST]
    due = [
        who for who in chosen if who not in told or told[who][0] is not there or now - told[who][1] >= TELL_MS
    ]
    # Whoever fell out of it believes what was said for a while, and then knows nothing: as it is.
    kept = {who: said for who, said in told.items() if who in chosen}
    return replace(room, told={**kept, **dict.fromkeys(due, (there, now))}), tuple(
        (who, there) for who in due
    )
