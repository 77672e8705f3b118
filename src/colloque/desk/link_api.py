"""Links: invitations with their QR code and a text ready to send, the public card, and links of others."""

from __future__ import annotations

from io import BytesIO
from typing import Final

import segno
from aiohttp import web

from colloque.client.tokens import check_token
from colloque.desk.asked import Asked, in_path
from colloque.desk.desk import Desk
from colloque.desk.letters import invitation_letter
from colloque.desk.shapes import Shape
from colloque.wire.codec import WireError
from colloque.wire.links import LinkKind

HOUR: Final = 3_600
MOST_HOURS: Final = 30 * 24
PENDING: Final = 500
LINK_BYTES: Final = 2_048


def qr(link: str) -> str:
    """The link as SVG, without a font, script or style of its own."""
    out = BytesIO()
    segno.make(link, error="m", micro=False).save(
        out, kind="svg", xmldecl=False, svgns=True, border=4, omitsize=True, svgclass=None, lineclass=None
    )
    return out.getvalue().decode("utf-8")


class LinkApi:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[web.AbstractRouteDef]:
        return [
            web.get("/api/invitations", self.list),
            web.post("/api/invitations", self.invite),
            web.get("/api/invitations/{id}", self.show),
            web.delete("/api/invitations/{id}", self.withdraw),
            web.post("/api/card", self.card),
            web.post("/api/links/look", self.look),
            web.post("/api/links/accept", self.accept),
            web.post("/api/token", self.token),
        ]

    def _shape(self, ident: bytes, name: str, until: int, ready: bool) -> Shape:
        client = self._desk.client
        link = client.home.invitations.link(ident).encode()
        letters = {
            language: invitation_letter(language, client.home.identity.profile.name, link, until)
            for language in ("en", "fr")
        }
        return {
            "id": ident.hex(),
            "for": name,
            "until": 1000 * until,
            "ready": ready,
            "link": link,
            "qr": qr(link),
            "letter": letters,
        }

    async def list(self, _request: web.Request) -> web.Response:
        """Those that nobody has used yet, expired ones too."""
        pending, now = self._desk.client.home.invitations.pending(), self._desk.client.home.clock()
        return web.json_response(
            [
                {
                    "id": ident.hex(),
                    "for": name,
                    "until": 1000 * until,
                    "ready": state == "ready",
                    "expired": 1000 * until < now,
                }
                for ident, name, until, state in pending
            ]
        )

    async def invite(self, request: web.Request) -> web.Response:
        client, asked = self._desk.client, await Asked.of(request)
        name, hours = asked.text("for", default=""), asked.number("hours", 1, MOST_HOURS)
        if len(client.home.invitations.pending()) >= PENDING:
            raise WireError("too many invitations wait to be used: withdraw some")
        invited = await client.invite(name, hours * HOUR)
        until = client.home.clock() // 1000 + hours * HOUR
        return web.json_response(self._shape(invited.id, name, until, invited.ready))

    async def show(self, request: web.Request) -> web.Response:
        """`null` where it was used or withdrawn, which can happen between any two looks of a page."""
        wanted = in_path(request, "id")
        for ident, name, until, state in self._desk.client.home.invitations.pending():
            if ident == wanted:
                return web.json_response(self._shape(ident, name, until, state == "ready"))
        return web.json_response(None)

    async def withdraw(self, request: web.Request) -> web.Response:
        self._desk.client.withdraw(in_path(request, "id"))
        return web.json_response({})

    async def card(self, _request: web.Request) -> web.Response:
        """The public link: the same at every call."""
        invited = await self._desk.client.card()
        return web.json_response({"link": invited.link, "qr": qr(invited.link), "ready": invited.ready})

    async def look(self, request: web.Request) -> web.Response:
        """Whom a link leads to, as they state; nothing is sent to them."""
        link, host = await self._desk.client.look((await Asked.of(request)).text("link", LINK_BYTES))
        profile = host.profile
        return web.json_response(
            {
                "key": host.key.hex(),
                "name": profile.name,
                "profession": profile.profession,
                "rpps": profile.rpps,
                "personal": link.kind is LinkKind.INVITATION,
            }
        )

    async def accept(self, request: web.Request) -> web.Response:
        asked = await Asked.of(request)
        conversation = await self._desk.client.accept(
            asked.text("link", LINK_BYTES), asked.text("words", 8_000, "")
        )
        return web.json_response({"conversation": conversation.hex()})

    async def token(self, request: web.Request) -> web.Response:
        """The token that the relay's administrator gave, from now on."""
        client = self._desk.client
        client.home.set_token(check_token((await Asked.of(request)).text("token", 64)))
        return web.json_response({})
