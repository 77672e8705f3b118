"""The record's reports: kept as they were sent, found again, never changed; and what is begun of one."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field

from colloque.store.client.database import Database
from colloque.wire.codec import WireError

LISTED = 200


@dataclass(frozen=True, slots=True)
class Kept:
    """One report. `fields`: JSON; `sheet`: the PDF; `name`: the file's; `readers`: the conversations that it is for."""

    id: bytes
    conversation: bytes
    made_at: int
    corrects: bytes | None
    fields: str = field(repr=False)
    sheet: bytes = field(repr=False)
    name: str
    readers: tuple[bytes, ...]


class Reports:
    def __init__(self, database: Database) -> None:
        self._db = database

    def keep(self, report: Kept) -> Kept:
        """Puts a report into the record, and ends its draft. One that is there already is given back as it is; raises
        `WireError` where another has its id, or where it corrects none of this conversation."""
        with self._db.transaction():
            known = self.get(report.id)
            if known is not None:
                if (known.conversation, known.fields, known.readers) != (
                    report.conversation,
                    report.fields,
                    report.readers,
                ):
                    raise WireError("a report is never changed: write a new one that corrects it")
                return known
            if report.corrects is not None:
                corrected = self.get(report.corrects)
                if corrected is None or corrected.conversation != report.conversation:
                    raise WireError("the report to be corrected is not in this conversation")
            self._db.execute(
                "INSERT INTO report VALUES (?,?,?,?,?,?,?,?)",
                *(report.id, report.conversation, report.made_at, report.corrects, report.fields),
                *(report.sheet, report.name, b"".join(report.readers)),
            )
            self.put_draft(report.conversation, None)
        return report

    def get(self, ident: bytes) -> Kept | None:
        found = self._select("id = ?", ident)
        return found[0] if found else None

    def find(self, conversation: bytes, words: str = "") -> list[Kept]:
        """Those of one conversation that hold every word, accents or not, newest first."""
        wanted = _plain(words).split()
        rows = self._select("conversation = ? ORDER BY made_at DESC, rowid DESC", conversation)
        return [one for one in rows if all(word in _plain(one.fields) for word in wanted)][:LISTED]

    def draft(self, conversation: bytes) -> str | None:
        row = self._db.one("SELECT fields FROM report_draft WHERE conversation = ?", conversation)
        return None if row is None else str(row[0])

    def put_draft(self, conversation: bytes, fields: str | None) -> None:
        """What is begun, or, by None, that nothing is."""
        with self._db.transaction():
            self._db.execute("DELETE FROM report_draft WHERE conversation = ?", conversation)
            if fields is not None:
                self._db.execute("INSERT INTO report_draft VALUES (?,?)", conversation, fields)

    def _select(self, where: str, value: bytes) -> list[Kept]:
        columns = "id, conversation, made_at, corrects, fields, sheet, name, readers"
        rows = self._db.all(f"SELECT {columns} FROM report WHERE {where}", value)
        return [
            Kept(ident, conversation, made_at, corrects, fields, sheet, name, _ids(readers))
            for ident, conversation, made_at, corrects, fields, sheet, name, readers in rows
        ]


def _ids(packed: bytes) -> tuple[bytes, ...]:
    return tuple(packed[at : at + 16] for at in range(0, len(packed), 16))


def _plain(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)).casefold()
