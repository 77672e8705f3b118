"""The presentation language of RFC 9420 section 2.1: integers, optional values, and vectors of minimal variable length."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import Any, Protocol, Self, TypeVar

from colloque.mls.errors import DecodeError

T = TypeVar("T")
MAX_VECTOR = (1 << 30) - 1


def varint(length: int) -> bytes:
    """A length in the fewest bytes (RFC 9420 2.1.2)."""
    if length < 1 << 6:
        return length.to_bytes(1, "big")
    if length < 1 << 14:
        return (length | 1 << 14).to_bytes(2, "big")
    if length < 1 << 30:
        return (length | 2 << 30).to_bytes(4, "big")
    # MUST 6.3.1-5, 15.2-1
    raise DecodeError("a vector is too long")


def vector(data: bytes) -> bytes:
    """`opaque data<V>`."""
    return varint(len(data)) + data


class Reader:
    """Takes values from the front of `data`; raises `DecodeError` where they are not there."""

    __slots__ = ("_at", "_data", "_end")

    def __init__(self, data: bytes, at: int = 0, end: int | None = None) -> None:
        self._data = data
        self._at = at
        self._end = len(data) if end is None else end

    def fixed(self, size: int) -> bytes:
        end = self._at + size
        if end > self._end:
            raise DecodeError("the bytes end too early")
        piece = self._data[self._at : end]
        self._at = end
        return piece

    def uint(self, size: int) -> int:
        return int.from_bytes(self.fixed(size), "big")

    def length(self) -> int:
        """A variable-size length; refuses one that is longer than it must be."""
        first = self.uint(1)
        prefix = first >> 6
        # MUST 2.1.2-1
        if prefix == 3:
            raise DecodeError("a length with a reserved prefix")
        if prefix == 0:
            return first & 0x3F
        size = 1 << prefix
        value = ((first & 0x3F) << (8 * (size - 1))) | self.uint(size - 1)
        if value < (1 << 6 if prefix == 1 else 1 << 14):
            raise DecodeError("a length that is not minimal")
        return value

    def opaque(self) -> bytes:
        return self.fixed(self.length())

    def _part(self) -> Reader:
        length = self.length()
        if length > self._end - self._at:
            raise DecodeError("the bytes end too early")
        part = Reader(self._data, self._at, self._at + length)
        self._at += length
        return part

    def vector(self, read: Callable[[Reader], T]) -> tuple[T, ...]:
        """Values one after another in a vector."""
        part = self._part()
        values = []
        while part._at < part._end:
            before = part._at
            values.append(read(part))
            if part._at == before:
                raise DecodeError("an empty value in a vector")
        return tuple(values)

    def optional(self, read: Callable[[Reader], T]) -> T | None:
        # MUST 2.1.1-1
        present = self.uint(1)
        if present > 1:
            raise DecodeError("a presence byte that is neither 0 nor 1")
        return read(self) if present else None

    @property
    def at(self) -> int:
        return self._at

    def since(self, start: int) -> bytes:
        """The bytes that were read from `start` on, which was `at` once."""
        return self._data[start : self._at]

    def rest(self) -> bytes:
        return self.fixed(self._end - self._at)

    @property
    def empty(self) -> bool:
        return self._at == self._end

    def end(self) -> None:
        if self._at != self._end:
            raise DecodeError("bytes are left over")


class Encodable(Protocol):
    def encode(self) -> bytes: ...


def vector_of(values: Iterable[Encodable]) -> bytes:
    return vector(b"".join(value.encode() for value in values))


def ascending(keys: Iterable[Any]) -> bool:
    """Whether each is above the one before: so a mapping has one encoding only."""
    return all(a < b for a, b in pairwise(keys))


def optional(value: Encodable | None) -> bytes:
    return b"\x00" if value is None else b"\x01" + value.encode()


def u8(value: int) -> bytes:
    return value.to_bytes(1, "big")


def u16(value: int) -> bytes:
    return value.to_bytes(2, "big")


def u32(value: int) -> bytes:
    return value.to_bytes(4, "big")


def u64(value: int) -> bytes:
    return value.to_bytes(8, "big")


class Wire:
    """What every struct has: `decode` of whole bytes, made of its `read`."""

    __slots__ = ()

    @classmethod
    def read(cls, source: Reader) -> Self:
        raise DecodeError(f"an abstract struct: {len(source._data)} bytes")

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Takes any bytes; gives a value or raises `DecodeError`. Refuses what is left over."""
        source = Reader(data)
        value = cls.read(source)
        source.end()
        return value
