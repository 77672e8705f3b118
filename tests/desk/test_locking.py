"""First start, locking, unlocking; the recovery sheet and backups (`spec/sessions.md` S38)."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

import aiohttp

from colloque.desk import pages
from colloque.desk.idle import IDLE_S, JUMP_S
from tests.desk.page import Page, begin, page
from tests.desk.test_gate import every_route
from tests.desk.test_talk import met
from tests.scenarios.world import PASSPHRASE, World, texts, until


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0
        self.slept = 0.0

    def ran(self) -> float:
        return self.now

    def wall(self) -> float:
        return 1_700_000_000 + self.now + self.slept


async def test_first_start(here: World) -> None:
    async with page(here.folder / "new") as desk:
        assert (await desk.get("/api/state"))["standing"] == "new"
        first = {"name": "Dr Anne", "profession": "", "rpps": "", "relay": here.relay.url, "token": ""}
        assert await desk.refused("POST", "/api/first", first | {"passphrase": "short"}) == (400, "refused")
        assert await desk.refused("POST", "/api/first", first | {"passphrase": PASSPHRASE, "name": ""}) == (
            400,
            "refused",
        )
        assert await desk.refused("POST", "/api/first", first | {"passphrase": PASSPHRASE, "relay": "x"}) == (
            400,
            "refused",
        )
        assert (await desk.get("/api/state"))["standing"] == "new"
        assert await desk.post("/api/relay", relay=here.relay.url) == {"wantsToken": False}
        assert await desk.refused("POST", "/api/relay", {"relay": "http://127.0.0.1:9"}) == (503, "relay")
        words = await begin(desk, here.relay.url)
        assert len(words) == 24
        state = await desk.get("/api/state")
        assert (state["standing"], state["me"]["name"]) == ("open", "Dr Anne Payet")
        assert await desk.refused("POST", "/api/first", first | {"passphrase": PASSPHRASE}) == (409, "taken")


async def test_a_locked_desk_shows_nothing_and_mail_goes_on_arriving(here: World, desk: Page) -> None:
    bruno, conversation = await met(here, desk)
    await desk.post("/api/lock", keys=False)
    assert (await desk.get("/api/state"))["me"] is None
    open_to_all = {"/", "/enter", "/api/state", "/api/changes", "/api/first", "/api/relay", "/api/unlock", "/api/lock",
                   "/api/restore", "/api/passphrase"}  # fmt: skip
    # The page itself is the same for everybody, and holds nothing of anybody.
    open_to_all |= set(pages.files())
    shown = 0
    for method, path in every_route(desk.server):
        if path not in open_to_all:
            body = {"passphrase": PASSPHRASE} if method == "POST" else None
            assert await desk.refused(method, path, body) == (423, "locked"), path
            shown += 1
    assert shown > 30
    sent = await bruno.send(bytes.fromhex(conversation), text="pendant la pause")
    (arrived,) = await bruno.wait_for(sent, "delivered", 20)
    assert arrived.state == "delivered"
    assert await desk.refused("POST", "/api/unlock", {"passphrase": "a wrong one"}) == (403, "passphrase")
    await desk.post("/api/unlock", passphrase=PASSPHRASE)
    (line,) = await desk.get("/api/conversations")
    assert line["last"]["text"] == "pendant la pause"


async def test_dropped_keys_want_the_passphrase_and_fetch_again(here: World, desk: Page) -> None:
    bruno, conversation = await met(here, desk)
    await desk.post("/api/lock", keys=True)
    assert desk.server.desk.running is None
    assert (await desk.get("/api/state"))["standing"] == "closed"
    sent = await bruno.send(bytes.fromhex(conversation), text="plus tard")
    (waits,) = await bruno.wait_for(sent, "delivered", 1.0)
    assert waits.state == "accepted"
    assert await desk.refused("POST", "/api/unlock", {"passphrase": "a wrong one"}) == (403, "passphrase")
    await desk.post("/api/unlock", passphrase=PASSPHRASE)
    await desk.until("/api/conversations", lambda lines: lines[0]["unread"] == 1)


async def test_wrong_passphrases_are_slowed_down(desk: Page) -> None:
    await desk.post("/api/lock", keys=False)
    codes = [await desk.refused("POST", "/api/unlock", {"passphrase": "wrong"}) for _ in range(7)]
    assert (403, "passphrase") in codes
    assert codes[-1] == (429, "too-soon")


async def test_idle_locks_but_never_during_a_consultation(here: World) -> None:
    clock = Clock()
    async with page(here.folder / "desk", ran=clock.ran, wall=clock.wall) as desk:
        await begin(desk, here.relay.url)

        async def pass_by(seconds: float) -> str:
            for _ in range(int(seconds // 30)):
                clock.now += 30
                await desk.server.idle.look()
            return str((await desk.get("/api/state"))["standing"])

        assert await pass_by(IDLE_S - 60) == "open"
        await desk.post("/api/here")
        assert await pass_by(IDLE_S - 60) == "open"
        # What the page asks by itself is no sign of anybody.
        assert await pass_by(120) == "locked"
        await desk.post("/api/unlock", passphrase=PASSPHRASE)
        url = f"ws://{desk.server.gate.host}/api/changes"
        async with desk.session.ws_connect(url, origin=desk.server.gate.origin):
            await desk.post("/api/consultation", on=True)
            assert await pass_by(2 * IDLE_S) == "open"
            await desk.post("/api/consultation", on=False)
            assert await pass_by(IDLE_S + 60) == "locked"


async def test_a_consultation_ends_with_its_page(here: World) -> None:
    clock = Clock()
    async with page(here.folder / "desk", ran=clock.ran, wall=clock.wall) as desk:
        await begin(desk, here.relay.url)
        await desk.post("/api/consultation", on=True)
        for _ in range(int(IDLE_S // 30) + 2):
            clock.now += 30
            await desk.server.idle.look()
        assert (await desk.get("/api/state"))["standing"] == "locked"


async def test_sleep_drops_the_keys(here: World) -> None:
    clock = Clock()
    async with page(here.folder / "desk", ran=clock.ran, wall=clock.wall) as desk:
        await begin(desk, here.relay.url)
        await desk.post("/api/consultation", on=True)
        clock.slept += JUMP_S - 1
        await desk.server.idle.look()
        assert (await desk.get("/api/state"))["standing"] == "open"
        clock.slept += JUMP_S + 1
        await desk.server.idle.look()
        assert (await desk.get("/api/state"))["standing"] == "closed"
        await desk.post("/api/unlock", passphrase=PASSPHRASE)
        clock.now += JUMP_S + 1
        await desk.server.idle.look()
        assert (await desk.get("/api/state"))["standing"] == "closed"


async def test_a_forgotten_passphrase_is_no_dead_end(here: World) -> None:
    """S38: the sheet opens the home itself."""
    async with page(here.folder / "desk") as desk:
        words = await begin(desk, here.relay.url)
        await desk.post("/api/lock", keys=True)
        wrong = " ".join([words[1], words[0], *words[2:]])
        new = "une autre phrase"
        assert await desk.refused("POST", "/api/passphrase", {"words": wrong, "new": new}) == (
            403,
            "passphrase",
        )
        await desk.post("/api/passphrase", words=" ".join(words).upper(), new=new)
        assert (await desk.get("/api/state"))["standing"] == "open"
        await desk.post("/api/lock", keys=True)
        assert await desk.refused("POST", "/api/unlock", {"passphrase": PASSPHRASE}) == (403, "passphrase")
        await desk.post("/api/unlock", passphrase=new)
        await desk.post("/api/passphrase", old=new, new=PASSPHRASE)
        assert (await desk.post("/api/sheet", passphrase=PASSPHRASE))["words"]["fr"] == words
        assert await desk.refused("POST", "/api/sheet", {"passphrase": new}) == (403, "passphrase")


def form(words: str, passphrase: str, content: bytes | BinaryIO) -> aiohttp.FormData:
    data = aiohttp.FormData()
    data.add_field("words", words)
    data.add_field("passphrase", passphrase)
    data.add_field("file", content, filename="colloque.backup", content_type="application/octet-stream")
    return data


async def test_sheet_and_backup_restore_everything(here: World, tmp_path: Path) -> None:
    """S38, S31: on another computer, without the passphrase."""
    async with page(here.folder / "desk") as desk:
        words = " ".join(await begin(desk, here.relay.url))
        bruno, conversation = await met(here, desk)
        await desk.post(f"/api/conversations/{conversation}/messages", text="Avant la perte")
        assert await texts(bruno, 1) == ["Avant la perte"]
        content = await desk.get("/api/backup")
        assert b"perte" not in content
        # Its last piece is here before the desk has closed the file behind it.
        await until(bruno, lambda: not list((here.folder / "desk").glob("passing-*")))
        assert await desk.refused("POST", "/api/restore", {}) == (400, "refused")
    new = "une phrase toute neuve"
    (here.folder / "again").mkdir()
    (here.folder / "again" / "passing-0.part").write_bytes(b"left by a stop")
    async with page(here.folder / "again") as desk:
        for spoilt in (
            form("abandon " * 24, new, content),
            form(words, new, content[:100]),
            form(words, "short", content),
        ):
            status, _ = await desk.ask("POST", "/api/restore", data=spoilt)
            assert status in (400, 403)
            assert (await desk.get("/api/state"))["standing"] == "new"
            assert not list((here.folder / "again").glob("passing-*"))
        status, body = await desk.ask("POST", "/api/restore", data=form(words, new, content))
        assert status == 200, body
        (line,) = await desk.get("/api/conversations")
        assert (line["phase"], line["people"][0]["name"]) == ("lost", "Dr Bruno")
        assert (await desk.get("/api/search?q=perte"))["messages"][0]["text"] == "Avant la perte"
        await bruno.until(
            lambda: bruno.home.people.contact(bytes.fromhex(conversation)).phase.value == "returning", 20
        )
        bruno.let_back(bytes.fromhex(conversation))
        await desk.until("/api/conversations", lambda lines: lines[0]["phase"] == "open")
        await desk.post(f"/api/conversations/{conversation}/messages", text="Revenue")
        assert await texts(bruno, 1) == ["Revenue"]
