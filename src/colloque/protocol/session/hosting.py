"""The host's books: every member's queue, and who holds which capability of it (`spec/sessions.md` S12).

Members make their queues with a batch of capabilities and hand all of them to the host; the host gives each pair of members
one of its own, and keeps the spares for whoever comes later. A capability is never given twice.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from colloque.wire.address import QueueOffer
from colloque.wire.codec import Reader, WireError, Writer
from colloque.wire.content.roster import MEMBERS
from colloque.wire.signing import SIGNATURE_KEY_BYTES


class NoSpareLeft(WireError):
    """A member's queue has no capability left to give: that member must renew first."""


@dataclass(frozen=True, slots=True)
class Seat:
    """One member as the host sees it. `given`: (whose, index) of the capabilities of `queue` that were handed out.
    `recovery` is shared by the host and this member alone."""

    key: bytes
    queue: QueueOffer = field(repr=False)
    next: int
    recovery: bytes = field(repr=False)
    given: tuple[tuple[bytes, int], ...] = ()

    def index_of(self, holder: bytes) -> int | None:
        return next((index for who, index in self.given if who == holder), None)

    def give(self, holder: bytes) -> Seat:
        """With one more capability given, to `holder`."""
        if self.index_of(holder) is not None:
            return self
        if self.next >= len(self.queue.writers):
            raise NoSpareLeft("a member's queue has no capability left to give")
        return replace(self, next=self.next + 1, given=(*self.given, (holder, self.next)))

    def take_back(self, holder: bytes) -> Seat:
        return replace(self, given=tuple(pair for pair in self.given if pair[0] != holder))

    def write_to(self, out: Writer) -> None:
        self.queue.write_to(out.fixed(self.key, SIGNATURE_KEY_BYTES)).uint(self.next, 1).fixed(
            self.recovery, 32
        )
        out.list(self.given, lambda w, pair: w.fixed(pair[0], SIGNATURE_KEY_BYTES).uint(pair[1], 1), 64)

    @classmethod
    def read_from(cls, source: Reader) -> Seat:
        key, queue = source.fixed(SIGNATURE_KEY_BYTES), QueueOffer.read_from(source)
        next_index, recovery = source.uint(1), source.fixed(32)
        given = source.list(lambda r: (r.fixed(SIGNATURE_KEY_BYTES), r.uint(1)), 64)
        return cls(key, queue, next_index, recovery, given)


@dataclass(frozen=True, slots=True)
class Hosting:
    """Every member's seat, the host's own among them."""

    seats: tuple[Seat, ...] = ()

    def seat(self, key: bytes) -> Seat | None:
        return next((seat for seat in self.seats if seat.key == key), None)

    def introduce(self, key: bytes, queue: QueueOffer, recovery: bytes) -> Hosting:
        """A newcomer gets a capability of everybody's queue, and everybody one of theirs."""
        if self.seat(key) is not None:
            return replace(self, seats=tuple(s for s in self.seats if s.key != key)).introduce(
                key, queue, recovery
            )
        if len(self.seats) >= MEMBERS:
            raise WireError(f"a conversation has at most {MEMBERS} members")
        newcomer = Seat(key, queue, 0, recovery)
        for seat in self.seats:
            newcomer = newcomer.give(seat.key)
        return Hosting((*(seat.take_back(key).give(key) for seat in self.seats), newcomer))

    def dismiss(self, key: bytes) -> Hosting:
        return Hosting(tuple(seat.take_back(key) for seat in self.seats if seat.key != key))

    def encode(self) -> bytes:
        return Writer().uint(1, 1).list(self.seats, lambda w, seat: seat.write_to(w), MEMBERS).done()

    @classmethod
    def decode(cls, data: bytes) -> Hosting:
        source = Reader(data)
        if source.uint(1) != 1:
            raise WireError("a host's books of another version")
        value = cls(source.list(Seat.read_from, MEMBERS))
        source.end()
        return value
