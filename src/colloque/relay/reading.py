"""One reader of one queue: what it was handed, what it confirmed, and what it still has to get (`spec/relay.md` R13 to R16).

New mail goes to a reader that is not behind straight from memory, after its commit. A reader that is behind is fed from the
table, a few at a time, as fast as it confirms and its line carries: it never holds more than a few envelopes of memory here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from colloque.store.relay.database import RelayDatabase
from colloque.store.relay.queues import Stored, fetch
from colloque.wire.frames.answers import Message, TakenOver, encode_answer
from colloque.wire.frames.position import START, Position

FETCHED_AT_ONCE = 16


class Line(Protocol):
    """A connection, as a reading sees it."""

    def push(self, frame: bytes) -> None: ...

    @property
    def crowded(self) -> bool:
        """Whether enough waits to go out already."""
        ...


@dataclass(slots=True)
class Reading:
    handle: int
    queue: int
    line: Line
    window: int
    handed: Position = START
    confirmed: Position = START
    out: int = 0
    behind: bool = True
    fetching: bool = False
    over: bool = False
    outstanding: list[Position] = field(default_factory=list)

    def hand(self, stored: Stored) -> None:
        self.handed = stored.position
        self.outstanding.append(stored.position)
        self.line.push(encode_answer(0, Message(self.handle, stored.position, stored.envelope)))

    @property
    def room(self) -> int:
        return self.window - len(self.outstanding)

    def confirm(self, position: Position) -> None:
        self.confirmed = max(self.confirmed, position)
        self.outstanding = [p for p in self.outstanding if p > position]


class Readings:
    """All readers. A queue has one at a time: the last who asked."""

    def __init__(self, database: RelayDatabase, handed_out: Callable[[int], None]) -> None:
        self._database = database
        self._by_queue: dict[int, Reading] = {}
        self._handed_out = handed_out

    def begin(self, reading: Reading) -> None:
        old = self._by_queue.get(reading.queue)
        if old is not None:
            old.over = True
            old.line.push(encode_answer(0, TakenOver(old.handle)))
        self._by_queue[reading.queue] = reading
        self.feed(reading)

    def end(self, reading: Reading) -> None:
        reading.over = True
        if self._by_queue.get(reading.queue) is reading:
            del self._by_queue[reading.queue]

    def dropped(self, queue: int) -> None:
        """The queue itself is gone."""
        reading = self._by_queue.pop(queue, None)
        if reading is not None:
            reading.over = True
            reading.line.push(encode_answer(0, TakenOver(reading.handle)))

    def arrived(self, queue: int, stored: Stored) -> None:
        """New mail, on the disk already."""
        reading = self._by_queue.get(queue)
        if reading is None:
            return
        if reading.behind or reading.room <= 0 or reading.line.crowded:
            reading.behind = True
            self.feed(reading)
            return
        reading.hand(stored)
        self._handed_out(1)

    def feed(self, reading: Reading) -> None:
        """Fetches the next few, where there is room for them."""
        room = min(reading.room, FETCHED_AT_ONCE)
        if reading.over or reading.fetching or not reading.behind or room <= 0 or reading.line.crowded:
            return
        reading.fetching = True

        def done(found: list[Stored] | None, error: BaseException | None) -> None:
            reading.fetching = False
            if reading.over or error is not None or found is None:
                return
            for stored in found:
                reading.hand(stored)
            self._handed_out(len(found))
            reading.behind = len(found) == room
            self.feed(reading)

        self._database.post(fetch(reading.queue, reading.handed, room), done)
