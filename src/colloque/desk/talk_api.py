"""Conversations and messages: list, history, send, retract, read; alarms; search."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from colloque.client.client import Client
from colloque.desk import shapes
from colloque.desk.asked import Asked, hexadecimal, in_path, query_number
from colloque.desk.desk import Desk
from colloque.store.client.messages import Entry
from colloque.wire.codec import WireError
from colloque.wire.content.text import TEXT_BYTES

HISTORY: Final = 200
LATEST: Final = 50


class TalkApi:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[web.AbstractRouteDef]:
        one = "/api/conversations/{conversation}"
        return [
            web.get("/api/conversations", self.list),
            web.get(one + "/history", self.history),
            web.post(one + "/messages", self.send),
            web.delete(one + "/messages/{message}", self.retract),
            web.post(one + "/read", self.read),
            web.get("/api/alarms", self.alarms),
            web.post("/api/alarms/{message}/done", self.deal_with),
            web.get("/api/search", self.search),
        ]

    async def list(self, _request: web.Request) -> web.Response:
        return web.json_response(shapes.inbox(self._desk.client))

    async def history(self, request: web.Request) -> web.Response:
        client, conversation = self._desk.client, in_path(request, "conversation")
        before, around = request.query.get("before"), request.query.get("around")
        limit = query_number(request, "limit", LATEST, HISTORY)
        if around is not None:
            entries = client.home.messages.around(conversation, hexadecimal(around), limit)
        else:
            ident = None if before is None else hexadecimal(before)
            entries = client.home.messages.page(conversation, ident, limit)
        return web.json_response([shapes.entry(client, one) for one in entries])

    async def send(self, request: web.Request) -> web.Response:
        """`key`, if given, is the page's own: trying again sends nothing twice."""
        client, asked = self._desk.client, await Asked.of(request)
        text, key = asked.text("text", TEXT_BYTES), asked.maybe("key", 64)
        if not text.strip():
            raise WireError("there is nothing to send")
        self._desk.used()
        (sent,) = await client.send(in_path(request, "conversation"), text=text, key=key)
        return web.json_response(shapes.entry(client, sent))

    async def retract(self, request: web.Request) -> web.Response:
        client = self._desk.client
        client.retract(message_of(client, request).id)
        return web.json_response({})

    async def read(self, request: web.Request) -> web.Response:
        return web.json_response({"count": self._desk.client.read_all(in_path(request, "conversation"))})

    async def alarms(self, _request: web.Request) -> web.Response:
        client = self._desk.client
        return web.json_response([shapes.entry(client, one) for one in client.home.messages.alarms()])

    async def deal_with(self, request: web.Request) -> web.Response:
        self._desk.client.home.messages.deal_with(in_path(request, "message"))
        return web.json_response({})

    async def search(self, request: web.Request) -> web.Response:
        client, within = self._desk.client, request.query.get("conversation")
        found = client.home.search.find(
            request.query.get("q", ""),
            query_number(request, "limit", LATEST, 100),
            None if within is None else hexadecimal(within),
        )
        return web.json_response(
            {
                "conversations": [ident.hex() for ident in found.conversations],
                "messages": [shapes.entry(client, one) for one in found.messages],
            }
        )


def message_of(client: Client, request: web.Request) -> Entry:
    """The message that a path names; raises `WireError`."""
    found = client.home.messages.get(in_path(request, "message"))
    if found is None or found.conversation != in_path(request, "conversation"):
        raise WireError("there is no such message")
    return found
