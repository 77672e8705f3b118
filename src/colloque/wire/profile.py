"""What a person states of themself: shown as "stated by them" until it has been verified."""

from __future__ import annotations

import re
from dataclasses import dataclass

from colloque.wire.codec import Reader, WireError, Writer

NAME_BYTES = 200
_RPPS = re.compile(r"[0-9]{11}")


def check_rpps(number: str) -> str:
    """An RPPS number: 11 digits, the last a Luhn key. Raises `WireError`."""
    if not _RPPS.fullmatch(number):
        raise WireError("an RPPS number has 11 digits")
    total = 0
    for place, digit in enumerate(reversed(number)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    if total % 10:
        raise WireError("this RPPS number's last digit, its key, is wrong")
    return number


def check_name(name: str) -> str:
    """A name that a line of text can show: not empty, and nothing in it that moves a cursor. Raises `WireError`."""
    if not name.strip() or not name.isprintable():
        raise WireError("a name is empty or not printable")
    return name


@dataclass(frozen=True, slots=True)
class Profile:
    """Name, profession and RPPS number (empty where none is stated) (`spec/wire.md` W12)."""

    name: str
    profession: str = ""
    rpps: str = ""

    def write_to(self, out: Writer) -> Writer:
        check_name(self.name)
        if self.profession:
            check_name(self.profession)
        if self.rpps:
            check_rpps(self.rpps)
        out.text(self.name, NAME_BYTES, 1).text(self.profession, NAME_BYTES, 1)
        return out.text(self.rpps, 11, 1)

    @classmethod
    def read_from(cls, source: Reader) -> Profile:
        value = cls(source.text(NAME_BYTES, 1), source.text(NAME_BYTES, 1), source.text(11, 1))
        value.write_to(Writer())
        return value
