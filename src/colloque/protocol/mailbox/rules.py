"""The rules of a queue, without I/O: who may write, what may be confirmed, what has expired (`spec/relay.md`)."""

from __future__ import annotations

from dataclasses import dataclass

from colloque.protocol.mailbox.limits import Limits
from colloque.wire.frames.answers import Code
from colloque.wire.frames.position import Position


class Refusal(Exception):
    """A command that is not carried out. It says nothing but its code."""

    def __init__(self, code: Code, retry_after: int = 0) -> None:
        super().__init__(code.name)
        self.code = code
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Fill:
    """How full things are: one queue, what one writer has lying in it, the whole relay's bytes, and the disk's free ones."""

    queue: int
    writer: int
    quota: int
    total_bytes: int
    free_bytes: int


def check_room(fill: Fill, size: int, limits: Limits) -> None:
    """Raises FULL where one more message does not fit (R12). Mail that lies there is never put out for it."""
    quota = min(fill.quota or limits.writer_messages, limits.writer_messages)
    full = (
        fill.queue >= limits.queue_messages
        or fill.writer >= quota
        or fill.total_bytes + size > limits.total_bytes
        or fill.free_bytes - size < limits.minimum_free_bytes
    )
    if full:
        raise Refusal(Code.FULL, limits.retry_after_ms)


def check_confirm(position: Position, handed_out: Position, confirmed: Position) -> Position:
    """Where confirmation stands after `position` (R15): it never goes back, and never beyond what was handed out."""
    if position > max(handed_out, confirmed):
        raise Refusal(Code.BEYOND)
    return max(position, confirmed)


def expiry(now: int, seconds: int, limit: int) -> int:
    """When something given for `seconds` ends, in seconds since the epoch: at least a minute, at most `limit`."""
    return now + max(60, min(seconds, limit))


@dataclass(frozen=True, slots=True)
class Bucket:
    """A rate: `level` of what is left, refilled with time. `per_minute` is also its size."""

    per_minute: int
    level: float
    at: float

    def take(self, now: float) -> Bucket:
        """Raises RATE where nothing is left. `now` in seconds of any clock that does not go back."""
        refilled = self.level + max(0.0, now - self.at) * self.per_minute / 60
        level = min(float(self.per_minute), refilled)
        if level < 1:
            raise Refusal(Code.RATE, 60_000)
        return Bucket(self.per_minute, level - 1, now)
