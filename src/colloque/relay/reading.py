"""One reader of one queue: what it was handed, what it confirmed, and what it still has to get (`spec/relay.md` R13 to R16).

New mail goes to a reader that is not behind straight from memory, after its commit. A reader that is behind is fed from the
table as fast as it confirms and its line carries. A line has one such fetch under way at a time, whatever the number of
queues read over it, so that a slow one holds no more than a few envelopes of memory here.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from colloque.store.relay.database import RelayDatabase
from colloque.store.relay.queues import Stored, fetch
from colloque.wire.frames.answers import Message, TakenOver, encode_answer
from colloque.wire.frames.position import START, Position

FETCHED_AT_ONCE = 16


class Line(Protocol):
    """A connection, as its readings see it."""

    hungry: deque[Reading]
    """Readings that wait for their turn to be fed."""
    fetching: bool

    def push(self, frame: bytes) -> None: ...

    @property
    def crowded(self) -> bool:
        """Whether enough waits to go out already."""
        ...


@dataclass(slots=True, eq=False)
class Reading:
    """`behind`: whether mail lies in the table that was not handed out here. `over`: taken over, stopped or dropped."""

    handle: int
    queue: int
    line: Line
    window: int
    handed: Position = START
    behind: bool = True
    waits: bool = False
    over: bool = False
    outstanding: deque[Position] = field(default_factory=deque)
    confirming: list[tuple[int, Position]] = field(default_factory=list)
    """Asked for, (request, position), while another confirmation is under way."""
    confirms: bool = False

    def hand(self, stored: Stored) -> None:
        self.handed = stored.position
        self.outstanding.append(stored.position)
        self.line.push(encode_answer(0, Message(self.handle, stored.position, stored.envelope)))

    @property
    def room(self) -> int:
        return self.window - len(self.outstanding)

    def confirm(self, position: Position) -> int:
        """How many of those handed out are confirmed with it."""
        count = 0
        while self.outstanding and self.outstanding[0] <= position:
            self.outstanding.popleft()
            count += 1
        return count


class Readings:
    """All readers. A queue has one at a time: the last who asked."""

    def __init__(self, database: RelayDatabase, handed_out: Callable[[int], None]) -> None:
        self._database = database
        self._by_queue: dict[int, Reading] = {}
        self._handed_out = handed_out

    def queues(self) -> list[int]:
        """Those that have a reader now."""
        return list(self._by_queue)

    def begin(self, reading: Reading) -> None:
        self._finish(self._by_queue.get(reading.queue))
        self._by_queue[reading.queue] = reading
        self.feed(reading)

    def end(self, reading: Reading) -> None:
        reading.over = True
        if self._by_queue.get(reading.queue) is reading:
            del self._by_queue[reading.queue]

    def dropped(self, queue: int) -> None:
        """The queue itself is gone."""
        self._finish(self._by_queue.pop(queue, None))

    @staticmethod
    def _finish(reading: Reading | None) -> None:
        if reading is not None:
            reading.over = True
            reading.line.push(encode_answer(0, TakenOver(reading.handle)))

    def arrived(self, queue: int, stored: Stored) -> None:
        """New mail, on the disk already. Called in the order of the commits."""
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
        """Has the next few fetched, when its turn comes and where there is room for them."""
        if reading.behind and not reading.waits and not reading.over and reading.room > 0:
            reading.waits = True
            reading.line.hungry.append(reading)
        self.feed_line(reading.line)

    def feed_line(self, line: Line) -> None:
        while line.hungry and not line.fetching and not line.crowded:
            reading = line.hungry.popleft()
            room = min(reading.room, FETCHED_AT_ONCE)
            if reading.over or room <= 0:
                reading.waits = False
                continue
            self._fetch(reading, room)

    def _fetch(self, reading: Reading, room: int) -> None:
        line = reading.line
        line.fetching = True

        def done(found: list[Stored] | None, _error: BaseException | None) -> None:
            line.fetching = reading.waits = False
            if not reading.over and found is not None:
                for stored in found:
                    reading.hand(stored)
                self._handed_out(len(found))
                reading.behind = len(found) == room
            self.feed(reading)

        self._database.post(fetch(reading.queue, reading.handed, room), done)
