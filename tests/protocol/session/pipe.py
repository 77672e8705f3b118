"""A relay in memory, as the ends see one: queues with positions, capabilities to write, and whatever may go wrong."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from colloque.protocol.session.model import OwnQueue
from colloque.wire.frames.position import Position


@dataclass
class Line:
    """One queue: what lies in it, and how far its reader has confirmed."""

    writers: set[bytes]
    confirmed: Position = field(default_factory=lambda: Position(0, 0))
    given: int = 0
    waiting: list[tuple[Position, bytes]] = field(default_factory=list)


def digest(capability: bytes) -> bytes:
    return hashlib.sha256(capability).digest()


@dataclass
class Pipe:
    """`incarnation` grows at each restart, as `spec/relay.md` R8 has it. All that was ever accepted is in `past`."""

    lines: dict[bytes, Line] = field(default_factory=dict)
    incarnation: int = 1
    past: list[tuple[bytes, bytes]] = field(default_factory=list)

    def make(self, queue: OwnQueue) -> None:
        if queue.read not in self.lines:
            self.lines[queue.read] = Line({digest(writer) for writer in queue.writers})

    def drop(self, read: bytes) -> None:
        self.lines.pop(read, None)

    def drop_writers(self, read: bytes, hashes: list[bytes]) -> None:
        if read in self.lines:
            self.lines[read].writers -= set(hashes)

    def send(self, write: bytes, envelope: bytes) -> bool:
        """Whether it was accepted; otherwise there is no such queue, or not this capability."""
        for read, line in self.lines.items():
            if digest(write) in line.writers:
                self.put(read, envelope)
                self.past.append((read, envelope))
                return True
        return False

    def put(self, read: bytes, envelope: bytes) -> None:
        line = self.lines[read]
        line.given += 1
        line.waiting.append((Position(self.incarnation, line.given), envelope))

    def confirm(self, read: bytes, at: Position) -> None:
        line = self.lines[read]
        line.confirmed = max(line.confirmed, at)
        line.waiting = [one for one in line.waiting if one[0] > line.confirmed]

    def restart(self) -> None:
        self.incarnation += 1
        for line in self.lines.values():
            line.given = 0

    def shuffle(self, read: bytes, order: list[int]) -> None:
        """What a relay must not do: the same positions, other envelopes at them."""
        line = self.lines[read]
        envelopes = [envelope for _, envelope in line.waiting]
        chosen = sorted(range(len(envelopes)), key=lambda n: (order[n % len(order)], n) if order else (0, n))
        line.waiting = [(at, envelopes[n]) for (at, _), n in zip(line.waiting, chosen, strict=True)]
