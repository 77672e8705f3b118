"""What a client says to a relay over its WebSocket (`spec/relay.md` R10 to R21)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Final

from colloque.wire.codec import Reader, WireError, Writer
from colloque.wire.frames.position import Position
from colloque.wire.sizes import (
    CAPABILITY_BYTES,
    ENVELOPE_BYTES,
    FRAME_BYTES,
    GRANT_BYTES,
    HASH_BYTES,
    WRITERS_PER_BATCH,
)


@dataclass(frozen=True, slots=True)
class WriterSpec:
    """One sender's capability, by its hash; `quota` messages of theirs may lie at once (0: the relay's own limit)."""

    hash: bytes
    quota: int = 0


def _write_specs(out: Writer, specs: tuple[WriterSpec, ...]) -> None:
    out.list(specs, lambda w, s: w.fixed(s.hash, HASH_BYTES).uint(s.quota, 2), WRITERS_PER_BATCH)


def _read_specs(source: Reader) -> tuple[WriterSpec, ...]:
    return source.list(lambda r: WriterSpec(r.fixed(HASH_BYTES), r.uint(2)), WRITERS_PER_BATCH)


@dataclass(frozen=True, slots=True)
class MakeQueue:
    OP: ClassVar[int] = 1
    grant: bytes = field(repr=False)
    read_hash: bytes
    writers: tuple[WriterSpec, ...]

    def write_to(self, out: Writer) -> None:
        out.opaque(self.grant, GRANT_BYTES, 1).fixed(self.read_hash, HASH_BYTES)
        _write_specs(out, self.writers)

    @classmethod
    def read_from(cls, source: Reader) -> MakeQueue:
        return cls(source.opaque(GRANT_BYTES, 1), source.fixed(HASH_BYTES), _read_specs(source))


@dataclass(frozen=True, slots=True)
class AddWriters:
    OP: ClassVar[int] = 2
    read: bytes = field(repr=False)
    writers: tuple[WriterSpec, ...]

    def write_to(self, out: Writer) -> None:
        _write_specs(out.fixed(self.read, CAPABILITY_BYTES), self.writers)

    @classmethod
    def read_from(cls, source: Reader) -> AddWriters:
        return cls(source.fixed(CAPABILITY_BYTES), _read_specs(source))


@dataclass(frozen=True, slots=True)
class DropWriters:
    OP: ClassVar[int] = 3
    read: bytes = field(repr=False)
    hashes: tuple[bytes, ...]

    def write_to(self, out: Writer) -> None:
        out.fixed(self.read, CAPABILITY_BYTES)
        out.list(self.hashes, lambda w, h: w.fixed(h, HASH_BYTES), 2 * WRITERS_PER_BATCH)

    @classmethod
    def read_from(cls, source: Reader) -> DropWriters:
        read = source.fixed(CAPABILITY_BYTES)
        return cls(read, source.list(lambda r: r.fixed(HASH_BYTES), 2 * WRITERS_PER_BATCH))


@dataclass(frozen=True, slots=True)
class Send:
    """`follows`: refused where the send before it, by the same capability on this line, was (`spec/relay.md` R12)."""

    OP: ClassVar[int] = 4
    write: bytes = field(repr=False)
    envelope: bytes = field(repr=False)
    follows: bool = False

    def write_to(self, out: Writer) -> None:
        out.fixed(self.write, CAPABILITY_BYTES).flag(self.follows).fixed(self.envelope, ENVELOPE_BYTES)

    @classmethod
    def read_from(cls, source: Reader) -> Send:
        write, follows = source.fixed(CAPABILITY_BYTES), source.flag()
        return cls(write, source.fixed(ENVELOPE_BYTES), follows)


@dataclass(frozen=True, slots=True)
class Read:
    OP: ClassVar[int] = 5
    read: bytes = field(repr=False)

    def write_to(self, out: Writer) -> None:
        out.fixed(self.read, CAPABILITY_BYTES)

    @classmethod
    def read_from(cls, source: Reader) -> Read:
        return cls(source.fixed(CAPABILITY_BYTES))


@dataclass(frozen=True, slots=True)
class Confirm:
    OP: ClassVar[int] = 6
    handle: int
    position: Position

    def write_to(self, out: Writer) -> None:
        self.position.write_to(out.uint(self.handle, 4))

    @classmethod
    def read_from(cls, source: Reader) -> Confirm:
        return cls(source.uint(4), Position.read_from(source))


@dataclass(frozen=True, slots=True)
class StopReading:
    OP: ClassVar[int] = 7
    handle: int

    def write_to(self, out: Writer) -> None:
        out.uint(self.handle, 4)

    @classmethod
    def read_from(cls, source: Reader) -> StopReading:
        return cls(source.uint(4))


@dataclass(frozen=True, slots=True)
class RotateRead:
    OP: ClassVar[int] = 8
    read: bytes = field(repr=False)
    new_hash: bytes

    def write_to(self, out: Writer) -> None:
        out.fixed(self.read, CAPABILITY_BYTES).fixed(self.new_hash, HASH_BYTES)

    @classmethod
    def read_from(cls, source: Reader) -> RotateRead:
        return cls(source.fixed(CAPABILITY_BYTES), source.fixed(HASH_BYTES))


@dataclass(frozen=True, slots=True)
class DropQueue:
    OP: ClassVar[int] = 9
    read: bytes = field(repr=False)

    def write_to(self, out: Writer) -> None:
        out.fixed(self.read, CAPABILITY_BYTES)

    @classmethod
    def read_from(cls, source: Reader) -> DropQueue:
        return cls(source.fixed(CAPABILITY_BYTES))


@dataclass(frozen=True, slots=True)
class LendGrant:
    """Draws `queues` from the grant shown, for whoever holds the grant behind `new_hash`; `seconds` until it ends."""

    OP: ClassVar[int] = 10
    grant: bytes = field(repr=False)
    new_hash: bytes
    queues: int
    seconds: int

    def write_to(self, out: Writer) -> None:
        out.opaque(self.grant, GRANT_BYTES, 1).fixed(self.new_hash, HASH_BYTES)
        out.uint(self.queues, 2).uint(self.seconds, 4)

    @classmethod
    def read_from(cls, source: Reader) -> LendGrant:
        return cls(source.opaque(GRANT_BYTES, 1), source.fixed(HASH_BYTES), source.uint(2), source.uint(4))


Command = (
    MakeQueue
    | AddWriters
    | DropWriters
    | Send
    | Read
    | Confirm
    | StopReading
    | RotateRead
    | DropQueue
    | LendGrant
)

_COMMANDS: Final[dict[int, type[Command]]] = {
    c.OP: c
    for c in (
        MakeQueue,
        AddWriters,
        DropWriters,
        Send,
        Read,
        Confirm,
        StopReading,
        RotateRead,
        DropQueue,
        LendGrant,
    )
}


_SEND_BYTES: Final = 5 + CAPABILITY_BYTES + 1 + ENVELOPE_BYTES


def encode_command(request: int, command: Command) -> bytes:
    """`request`: the client's number for this command, not 0; the answer carries it."""
    out = Writer().uint(request, 4).uint(command.OP, 1)
    command.write_to(out)
    return out.done()


def decode_command(frame: bytes) -> tuple[int, Command]:
    """Raises `WireError`."""
    if len(frame) > FRAME_BYTES:
        raise WireError("a frame is too long")
    if len(frame) == _SEND_BYTES and frame[4] == Send.OP and frame[:4] != bytes(4) and frame[37] < 2:
        # The same, in fewer steps: a relay that is busy does little else than this.
        return int.from_bytes(frame[:4], "big"), Send(frame[5:37], frame[38:], frame[37] == 1)
    source = Reader(frame)
    request, op = source.uint(4), source.uint(1)
    kind = _COMMANDS.get(op)
    if kind is None or request == 0:
        raise WireError("a frame of an unknown command, or without a number")
    command = kind.read_from(source)
    source.end()
    return request, command
