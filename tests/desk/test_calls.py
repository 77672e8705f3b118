"""Calls and the waiting room over the desk's local API (`spec/calls.md` C2, C12; `docs/desk-api.md`)."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from colloque.store.client.signals import Heard
from colloque.wire.content.call.hang_up import HangUp, Why
from colloque.wire.content.call.presence import Presence, There
from colloque.wire.content.call.ring import Ring
from colloque.wire.content.content import Content, Signal
from colloque.wire.content.text import Text
from tests.desk.page import Page
from tests.desk.test_talk import met
from tests.scenarios.world import PASSPHRASE, World

CALL = bytes(range(16))


def _piece(body: Signal | Text) -> str:
    return Content(bytes(16), 0, 0, body).encode().hex()


async def _next(socket: Any) -> dict[str, str]:
    found: dict[str, str] = json.loads((await asyncio.wait_for(socket.receive(), 10)).data)
    return found


def _line(desk: Page) -> Any:
    gate = desk.server.gate
    return desk.session.ws_connect(f"ws://{gate.host}/api/calls", headers={"Origin": gate.origin})


async def test_pieces_go_and_come(here: World, desk: Page) -> None:
    bruno, conversation = await met(here, desk)
    [line] = await desk.get("/api/conversations")
    me = desk.server.desk.client.home.identity.key
    bruno_key = bytes.fromhex(line["people"][0]["key"])
    called = Ring(CALL, (me, bruno_key), True, "+262 2 62 00 00 00")
    where = f"/api/conversations/{conversation}/signals"
    await desk.post(where, to=bruno_key.hex(), piece=_piece(called))
    found: list[Heard] = []
    while not found:
        found = await bruno.calls.hear(10)
    assert [(one.author, one.signal) for one in found] == [(me, called)]
    async with _line(desk) as socket:
        hung = HangUp(CALL, Why.DECLINED)
        bruno.calls.signal(found[0].conversation, hung, me)
        said = await _next(socket)
        assert (said["conversation"], said["author"]) == (conversation, bruno_key.hex())
        assert Content.decode(bytes.fromhex(said["piece"])).body == hung
        # C2: no message, no notice; and nothing behind a locked screen, or to it afterwards.
        await desk.post("/api/lock", keys=False)
        bruno.calls.signal(found[0].conversation, HangUp(CALL, Why.BUSY), me)
        await asyncio.sleep(2)
        await desk.post("/api/unlock", passphrase=PASSPHRASE)
        bruno.calls.signal(found[0].conversation, hung, me)
        assert Content.decode(bytes.fromhex((await _next(socket))["piece"])).body == hung


async def test_what_is_no_piece_for_somebody_there_is_refused(here: World, desk: Page) -> None:
    _, conversation = await met(here, desk)
    [line] = await desk.get("/api/conversations")
    to = line["people"][0]["key"]
    where = f"/api/conversations/{conversation}/signals"
    good = _piece(HangUp(CALL, Why.OVER))
    for body in (
        {"to": to, "piece": _piece(Text("bonjour"))},
        {"to": to, "piece": good + "00"},
        {"to": to, "piece": "no"},
        {"to": "00" * 32, "piece": good},
        {"to": desk.server.desk.client.home.identity.key.hex(), "piece": good},
        {"to": to},
    ):
        assert await desk.refused("POST", where, body) == (400, "refused"), body
    assert await desk.refused(
        "POST", f"/api/conversations/{'00' * 16}/signals", {"to": to, "piece": good}
    ) == (
        400,
        "refused",
    )
    assert (await desk.ask("POST", where, {"to": to, "piece": good}))[0] == 200


async def test_what_is_remembered(here: World, desk: Page) -> None:
    """A call in memory alone; devices and the number in the home."""
    assert await desk.get("/api/calling") == {"kept": None, "devices": {}, "telephone": ""}
    await desk.post("/api/calling", kept={"id": "11"}, devices={"camera": "c"}, telephone="0262 00 00 00")
    assert await desk.get("/api/calling") == {
        "kept": {"id": "11"},
        "devices": {"camera": "c"},
        "telephone": "0262 00 00 00",
    }
    for body in (
        {"telephone": "call me"},
        {"kept": {"x": "y" * 20_000}},
        {"devices": ["a"]},
        {"devices": None},
    ):
        assert await desk.refused("POST", "/api/calling", body) == (400, "refused"), body
    await desk.post("/api/lock", keys=True)
    await desk.post("/api/unlock", passphrase=PASSPHRASE)
    assert await desk.get("/api/calling") == {
        "kept": None,
        "devices": {"camera": "c"},
        "telephone": "0262 00 00 00",
    }


async def test_no_turn_server(here: World, desk: Page) -> None:
    _, conversation = await met(here, desk)
    assert await desk.get(f"/api/conversations/{conversation}/turn") == {}


async def test_the_waiting_room(here: World, desk: Page) -> None:
    bruno, conversation = await met(here, desk)
    me = desk.server.desk.client.home.identity.key

    async def heard() -> list[Signal]:
        return [one.signal for one in await bruno.calls.hear(10)]

    assert await desk.get("/api/room") == {"there": 0, "expected": [], "waiting": []}
    await desk.post(f"/api/conversations/{conversation}/expected", expected=True)
    await desk.post("/api/room", there=1)
    assert await heard() == [Presence(There.HERE)]
    [contact] = bruno.contacts()
    bruno.calls.signal(contact.conversation, Presence(There.HERE), me)
    found = await desk.until("/api/room", lambda room: room["waiting"])
    [waiting] = found["waiting"]
    assert (waiting["conversation"], waiting["there"]) == (conversation, 1)
    # A consultation, and a locked screen, say it by themselves.
    await desk.post("/api/consultation", on=True)
    assert await heard() == [Presence(There.WITH_SOMEONE)]
    await desk.post("/api/consultation", on=False)
    assert await heard() == [Presence(There.HERE)]
    await desk.post("/api/lock", keys=False)
    assert await heard() == [Presence(There.AWAY)]
    await desk.post("/api/unlock", passphrase=PASSPHRASE)
    assert await heard() == [Presence(There.HERE)]
    await desk.post("/api/room", there=0)
    assert await heard() == [Presence(There.AWAY)]
    for path, body in (
        ("/api/room", {"there": 4}),
        (f"/api/conversations/{'00' * 16}/expected", {"expected": True}),
    ):
        assert await desk.refused("POST", path, body) == (400, "refused")
    # Gone with the keys.
    await desk.post("/api/lock", keys=True)
    await desk.post("/api/unlock", passphrase=PASSPHRASE)
    await desk.until("/api/room", lambda room: room == {"there": 0, "expected": [], "waiting": []})
    # What is chosen just after that stays.
    await desk.post("/api/lock", keys=True)
    await desk.post("/api/unlock", passphrase=PASSPHRASE)
    await desk.post(f"/api/conversations/{conversation}/expected", expected=True)
    await asyncio.sleep(2)
    assert (await desk.get("/api/room"))["expected"] == [conversation]
