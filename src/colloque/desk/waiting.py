"""The waiting room as the desk runs it: in memory alone, gone with the keys."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace
from typing import Any, Final

from aiohttp import web

from colloque.client.client import Client, now_ms
from colloque.desk.asked import Asked, in_path
from colloque.desk.desk import Desk, Standing
from colloque.desk.room import Room, Visitor, believed, heard, tick
from colloque.store.client.signals import Heard
from colloque.wire.codec import WireError
from colloque.wire.content.call.presence import Presence, There

LOOK_S: Final = 1.0
RECENT_MS: Final = 30 * 60_000
EXPECTED: Final = 40
_CODES: Final = {0: None, 1: There.HERE, 2: There.WITH_SOMEONE, 3: There.AWAY}
_FULL: Final = "too many people are expected: take some off the list first"


class Waiting:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._room = Room()
        self._of: Client | None = None
        self._visitors: tuple[tuple[int, int, int], list[Visitor]] | None = None
        self.version = 0
        """Grows with whatever the page shows of it."""

    def routes(self) -> list[web.AbstractRouteDef]:
        return [
            web.get("/api/room", self.show),
            web.post("/api/room", self.choose),
            web.post("/api/conversations/{conversation}/expected", self.expect),
        ]

    @property
    def here(self) -> int:
        """How many people wait, and look at the page."""
        return sum(one.there is There.HERE for one in believed(self._room, now_ms()).waiting.values())

    # --- what the page asks ---

    async def show(self, _request: web.Request) -> web.Response:
        _ = self._desk.client
        return web.json_response(_shape(self._room))

    async def choose(self, request: web.Request) -> web.Response:
        """Whether the practitioner is there: 0 tells patients nothing, else as in a presence."""
        _ = self._desk.client
        self.be(_CODES[(await Asked.of(request)).number("there", 0, 3)])
        return web.json_response({})

    def be(self, there: There | None) -> None:
        # What was chosen just after the keys were opened is not to be swept away by the first look.
        self.look()
        self._become(replace(self._room, there=there))
        self.look()

    async def expect(self, request: web.Request) -> web.Response:
        """Somebody who is to come: told that the practice is there before they have said a word."""
        client, conversation = self._desk.client, in_path(request, "conversation")
        expected = (await Asked.of(request)).flag("expected")
        if client.home.talks.load(conversation) is None:
            raise WireError("there is no such conversation")
        self.look()
        room = self._room
        wanted = room.expected | {conversation} if expected else room.expected - {conversation}
        if len(wanted) > EXPECTED:
            raise WireError(_FULL)
        self._become(replace(room, expected=wanted))
        self.look()
        return web.json_response({})

    # --- what happens ---

    def told(self, client: Client, piece: Heard) -> None:
        """A presence, of whoever it is: it counts in a conversation that is hosted here."""
        if not isinstance(piece.signal, Presence) or client is not self._of:
            return
        talk = client.home.talks.load(piece.conversation)
        if talk is not None and talk.conversation.host == client.home.identity.key:
            self._become(heard(self._room, (piece.conversation, piece.author), piece.signal.there, now_ms()))

    async def run(self) -> None:
        while True:
            with contextlib.suppress(Exception):
                self.look()
            await asyncio.sleep(LOOK_S)

    def look(self) -> None:
        client = self._desk.running
        if client is not self._of:
            self._of, self._visitors = client, None
            self._become(Room())
        if client is None:
            return
        room, said = tick(self._room, self._who(client), self._there, now_ms())
        self._become(room)
        for (conversation, key), there in said:
            with contextlib.suppress(WireError):
                client.calls.signal(conversation, Presence(there), key)

    @property
    def _there(self) -> There | None:
        """A consultation that is on, and a screen that is locked, say it by themselves."""
        chosen = self._room.there
        if chosen is None or self._desk.standing is not Standing.OPEN:
            return None
        return There.WITH_SOMEONE if self._desk.consulting and chosen is There.HERE else chosen

    def _who(self, client: Client) -> list[Visitor]:
        """Asked of the database where something has changed, and each minute."""
        database, minute = client.home.database, now_ms() // 60_000
        seen = database.changes(), database.version(), minute
        if self._visitors is None or self._visitors[0] != seen:
            found = client.home.inbox.visitors(client.home.identity.key, now_ms() - RECENT_MS)
            self._visitors = seen, [Visitor(*one) for one in found]
        return self._visitors[1]

    def _become(self, room: Room) -> None:
        before, self._room = self._room, room
        if _shape(before) != _shape(room):
            self.version += 1


def _shape(room: Room) -> dict[str, Any]:
    room = believed(room, now_ms())
    return {
        "there": 0 if room.there is None else int(room.there),
        "expected": sorted(conversation.hex() for conversation in room.expected),
        "waiting": [
            {
                "conversation": conversation.hex(),
                "key": key.hex(),
                "there": int(one.there),
                "since": one.since,
            }
            for (conversation, key), one in sorted(room.waiting.items(), key=lambda item: item[1].since)
        ],
    }
