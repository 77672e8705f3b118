"""What the page needs for calls: pieces sent, the server that relays media, and what is remembered for it."""

from __future__ import annotations

import json
from typing import Any, Final

from aiohttp import web

from colloque.desk.asked import JSON_BYTES, Asked, hexadecimal, in_path
from colloque.desk.desk import Desk
from colloque.wire.codec import WireError
from colloque.wire.content.call.ring import TELEPHONE_BYTES, check_telephone
from colloque.wire.content.content import Content, Signal

PIECE_BYTES: Final = 24 << 10
KEPT_BYTES: Final = 16 << 10
DEVICES_BYTES: Final = 2048
DEVICES: Final = "devices"
TELEPHONE: Final = "telephone"
_NO_PIECE: Final = "that is no piece of a call in this conversation"


class CallApi:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[web.AbstractRouteDef]:
        one = "/api/conversations/{conversation}"
        return [
            web.post(one + "/signals", self.signal),
            web.get(one + "/turn", self.turn),
            web.get("/api/calling", self.calling),
            web.post("/api/calling", self.keep),
        ]

    async def signal(self, request: web.Request) -> web.Response:
        """One piece for one reader, who is in the conversation; the page's bytes go no further than what they say."""
        client, asked = self._desk.client, await Asked.of(request)
        conversation, to = in_path(request, "conversation"), hexadecimal(asked.text("to", 64))
        talk = client.home.talks.load(conversation)
        piece = _piece(asked.text("piece", 2 * PIECE_BYTES))
        if talk is None or to not in {peer.key for peer in talk.conversation.peers}:
            raise WireError(_NO_PIECE)
        client.calls.signal(conversation, piece, to)
        return web.json_response({})

    async def turn(self, request: web.Request) -> web.Response:
        server = await self._desk.client.calls.turn(in_path(request, "conversation"))
        if server is None:
            return web.json_response({})
        return web.json_response(
            {
                "urls": list(server.urls),
                "username": server.username,
                "credential": server.credential,
                "only": server.only,
            }
        )

    async def calling(self, _request: web.Request) -> web.Response:
        """What the page remembers of the call that is on, of devices, and the number to call back."""
        home = self._desk.client.home
        devices, telephone = home.setting(DEVICES), home.setting(TELEPHONE)
        return web.json_response(
            {
                "kept": None if self._desk.call is None else json.loads(self._desk.call),
                "devices": {} if devices is None else json.loads(devices),
                "telephone": (telephone or b"").decode(),
            }
        )

    async def keep(self, request: web.Request) -> web.Response:
        """What is given is kept: `kept` (or null) in memory alone, `devices` and `telephone` in the home."""
        home, asked = self._desk.client.home, await Asked.of(request)
        if asked.has("devices"):
            home.set_setting(DEVICES, _packed(asked.any("devices"), DEVICES_BYTES))
        if asked.has("telephone"):
            telephone = asked.text("telephone", TELEPHONE_BYTES)
            check_telephone(telephone)
            home.set_setting(TELEPHONE, telephone.encode())
        if asked.has("kept"):
            kept = asked.any("kept")
            self._desk.call = None if kept is None else _packed(kept, KEPT_BYTES)
        return web.json_response({})


def _piece(text: str) -> Signal:
    try:
        content = Content.decode(bytes.fromhex(text))
    except ValueError:
        raise WireError(_NO_PIECE) from None
    if not isinstance(content.body, Signal):
        raise WireError(_NO_PIECE)
    return content.body


def _packed(value: Any, most: int) -> bytes:
    """As JSON; the page alone reads it."""
    packed = json.dumps(value).encode()
    if not isinstance(value, dict) or len(packed) > min(most, JSON_BYTES):
        raise WireError(_NO_PIECE)
    return packed
