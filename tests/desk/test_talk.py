"""Two people write: one at the desk, one with the library."""

from __future__ import annotations

import asyncio
import json
import os
from io import BytesIO

from colloque.client.client import Client
from tests.desk.page import Page
from tests.scenarios.world import World, texts, until


async def met(here: World, desk: Page, name: str = "bruno") -> tuple[Client, str]:
    """Somebody who followed the desk's invitation; their conversation."""
    other = await here.person(name)
    invited = await desk.post("/api/invitations", hours=24, **{"for": name.title()})
    conversation = await other.accept(invited["link"])
    await until(other, lambda: other.home.people.contact(conversation).phase.value == "open")
    return other, conversation.hex()


def state(client: Client, ident: bytes) -> str:
    found = client.home.messages.get(ident)
    return "" if found is None else found.state


async def test_writing_reading_and_taking_back(here: World, desk: Page) -> None:
    bruno, conversation = await met(here, desk)
    path = f"/api/conversations/{conversation}"
    sent = await desk.post(f"{path}/messages", text="Bonjour Bruno", key="a")
    again = await desk.post(f"{path}/messages", text="Bonjour Bruno", key="a")
    assert again["id"] == sent["id"]
    assert await texts(bruno, 1) == ["Bonjour Bruno"]
    await desk.until(f"{path}/history", lambda lines: lines[-1]["state"] == "read")

    await bruno.send(bytes.fromhex(conversation), text="Bonjour Anne")
    (line,) = await desk.until("/api/conversations", lambda lines: lines[0]["unread"] == 1)
    assert (line["last"]["text"], line["pair"], line["late"]) == ("Bonjour Anne", True, False)
    assert [p["name"] for p in line["people"]] == ["Dr Bruno"]
    assert line["people"][0] | {"key": ""} == {
        "key": "", "name": "Dr Bruno", "profession": "", "rpps": "", "verified": False, "blocked": False, "here": True,
    }  # fmt: skip
    assert (await desk.post(f"{path}/read"))["count"] >= 1
    (line,) = await desk.get("/api/conversations")
    assert line["unread"] == 0
    (theirs,) = [
        e for e in bruno.home.messages.history(bytes.fromhex(conversation)) if e.text == "Bonjour Anne"
    ]
    (read,) = await bruno.wait_for([theirs], "read", 10)
    assert read.state == "read"

    status, _ = await desk.ask("DELETE", f"{path}/messages/{sent['id']}")
    assert status == 200
    (entry,) = [e for e in await desk.get(f"{path}/history") if e["id"] == sent["id"]]
    assert (entry["state"], entry["text"]) == ("retracted", "")
    taken = bytes.fromhex(sent["id"])
    await until(bruno, lambda: state(bruno, taken) == "retracted")


async def test_history_in_pages(here: World, desk: Page) -> None:
    _, conversation = await met(here, desk)
    path = f"/api/conversations/{conversation}"
    for n in range(7):
        await desk.post(f"{path}/messages", text=str(n))
    last = await desk.get(f"{path}/history?limit=3")
    assert [e["text"] for e in last] == ["4", "5", "6"]
    before = await desk.get(f"{path}/history?limit=3&before={last[0]['id']}")
    assert [e["text"] for e in before] == ["1", "2", "3"]
    around = await desk.get(f"{path}/history?limit=3&around={before[1]['id']}")
    assert [e["text"] for e in around] == ["1", "2", "3"]
    around = await desk.get(f"{path}/history?limit=4&around={last[-1]['id']}")
    assert [e["text"] for e in around] == ["4", "5", "6"]
    assert await desk.refused("GET", f"{path}/history?around={'0' * 32}") == (400, "refused")
    for wrong in ("limit=0", "limit=9999", "limit=x", "before=zz", "before=" + "0" * 32):
        assert await desk.refused("GET", f"{path}/history?{wrong}") == (400, "refused")


