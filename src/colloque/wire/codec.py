"""Reading and writing of the wire's bytes: fixed integers, fixed bytes, length-prefixed bytes, lists.

Every format of `wire` is made of these pieces only (`spec/wire.md` W1 to W4), so that each decoder is bounded,
refuses what is left over, and gives back the same bytes when its value is encoded again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")


class WireError(ValueError):
    """Bytes that are not a value of the format asked for. The message never quotes the bytes."""


class Reader:
    """Takes pieces from the front of `data`; every method raises `WireError` where they are not there."""

    __slots__ = ("_at", "_data")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def fixed(self, size: int) -> bytes:
        """Exactly `size` bytes."""
        end = self._at + size
        if end > len(self._data):
            raise WireError("the bytes end too early")
        piece = self._data[self._at : end]
        self._at = end
        return piece

    def uint(self, size: int) -> int:
        """An unsigned big-endian integer of `size` bytes."""
        return int.from_bytes(self.fixed(size), "big")

    def flag(self) -> bool:
        """One byte, 0 or 1."""
        value = self.uint(1)
        if value > 1:
            raise WireError("a flag is neither 0 nor 1")
        return value == 1

    def opaque(self, limit: int, size: int = 2) -> bytes:
        """A length of `size` bytes, at most `limit`, and that many bytes."""
        length = self.uint(size)
        if length > limit:
            raise WireError(f"a field is longer than {limit} bytes")
        return self.fixed(length)

    def text(self, limit: int, size: int = 2) -> str:
        """UTF-8 text of at most `limit` bytes, without NUL."""
        try:
            value = self.opaque(limit, size).decode("utf-8")
        except UnicodeDecodeError:
            raise WireError("a text is not UTF-8") from None
        if "\0" in value:
            raise WireError("a text holds NUL")
        return value

    def list(self, read: Callable[[Reader], T], limit: int) -> tuple[T, ...]:
        """A count of two bytes, at most `limit`, and that many values."""
        count = self.uint(2)
        if count > limit:
            raise WireError(f"a list is longer than {limit}")
        return tuple(read(self) for _ in range(count))

    def rest(self) -> bytes:
        """Everything that is left."""
        return self.fixed(len(self._data) - self._at)

    def end(self) -> None:
        """Refuses bytes that nothing asked for."""
        if self._at != len(self._data):
            raise WireError("bytes are left over")


class Writer:
    """Builds bytes from pieces; raises `WireError` where a value does not fit its field."""

    __slots__ = ("_parts",)

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def fixed(self, value: bytes, size: int) -> Writer:
        if len(value) != size:
            raise WireError(f"a field wants exactly {size} bytes")
        self._parts.append(bytes(value))
        return self

    def uint(self, value: int, size: int) -> Writer:
        if not 0 <= value < 1 << (8 * size):
            raise WireError(f"a number does not fit {size} bytes")
        self._parts.append(value.to_bytes(size, "big"))
        return self

    def flag(self, value: bool) -> Writer:
        return self.uint(int(value), 1)

    def opaque(self, value: bytes, limit: int, size: int = 2) -> Writer:
        if len(value) > limit:
            raise WireError(f"a field is longer than {limit} bytes")
        return self.uint(len(value), size).raw(value)

    def text(self, value: str, limit: int, size: int = 2) -> Writer:
        if "\0" in value:
            raise WireError("a text holds NUL")
        try:
            return self.opaque(value.encode("utf-8"), limit, size)
        except UnicodeEncodeError:
            raise WireError("a text is not UTF-8") from None

    def list(self, values: Sequence[T], write: Callable[[Writer, T], object], limit: int) -> Writer:
        if len(values) > limit:
            raise WireError(f"a list is longer than {limit}")
        self.uint(len(values), 2)
        for value in values:
            write(self, value)
        return self

    def raw(self, value: bytes) -> Writer:
        """Bytes whose length is known otherwise."""
        self._parts.append(bytes(value))
        return self

    def done(self) -> bytes:
        return b"".join(self._parts)
