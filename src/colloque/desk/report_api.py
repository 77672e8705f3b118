"""Reports of consultations: begun, kept in the record, and sent as a document; the sheet is made in memory."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime
from io import BytesIO
from typing import Any, Final
from urllib.parse import quote
from zoneinfo import ZoneInfo

from aiohttp import web

from colloque.client.client import Client
from colloque.desk.asked import Asked, hexadecimal, in_path
from colloque.desk.desk import Desk
from colloque.desk.document_api import SANDBOX
from colloque.desk.report import read
from colloque.desk.report_page import sheet
from colloque.store.client.reports import Kept
from colloque.wire.codec import WireError

WORDS_CHARACTERS: Final = 200
_FILE: Final = {"fr": "compte-rendu", "en": "report"}


class ReportApi:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[web.AbstractRouteDef]:
        one = "/api/conversations/{conversation}"
        return [
            web.get(one + "/reports", self.list),
            web.post(one + "/reports", self.write),
            web.get(one + "/report-draft", self.draft),
            web.post(one + "/report-draft", self.put_draft),
            web.get("/api/reports/{report}", self.sheet),
            web.post("/api/reports/{report}/send", self.send),
        ]

    async def list(self, request: web.Request) -> web.Response:
        client = self._desk.client
        words = request.query.get("q", "")[:WORDS_CHARACTERS]
        found = client.home.reports.find(in_path(request, "conversation"), words)
        return web.json_response([_shape(client, one) for one in found])

    async def write(self, request: web.Request) -> web.Response:
        """`id` is the page's own: trying again keeps and sends nothing twice. What is wrong is named, and nothing is kept."""
        client, asked = self._desk.client, await Asked.of(request)
        home, conversation = client.home, in_path(request, "conversation")
        ident, readers = hexadecimal(asked.text("id")), tuple(dict.fromkeys(asked.ids("to")))
        if len(ident) != 16 or any(len(reader) != 16 for reader in readers):
            raise WireError("the page asked for something that the desk does not know")
        self._desk.used()
        known = home.reports.get(ident)
        now = home.clock() if known is None else known.made_at
        report = read(asked.mapping("report"), ident, home.identity.profile, now)
        if isinstance(report, tuple):
            return web.json_response({"wrong": report})
        for reader in readers:
            home.messages.check_open(reader)
        if home.talks.load(conversation) is None:
            raise WireError("there is no such conversation")
        made = known.sheet if known is not None else await asyncio.to_thread(sheet, report)
        day = datetime.fromtimestamp(report.began / 1000, ZoneInfo(report.zone)).date()
        name = f"{_FILE[report.language]}-{day.isoformat()}.pdf"
        kept = Kept(ident, conversation, now, report.corrects, report.fields(), made, name, readers)
        kept = home.reports.keep(kept)
        await self._send(client, kept)
        return web.json_response(_shape(client, kept))

    async def send(self, request: web.Request) -> web.Response:
        """To whoever it is for and a stop kept it from."""
        client, kept = self._desk.client, self._kept(request)
        await self._send(client, kept)
        return web.json_response(_shape(client, kept))

    async def _send(self, client: Client, kept: Kept) -> None:
        for reader in kept.readers:
            key = _key(kept, reader)
            if client.home.messages.by_key(key) is None:
                content = BytesIO(kept.sheet)
                await client.attach(reader, content, len(kept.sheet), kept.name, "application/pdf", key)

    async def sheet(self, request: web.Request) -> web.Response:
        kept = self._kept(request)
        return web.Response(
            body=kept.sheet,
            headers={
                "Content-Type": "application/pdf",
                "Content-Disposition": f"attachment; filename*=UTF-8''{quote(kept.name, safe='')}",
                "Content-Security-Policy": SANDBOX,
            },
        )

    async def draft(self, request: web.Request) -> web.Response:
        found = self._desk.client.home.reports.draft(in_path(request, "conversation"))
        return web.json_response({"draft": None if found is None else json.loads(found)})

    async def put_draft(self, request: web.Request) -> web.Response:
        """`draft` null: nothing is begun any more."""
        client, asked = self._desk.client, await Asked.of(request)
        conversation = in_path(request, "conversation")
        if client.home.talks.load(conversation) is None:
            raise WireError("there is no such conversation")
        given = asked.maybe_mapping("draft")
        client.home.reports.put_draft(
            conversation, None if given is None else json.dumps(given, ensure_ascii=False)
        )
        return web.json_response({})

    def _kept(self, request: web.Request) -> Kept:
        found = self._desk.client.home.reports.get(in_path(request, "report"))
        if found is None:
            raise WireError("there is no such report")
        return found


def _key(kept: Kept, reader: bytes) -> str:
    return f"report {kept.id.hex()} {reader.hex()}"


def _shape(client: Client, kept: Kept) -> dict[str, Any]:
    sent = [(reader, client.home.messages.by_key(_key(kept, reader))) for reader in kept.readers]
    return {
        "id": kept.id.hex(),
        "conversation": kept.conversation.hex(),
        "madeAt": kept.made_at,
        "corrects": None if kept.corrects is None else kept.corrects.hex(),
        "name": kept.name,
        "report": json.loads(kept.fields),
        "sent": [
            {"conversation": reader.hex(), "state": None if entry is None else entry.state}
            for reader, entry in sent
        ],
    }
