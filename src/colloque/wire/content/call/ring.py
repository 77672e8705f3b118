"""Somebody calls: who is to be in the call, and where to telephone if it does not come about (`spec/calls.md` C4)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Final

from colloque.wire.codec import Reader, WireError, Writer
from colloque.wire.content.call.bound import CALL_BYTES
from colloque.wire.signing import SIGNATURE_KEY_BYTES

IN_A_CALL: Final = 4
TELEPHONE_BYTES: Final = 40


@dataclass(frozen=True, slots=True)
class Ring:
    """`people`: the signature keys of all who are in it, its author too. `video`: whether pictures are meant. `telephone`:
    a number to call back, or empty. A later one of the same call says anew who is in it."""

    KIND: ClassVar[int] = 16
    call: bytes
    people: tuple[bytes, ...]
    video: bool
    telephone: str = field(repr=False)

    def write_to(self, out: Writer) -> None:
        self._check()
        out.fixed(self.call, CALL_BYTES)
        out.list(self.people, lambda w, key: w.fixed(key, SIGNATURE_KEY_BYTES), IN_A_CALL)
        out.flag(self.video).text(self.telephone, TELEPHONE_BYTES, 1)

    @classmethod
    def read_from(cls, source: Reader) -> Ring:
        call = source.fixed(CALL_BYTES)
        people = source.list(lambda s: s.fixed(SIGNATURE_KEY_BYTES), IN_A_CALL)
        value = cls(call, people, source.flag(), source.text(TELEPHONE_BYTES, 1))
        value._check()
        return value

    def _check(self) -> None:
        if len(self.people) < 2 or len(set(self.people)) != len(self.people):
            raise WireError("a call wants two to four people, none twice")
        check_telephone(self.telephone)


def check_telephone(number: str) -> None:
    """Raises `WireError`."""
    if not set(number) <= set("+0123456789 "):
        raise WireError("a telephone number with other signs than digits")
