"""What a relay says to a client over its WebSocket (`spec/relay.md` R10 to R23)."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from enum import IntEnum
from typing import ClassVar, Final

from colloque.wire.codec import Reader, WireError, Writer
from colloque.wire.frames.position import Position
from colloque.wire.sizes import ENVELOPE_BYTES, FRAME_BYTES


class Code(IntEnum):
    """Why a command was refused. Senders see only NO and FULL: the one for ever, the other for now."""

    NO = 1
    """No such queue, or it has expired, or the capability is wrong or was taken away: one answer for all of these."""
    FULL = 2
    RATE = 3
    GRANT = 4
    BEYOND = 5
    BAD = 6
    CLOSING = 7


@dataclass(frozen=True, slots=True)
class Done:
    OP: ClassVar[int] = 128

    def write_to(self, out: Writer) -> None:
        del out

    @classmethod
    def read_from(cls, source: Reader) -> Done:
        del source
        return cls()


@dataclass(frozen=True, slots=True)
class Made:
    """A queue is there: how many messages it holds at most, and after how many seconds unread it expires."""

    OP: ClassVar[int] = 129
    messages: int
    idle_seconds: int

    def write_to(self, out: Writer) -> None:
        out.uint(self.messages, 4).uint(self.idle_seconds, 4)

    @classmethod
    def read_from(cls, source: Reader) -> Made:
        return cls(source.uint(4), source.uint(4))


@dataclass(frozen=True, slots=True)
class Accepted:
    """The envelope is on the disk."""

    OP: ClassVar[int] = 130

    def write_to(self, out: Writer) -> None:
        del out

    @classmethod
    def read_from(cls, source: Reader) -> Accepted:
        del source
        return cls()


@dataclass(frozen=True, slots=True)
class Reading:
    """The reading `handle` has begun; `confirmed`: up to where; `waiting`: how many messages lie there now."""

    OP: ClassVar[int] = 131
    handle: int
    confirmed: Position
    waiting: int

    def write_to(self, out: Writer) -> None:
        self.confirmed.write_to(out.uint(self.handle, 4)).uint(self.waiting, 4)

    @classmethod
    def read_from(cls, source: Reader) -> Reading:
        return cls(source.uint(4), Position.read_from(source), source.uint(4))


@dataclass(frozen=True, slots=True)
class Message:
    """Handed out, unasked, in a reading."""

    OP: ClassVar[int] = 132
    handle: int
    position: Position
    envelope: bytes = field(repr=False)

    def write_to(self, out: Writer) -> None:
        self.position.write_to(out.uint(self.handle, 4)).fixed(self.envelope, ENVELOPE_BYTES)

    @classmethod
    def read_from(cls, source: Reader) -> Message:
        return cls(source.uint(4), Position.read_from(source), source.fixed(ENVELOPE_BYTES))


@dataclass(frozen=True, slots=True)
class TakenOver:
    """Another reader has taken the queue; this reading is over."""

    OP: ClassVar[int] = 133
    handle: int

    def write_to(self, out: Writer) -> None:
        out.uint(self.handle, 4)

    @classmethod
    def read_from(cls, source: Reader) -> TakenOver:
        return cls(source.uint(4))


@dataclass(frozen=True, slots=True)
class Confirmed:
    """Everything up to `position` is gone."""

    OP: ClassVar[int] = 134
    position: Position

    def write_to(self, out: Writer) -> None:
        self.position.write_to(out)

    @classmethod
    def read_from(cls, source: Reader) -> Confirmed:
        return cls(Position.read_from(source))


@dataclass(frozen=True, slots=True)
class Refused:
    """`retry_after` in milliseconds, 0 where trying again is of no use."""

    OP: ClassVar[int] = 135
    code: Code
    retry_after: int = 0

    def write_to(self, out: Writer) -> None:
        out.uint(self.code, 1).uint(self.retry_after, 4)

    @classmethod
    def read_from(cls, source: Reader) -> Refused:
        code = source.uint(1)
        if code not in list(Code):
            raise WireError("a refusal of an unknown kind")
        return cls(Code(code), source.uint(4))


_MESSAGE: Final = struct.Struct(">IBIQQ")

Answer = Done | Made | Accepted | Reading | Message | TakenOver | Confirmed | Refused

_ANSWERS: Final[dict[int, type[Answer]]] = {
    a.OP: a for a in (Done, Made, Accepted, Reading, Message, TakenOver, Confirmed, Refused)
}


def encode_answer(request: int, answer: Answer) -> bytes:
    """`request`: the command's number; 0 for what comes unasked."""
    if isinstance(answer, Message) and len(answer.envelope) == ENVELOPE_BYTES:
        # The same bytes, in one piece: a relay that is busy does little else than this.
        place = answer.position
        head = _MESSAGE.pack(request, Message.OP, answer.handle, place.incarnation, place.sequence)
        return head + answer.envelope
    out = Writer().uint(request, 4).uint(answer.OP, 1)
    answer.write_to(out)
    return out.done()


def decode_answer(frame: bytes) -> tuple[int, Answer]:
    """Raises `WireError`."""
    if len(frame) > FRAME_BYTES:
        raise WireError("a frame is too long")
    source = Reader(frame)
    request, op = source.uint(4), source.uint(1)
    kind = _ANSWERS.get(op)
    if kind is None:
        raise WireError("a frame of an unknown answer")
    answer = kind.read_from(source)
    source.end()
    return request, answer
