"""People: contacts, safety numbers, blocking, newcomers, and conversations of several."""

from __future__ import annotations

from aiohttp import web

from colloque.desk import shapes
from colloque.desk.asked import Asked, in_path
from colloque.desk.desk import Desk
from colloque.store.client.people import Contact
from colloque.wire.signing import safety_number


class PeopleApi:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[web.AbstractRouteDef]:
        one = "/api/conversations/{conversation}"
        return [
            web.get(one + "/safety", self.safety),
            web.post(one + "/verified", self.verified),
            web.post(one + "/blocked", self.blocked),
            web.post(one + "/let-back", self.let_back),
            web.get("/api/newcomers", self.newcomers),
            web.post("/api/newcomers/{key}/admit", self.admit),
            web.post("/api/newcomers/{key}/dismiss", self.dismiss),
            web.post("/api/newcomers/{key}/blocked", self.block_newcomer),
            web.post("/api/groups", self.convene),
            web.post(one + "/people", self.add),
            web.delete(one + "/people/{key}", self.remove),
            web.post(one + "/leave", self.leave),
            web.post(one + "/second-host", self.second_host),
            web.post(one + "/take-over", self.take_over),
        ]

    def _contact(self, request: web.Request) -> Contact:
        return self._desk.client.home.people.contact(in_path(request, "conversation"))

    async def safety(self, request: web.Request) -> web.Response:
        """Sixty digits in groups of five, to be compared aloud."""
        contact = self._contact(request)
        number = safety_number(self._desk.client.home.identity.key, contact.key)
        return web.json_response({"number": number, "verified": contact.verified})

    async def verified(self, request: web.Request) -> web.Response:
        contact, asked = self._contact(request), await Asked.of(request)
        self._desk.client.home.people.set_verified(contact.key, asked.flag("verified"))
        return web.json_response({})

    async def blocked(self, request: web.Request) -> web.Response:
        contact, asked = self._contact(request), await Asked.of(request)
        self._desk.client.block(contact, asked.flag("blocked"))
        return web.json_response({})

    async def let_back(self, request: web.Request) -> web.Response:
        self._desk.client.let_back(in_path(request, "conversation"))
        return web.json_response({})

    # --- newcomers over the public card ---

    async def newcomers(self, _request: web.Request) -> web.Response:
        return web.json_response([shapes.newcomer(one) for one in self._desk.client.home.newcomers.list()])

    async def admit(self, request: web.Request) -> web.Response:
        conversation = self._desk.client.admit(in_path(request, "key"))
        return web.json_response({"conversation": conversation.hex()})

    async def dismiss(self, request: web.Request) -> web.Response:
        self._desk.client.home.newcomers.dismiss(in_path(request, "key"))
        return web.json_response({})

    async def block_newcomer(self, request: web.Request) -> web.Response:
        client, asked = self._desk.client, await Asked.of(request)
        client.home.newcomers.block(in_path(request, "key"), asked.flag("blocked"))
        return web.json_response({})

    # --- conversations of several ---

    async def convene(self, request: web.Request) -> web.Response:
        """`people`: the conversations of two with whoever is asked in."""
        client, asked = self._desk.client, await Asked.of(request)
        conversation = client.convene(asked.text("name"), [one.hex() for one in asked.ids("people")])
        return web.json_response({"conversation": conversation.hex()})

    async def add(self, request: web.Request) -> web.Response:
        client, asked = self._desk.client, await Asked.of(request)
        client.add(in_path(request, "conversation"), [one.hex() for one in asked.ids("people")])
        return web.json_response({})

    async def remove(self, request: web.Request) -> web.Response:
        self._desk.client.remove(in_path(request, "conversation"), [in_path(request, "key").hex()])
        return web.json_response({})

    async def leave(self, request: web.Request) -> web.Response:
        self._desk.client.leave(in_path(request, "conversation"))
        return web.json_response({})

    async def second_host(self, request: web.Request) -> web.Response:
        client, asked = self._desk.client, await Asked.of(request)
        client.name_second_host(in_path(request, "conversation"), asked.text("key", 64))
        return web.json_response({})

    async def take_over(self, request: web.Request) -> web.Response:
        self._desk.client.take_over(in_path(request, "conversation"))
        return web.json_response({})
