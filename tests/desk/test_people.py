"""Invitations, newcomers, verifying, blocking, conversations of several, alarms."""

from __future__ import annotations

import os
import re
import time
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from colloque.client.client import Client, now_ms
from colloque.store.client import newcomers
from colloque.store.client.home import Home
from tests.desk.page import Page, begin, page
from tests.desk.test_talk import met
from tests.scenarios.world import PASSPHRASE, World, notices, talk_of, texts, until

HEALTH = re.compile(
    r"m[ée]dec|doct|patient|sant[ée]|health|consult|medic|clini|cabinet|rendez-vous|appoint|soin|care\b|ordonn",
    re.I,
)


async def test_an_invitation_is_ready_to_send_and_can_be_taken_back(here: World, desk: Page) -> None:
    made = await desk.post("/api/invitations", hours=48, **{"for": "Madame Hoarau"})
    assert made["ready"] is True
    assert abs(made["until"] / 1000 - time.time() - 48 * 3600) < 60
    svg = ET.fromstring(made["qr"])
    assert svg.tag.endswith("svg")
    assert not re.search(r"<script|style=|href|url\(", made["qr"])
    for language in ("fr", "en"):
        letter = made["letter"][language]
        for words in letter.values():
            assert not HEALTH.search(words.replace("Dr Anne Payet", "").replace(made["link"], "")), words
            assert "Hoarau" not in words
        assert made["link"] in letter["mail"]
        assert made["link"] in letter["sms"]
        assert made["link"] not in letter["subject"]
    (listed,) = await desk.get("/api/invitations")
    assert (listed["for"], listed["ready"], listed["expired"]) == ("Madame Hoarau", True, False)
    assert (await desk.get(f"/api/invitations/{made['id']}"))["link"] == made["link"]
    status, _ = await desk.ask("DELETE", f"/api/invitations/{made['id']}")
    assert status == 200
    assert await desk.get("/api/invitations") == []
    await desk.until("/api/state", lambda state: bool(state["reached"]))
    other = await here.person("bruno")
    end = time.monotonic() + 10
    while time.monotonic() < end:
        try:
            await other.look(made["link"])
        except ValueError as gone:
            assert "expired" in str(gone)  # noqa: PT017
            break
    else:
        pytest.fail("the link still leads here")
    assert await desk.get(f"/api/invitations/{made['id']}") is None
    for hours in (0, 721, "x"):
        assert await desk.refused("POST", "/api/invitations", {"for": "x", "hours": hours}) == (
            400,
            "refused",
        )


async def greeted(here: World, desk: Page, name: str, words: str = "Bonjour") -> tuple[Client, bytes]:
    card = await desk.post("/api/card")
    assert card["ready"] is True
    other = await here.person(name)
    return other, await other.accept(card["link"], words)


async def test_who_follows_the_card_waits_for_admission(here: World, desk: Page) -> None:
    """S37: they are answered only when somebody admits them."""
    bruno, conversation = await greeted(here, desk, "bruno", "C'est pour mon genou")
    (waiting,) = await desk.until("/api/newcomers", lambda found: len(found) == 1)
    assert (waiting["name"], waiting["words"]) == ("Dr Bruno", "C'est pour mon genou")
    assert await desk.get("/api/conversations") == []
    assert not await bruno.until(lambda: bruno.home.people.contact(conversation).phase.value == "open", 1.0)
    admitted = await desk.post(f"/api/newcomers/{waiting['key']}/admit")
    assert admitted["conversation"] == conversation.hex()
    await until(bruno, lambda: bruno.home.people.contact(conversation).phase.value == "open")
    (line,) = await desk.get("/api/conversations")
    assert line["last"]["text"] == "C'est pour mon genou"
    assert await desk.get("/api/newcomers") == []
    assert await desk.refused("POST", f"/api/newcomers/{waiting['key']}/admit", {}) == (400, "refused")


async def test_a_newcomer_is_blocked_for_good_and_it_can_be_undone(here: World, desk: Page) -> None:
    """S37: who is blocked is ignored also with a new hello."""
    bruno, _ = await greeted(here, desk, "bruno")
    (waiting,) = await desk.until("/api/newcomers", lambda found: len(found) == 1)
    await desk.post(f"/api/newcomers/{waiting['key']}/blocked", blocked=True)
    (blocked,) = await desk.get("/api/newcomers")
    assert (blocked["blocked"], blocked["words"]) == (True, "")
    home = desk.server.desk.client.home
    bruno.home.database.execute("DELETE FROM setting WHERE name LIKE 'followed%'")
    card = await desk.post("/api/card")
    seen = home.database.one("SELECT count(*) FROM seen")[0]
    await bruno.accept(card["link"], "encore")
    assert await desk.server.desk.client.until(
        lambda: home.database.one("SELECT count(*) FROM seen")[0] > seen, 10
    )
    assert [n["words"] for n in await desk.get("/api/newcomers")] == [""]
    assert await desk.refused("POST", f"/api/newcomers/{waiting['key']}/admit", {}) == (400, "refused")
    await desk.post(f"/api/newcomers/{waiting['key']}/blocked", blocked=False)
    assert await desk.get("/api/newcomers") == []
    bruno.home.database.execute("DELETE FROM setting WHERE name LIKE 'followed%'")
    await bruno.accept(card["link"], "enfin")
    (waiting,) = await desk.until("/api/newcomers", lambda found: len(found) == 1)
    assert waiting["words"] == "enfin"