async def test_documents_both_ways(here: World, desk: Page) -> None:
    bruno, conversation = await met(here, desk)
    path, content = f"/api/conversations/{conversation}", os.urandom(3_000_000)
    headers = {"X-Name": "R%C3%A9sultat.pdf", "Content-Type": "application/pdf"}
    status, sent = await desk.ask("POST", f"{path}/documents", headers=headers, data=BytesIO(content))
    assert status == 200, sent
    assert sent["document"] | {"done": 0} == {
        "name": "Résultat.pdf", "mediaType": "application/pdf", "size": len(content), "done": 0,
    }  # fmt: skip
    assert await texts(bruno, 1) == ["Résultat.pdf"]
    (came,) = [e for e in bruno.home.messages.history(bytes.fromhex(conversation)) if e.document]
    assert bruno.save(came, here.folder / "out").read_bytes() == content

    own = f"{path}/messages/{sent['id']}/document"
    assert await desk.get(own) == content
    desk.server.desk.client.home.transfers.sweep(1 << 60)
    assert await desk.get(own) == content, "what was sent can be looked at again"
    assert content[:1_000] not in b"".join(
        p.read_bytes() for p in here.folder.rglob("desk/**/*") if p.is_file()
    )

    for name, media, shown in (
        ("photo.png", "image/png", "image/png"),
        ("page.html", "text/html", "application/octet-stream"),
    ):
        file = here.folder / name
        file.write_bytes(b"<script>alert(1)</script>" * 9_000)
        await bruno.send(bytes.fromhex(conversation), files=[file])

        def arrived(lines: list[dict[str, object]], name: str = name) -> bool:
            return any(e["state"] == "here" and name in json.dumps(e.get("document")) for e in lines)

        lines = await desk.until(f"{path}/history", arrived)
        assert lines[-1]["document"]["mediaType"] == media
        url = f"{desk.server.gate.origin}{path}/messages/{lines[-1]['id']}/document"
        async with desk.session.get(url) as answer:
            assert await answer.read() == file.read_bytes()
            assert answer.headers["Content-Type"] == shown
            assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
            assert answer.headers["Content-Disposition"].startswith("attachment;")
            assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_a_document_that_was_retracted_is_gone(here: World, desk: Page) -> None:
    _, conversation = await met(here, desk)
    path = f"/api/conversations/{conversation}"
    status, sent = await desk.ask("POST", f"{path}/documents", headers={"X-Name": "a"}, data=b"x" * 100)
    assert status == 200
    await desk.ask("DELETE", f"{path}/messages/{sent['id']}")
    assert await desk.refused("GET", f"{path}/messages/{sent['id']}/document") == (400, "refused")
    spool = desk.server.desk.folder / "spool"
    assert not list(spool.iterdir())


async def test_a_document_that_breaks_off_leaves_nothing(here: World, desk: Page) -> None:
    _, conversation = await met(here, desk)
    path = f"/api/conversations/{conversation}"
    assert await desk.refused("POST", f"{path}/documents") == (400, "refused")
    spool = desk.server.desk.folder / "spool"
    status, _ = await desk.ask(
        "POST", f"/api/conversations/{'0' * 32}/documents", headers={"X-Name": "x"}, data=b"x" * 100
    )
    assert status == 400
    assert not spool.exists() or not list(spool.iterdir())


async def test_changes_are_told_and_nothing_else(here: World, desk: Page) -> None:
    bruno, conversation = await met(here, desk)
    url = f"ws://{desk.server.gate.host}/api/changes"
    async with desk.session.ws_connect(url, origin=desk.server.gate.origin) as socket:
        assert await socket.receive_json(timeout=5) == {"kind": "standing", "standing": "open"}
        await bruno.send(bytes.fromhex(conversation), text="mot secret")
        told = ""
        while told != '{"kind": "changed"}':
            told = await socket.receive_str(timeout=10)
            assert json.loads(told)["kind"] in ("changed", "standing")
        await desk.post("/api/lock", keys=False)
        while json.loads(told) != {"kind": "standing", "standing": "locked"}:
            told = await socket.receive_str(timeout=10)
            assert "secret" not in told


async def test_that_something_came_is_told_behind_a_locked_screen_too(here: World, desk: Page) -> None:
    bruno, conversation = await met(here, desk)
    url = f"ws://{desk.server.gate.host}/api/changes"
    await asyncio.sleep(0.3)
    async with desk.session.ws_connect(url, origin=desk.server.gate.origin) as socket:

        async def heard() -> list[str]:
            found = []
            while True:
                try:
                    found.append((await socket.receive_json(timeout=1.5))["kind"])
                except TimeoutError:
                    return found

        await bruno.send(bytes.fromhex(conversation), text="un")
        assert (await heard()).count("came") == 1
        await desk.post(f"/api/conversations/{conversation}/read")
        assert "came" not in await heard()
        await desk.post("/api/lock", keys=False)
        await bruno.send(bytes.fromhex(conversation), text="deux")
        told = await heard()
        assert told.count("came") == 1
        assert "changed" not in told
