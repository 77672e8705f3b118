"""What a consultation's report says (Code de la santé publique, R6316-3 and R6316-4), and what must not be missing in it.

Rules only. What was none is said to be none: an empty field says nothing.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final
from zoneinfo import ZoneInfo

from colloque.wire.profile import Profile

LONG_CHARACTERS: Final = 8_000
NAME_CHARACTERS: Final = 200
PEOPLE: Final = 20
_DAY_MS: Final = 86_400_000


@dataclass(frozen=True, slots=True)
class Stated:
    """Words, or, where they are empty, the statement that there was none."""

    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Report:
    """Times in milliseconds, shown in `zone`. `held`: video or sound. `corrects`: the id of an earlier report."""

    id: bytes
    made_at: int
    writer: Profile = field(repr=False)
    language: str
    zone: str
    patient: str = field(repr=False)
    born: date = field(repr=False)
    verified: bool
    people: tuple[str, ...] = field(repr=False)
    began: int
    ended: int
    held: str
    found: str = field(repr=False)
    acts: Stated
    prescriptions: Stated
    incidents: Stated
    corrects: bytes | None = None

    def fields(self) -> str:
        """As `read` takes them, in JSON: what the record keeps beside the sheet."""

        def stated(one: Stated) -> dict[str, Any]:
            return {"none": not one.text, "text": one.text}

        return json.dumps(
            {
                "language": self.language,
                "zone": self.zone,
                "patient": {"name": self.patient, "born": self.born.isoformat(), "verified": self.verified},
                "people": list(self.people),
                "began": self.began,
                "ended": self.ended,
                "held": self.held,
                "found": self.found,
                "acts": stated(self.acts),
                "prescriptions": stated(self.prescriptions),
                "incidents": stated(self.incidents),
                "corrects": None if self.corrects is None else self.corrects.hex(),
            },
            ensure_ascii=False,
        )


class _Fields:
    """Reads one object's fields, and gathers the names of those that will not do."""

    def __init__(self, given: dict[str, Any]) -> None:
        self._given = given
        self.wrong: list[str] = []

    def within(self, name: str) -> _Fields:
        inner = self._given.get(name)
        found = _Fields(inner if isinstance(inner, dict) else {})
        found.wrong = self.wrong
        return found

    def bad(self, name: str) -> None:
        if name not in self.wrong:
            self.wrong.append(name)

    def text(self, name: str, most: int, told: str) -> str:
        value = self._given.get(name)
        if not isinstance(value, str) or not value.strip() or len(value) > most or not _is_writable(value):
            self.bad(told)
            return ""
        return value.strip()

    def one_line(self, name: str, told: str) -> str:
        value = self.text(name, NAME_CHARACTERS, told)
        if not value.isprintable():
            self.bad(told)
        return value

    def lines(self, name: str, told: str) -> tuple[str, ...]:
        value = self._given.get(name)
        if not isinstance(value, list) or not 1 <= len(value) <= PEOPLE:
            self.bad(told)
            return ()
        each = _Fields({str(n): one for n, one in enumerate(value)})
        each.wrong = self.wrong
        return tuple(each.one_line(str(n), told) for n in range(len(value)))

    def number(self, name: str, told: str) -> int:
        value = self._given.get(name)
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 1 << 43:
            self.bad(told)
            return 0
        return value

    def flag(self, name: str, told: str) -> bool:
        value = self._given.get(name)
        if not isinstance(value, bool):
            self.bad(told)
        return value is True

    def among(self, name: str, known: tuple[str, ...], told: str) -> str:
        value = self._given.get(name)
        if value not in known:
            self.bad(told)
            return known[0]
        return str(value)

    def stated(self, name: str) -> Stated:
        """Either words, or "none" ticked: never both, never neither."""
        inner = self.within(name)
        if inner._given.get("none") is True and inner._given.get("text", "") == "":
            return Stated("")
        if inner._given.get("none") is not False:
            self.bad(name)
            return Stated("")
        return Stated(inner.text("text", LONG_CHARACTERS, name))


def read(
    given: dict[str, Any], ident: bytes, writer: Profile, now: int
) -> Report | tuple[str, ...]:  # fmt: skip
    """The report, or the names of the fields that are missing or will not do, each once."""
    fields = _Fields(given)
    patient = fields.within("patient")
    name, born = patient.one_line("name", "patient"), _born(patient, now)
    verified = patient.flag("verified", "verified")
    zone = fields.text("zone", 64, "zone")
    if zone and not _is_zone(zone):
        fields.bad("zone")
    people = fields.lines("people", "people")
    began, ended = fields.number("began", "began"), fields.number("ended", "ended")
    if began > now:
        fields.bad("began")
    if not began <= ended <= now or ended - began > _DAY_MS:
        fields.bad("ended")
    report = Report(
        id=ident,
        made_at=now,
        writer=writer,
        language=fields.among("language", ("fr", "en"), "language"),
        zone=zone,
        patient=name,
        born=born,
        verified=verified,
        people=people,
        began=began,
        ended=ended,
        held=fields.among("held", ("video", "sound"), "held"),
        found=fields.text("found", LONG_CHARACTERS, "found"),
        acts=fields.stated("acts"),
        prescriptions=fields.stated("prescriptions"),
        incidents=fields.stated("incidents"),
        corrects=_corrects(fields),
    )
    return tuple(fields.wrong) if fields.wrong else report


def _born(patient: _Fields, now: int) -> date:
    try:
        born = date.fromisoformat(patient.text("born", 10, "born"))
    except ValueError:
        born = date.max
    # Whoever is born today somewhere is not yet so everywhere.
    if not born.year >= 1880 or (born - date(1970, 1, 1)).days > now // _DAY_MS + 1:
        patient.bad("born")
    return born


def _corrects(fields: _Fields) -> bytes | None:
    value = fields._given.get("corrects")
    if value is None:
        return None
    try:
        found = bytes.fromhex(value) if isinstance(value, str) else b""
    except ValueError:
        found = b""
    if len(found) != 16:
        fields.bad("corrects")
        return None
    return found


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return False
    return True


def _is_writable(text: str) -> bool:
    """Nothing that moves what a reader sees: no control but the end of a line, and no half of a character."""
    return all(one.isprintable() or one in "\n\t" for one in text)