async def test_newcomers_cannot_flood(here: World, desk: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    """S37, S7: bounded a day, and one place for each key."""
    monkeypatch.setattr(newcomers, "A_DAY", 2)
    bruno, _ = await greeted(here, desk, "bruno", "un")
    await desk.until("/api/newcomers", lambda found: len(found) == 1)
    card = await desk.post("/api/card")
    bruno.home.database.execute("DELETE FROM setting WHERE name LIKE 'followed%'")
    await bruno.accept(card["link"], "deux")
    await desk.until("/api/newcomers", lambda found: [n["words"] for n in found] == ["deux"])
    await greeted(here, desk, "chloe")
    await desk.until("/api/newcomers", lambda found: len(found) == 2)
    home = desk.server.desk.client.home
    seen = home.database.one("SELECT count(*) FROM queue WHERE sequence >= 4")[0]
    await greeted(here, desk, "denis")
    assert seen == 0
    assert await desk.server.desk.client.until(
        lambda: home.database.one("SELECT count(*) FROM queue WHERE sequence >= 4")[0] == 1, 10
    )
    assert len(await desk.get("/api/newcomers")) == 2


async def test_a_name_that_looks_like_a_known_one_is_said_before_it_is_admitted(
    here: World, desk: Page
) -> None:
    """S8, S37."""
    await met(here, desk, "bruno")
    card = await desk.post("/api/card")
    for home, name in (("other", "Dr Вruno"), ("third", "Dr Chloé")):
        other = await here.open(await here.home(home, name))
        await other.accept(card["link"])
    found = await desk.until("/api/newcomers", lambda found: len(found) == 2)
    assert {one["name"]: one["looksKnown"] for one in found} == {"Dr Вruno": True, "Dr Chloé": False}


async def test_a_dismissed_newcomer_may_come_again(here: World, desk: Page) -> None:
    await greeted(here, desk, "bruno")
    (waiting,) = await desk.until("/api/newcomers", lambda found: len(found) == 1)
    await desk.post(f"/api/newcomers/{waiting['key']}/dismiss")
    assert await desk.get("/api/newcomers") == []


async def test_verifying_and_blocking_a_contact(here: World, desk: Page) -> None:
    bruno, conversation = await met(here, desk)
    path = f"/api/conversations/{conversation}"
    safety = await desk.get(f"{path}/safety")
    assert safety == {"number": bruno.safety_number(bruno.contacts()[0]), "verified": False}
    await desk.post(f"{path}/verified", verified=True)
    (line,) = await desk.get("/api/conversations")
    assert line["people"][0]["verified"] is True
    await desk.post(f"{path}/verified", verified=False)
    assert (await desk.get(f"{path}/safety"))["verified"] is False
    await desk.post(f"{path}/blocked", blocked=True)
    (line,) = await desk.get("/api/conversations")
    assert line["people"][0]["blocked"] is True
    await desk.post(f"{path}/blocked", blocked=False)
    await desk.server.desk.client.settle(10)
    sent = await bruno.send(bytes.fromhex(conversation), text="toujours là")
    await bruno.wait_for(sent, "delivered", 20)
    await desk.until("/api/conversations", lambda lines: lines[0]["unread"] == 1)


async def test_a_conversation_of_several(here: World, desk: Page) -> None:
    bruno, with_bruno = await met(here, desk, "bruno")
    chloe, with_chloe = await met(here, desk, "chloe")
    made = await desk.post("/api/groups", name="Équipe", people=[with_bruno])
    path = f"/api/conversations/{made['conversation']}"

    def joined(count: int):  # type: ignore[no-untyped-def]
        def look(lines: list[dict[str, object]]) -> bool:
            (one,) = [line for line in lines if line["name"] == "Équipe"]
            return sum(p["here"] for p in one["people"]) == count  # type: ignore[attr-defined]

        return look

    await desk.until("/api/conversations", joined(1))
    await desk.post(f"{path}/people", people=[with_chloe])
    lines = await desk.until("/api/conversations", joined(2))
    await desk.post(f"{path}/messages", text="à tous")
    assert await texts(bruno, 1) == ["à tous"]
    assert await texts(chloe, 1) == ["à tous"]
    (one,) = [line for line in lines if line["name"] == "Équipe"]
    assert (one["pair"], one["mine"], one["secondHost"]) == (False, True, None)
    chloe_key = chloe.home.identity.key.hex()
    await desk.post(f"{path}/second-host", key=chloe_key)
    (one,) = [line for line in await desk.get("/api/conversations") if line["name"] == "Équipe"]
    assert one["secondHost"] == chloe_key
    status, _ = await desk.ask("DELETE", f"{path}/people/{bruno.home.identity.key.hex()}")
    assert status == 200
    group = bytes.fromhex(made["conversation"])
    await until(bruno, lambda: bruno.gatherings()[0].phase.value == "removed")
    assert await desk.refused("POST", f"{path}/take-over", {}) == (400, "refused")
    await desk.post(f"{path}/leave")
    await until(chloe, lambda: chloe.gatherings()[0].host == chloe.home.identity.key)
    assert chloe.has_left(group) is False
    assert await desk.refused("POST", f"{path}/messages", {"text": "trop tard"}) == (400, "refused")


async def test_somebody_who_lost_their_state_is_let_back(here: World, desk: Page, tmp_path: Path) -> None:
    bruno_home = await here.home("bruno")
    invited = await desk.post("/api/invitations", hours=24, **{"for": "Bruno"})
    async with Client.open(bruno_home, passphrase=PASSPHRASE) as bruno:
        conversation = await bruno.accept(invited["link"])
        await until(bruno, lambda: bruno.home.people.contact(conversation).phase.value == "open")
        await until(bruno, lambda: talk_of(bruno, conversation).conversation.revision > 0)
        await bruno.settle(10)
        bruno.home.backup(tmp_path / "backup", PASSPHRASE)
    path = f"/api/conversations/{conversation.hex()}"
    assert await desk.refused("POST", f"{path}/let-back", {}) == (400, "refused")
    again = tmp_path / "again"
    Home.restore(again, tmp_path / "backup", PASSPHRASE, PASSPHRASE, random=os.urandom, clock=now_ms).close()
    async with Client.open(again, passphrase=PASSPHRASE) as bruno:
        (line,) = await desk.until("/api/conversations", lambda lines: lines[0]["phase"] == "returning")
        assert line["asking"] == [bruno.home.identity.key.hex()]
        await desk.post(f"{path}/let-back")
        await until(bruno, lambda: bruno.home.people.contact(conversation).phase.value == "open")


async def test_links_of_others(here: World, desk: Page) -> None:
    bruno = await here.person("bruno")
    invited = await bruno.invite("Anne")
    seen = await desk.post("/api/links/look", link=invited.link)
    assert (seen["name"], seen["personal"]) == ("Dr Bruno", True)
    assert await notices(bruno) == []
    accepted = await desk.post("/api/links/accept", link=invited.link, words="Bonjour")
    assert await texts(bruno, 1) == ["Bonjour"]
    await desk.until("/api/conversations", lambda lines: lines[0]["phase"] == "open")
    assert (await desk.get("/api/conversations"))[0]["id"] == accepted["conversation"]
    for wrong in ("", "https://example.org/", invited.link[:-1]):
        assert await desk.refused("POST", "/api/links/look", {"link": wrong}) == (400, "refused")
    assert await desk.refused("POST", "/api/token", {"token": "un jeton"}) == (400, "refused")
    await desk.post("/api/token", token="0123456789abcdef")
    assert desk.server.desk.client.home.identity.token == b"0123456789abcdef"


async def test_what_was_not_delivered_is_an_alarm_until_dealt_with(
    here: World, desk: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S27: it clears by delivery, or when somebody says that they have seen to it; never by itself."""
    bruno, conversation = await met(here, desk)
    await bruno.settle(10)
    await bruno._stop()
    path = f"/api/conversations/{conversation}"
    sent = [await desk.post(f"{path}/messages", text=text) for text in ("un", "deux")]
    assert await desk.get("/api/alarms") == []
    home = desk.server.desk.client.home
    home.database.execute("UPDATE message SET sent_at = sent_at - 50 * 3600000 WHERE author IS NULL")
    assert [e["text"] for e in await desk.get("/api/alarms")] == ["un", "deux"]
    assert (await desk.get("/api/conversations"))[0]["late"] is True
    await desk.post(f"/api/alarms/{sent[0]['id']}/done")
    assert [e["text"] for e in await desk.get("/api/alarms")] == ["deux"]
    home.upkeep.tick(home.context())
    assert [e["text"] for e in await desk.get("/api/alarms")] == ["deux"]
    assert (await desk.get(f"{path}/history"))[-2]["late"] is True
    assert await desk.refused("POST", f"/api/alarms/{sent[0]['id']}/done", {}) == (400, "refused")
    async with Client.open(bruno.home.folder, passphrase=PASSPHRASE):
        await desk.until("/api/alarms", lambda found: found == [])


async def test_a_first_start_without_a_relay_is_kept(tmp_path: Path) -> None:
    async with page(tmp_path / "desk") as desk:
        await begin(desk, "http://127.0.0.1:9")
        made = await desk.post("/api/invitations", hours=1, **{"for": "x"})
        assert made["ready"] is False
