"""Search in the encrypted database (`spec/sessions.md` S39)."""

from __future__ import annotations

from urllib.parse import quote

from tests.desk.page import Page
from tests.desk.test_talk import met
from tests.scenarios.world import World, texts, until


async def find(desk: Page, words: str, more: str = "") -> list[str]:
    return [e["text"] for e in (await desk.get(f"/api/search?q={quote(words)}{more}"))["messages"]]


async def test_words_names_and_documents(here: World, desk: Page) -> None:
    """S39: words complete or begun, without accents or capitals, newest first."""
    bruno, conversation = await met(here, desk)
    path = f"/api/conversations/{conversation}"
    for text in ("La glycémie est stable", "GLYCEMIE à contrôler", "rien à voir"):
        await desk.post(f"{path}/messages", text=text)
    await bruno.send(bytes.fromhex(conversation), text="glycémies d'hier")
    await desk.until("/api/conversations", lambda lines: lines[0]["unread"] == 1)
    assert await find(desk, "glycemie") == [
        "glycémies d'hier",
        "GLYCEMIE à contrôler",
        "La glycémie est stable",
    ]
    assert await find(desk, "glyc stab") == ["La glycémie est stable"]
    assert await find(desk, "glycemie", "&limit=1") == ["glycémies d'hier"]
    assert await find(desk, "glycemie", f"&conversation={conversation}") != []
    assert await find(desk, "glycemie", f"&conversation={'0' * 32}") == []
    file = here.folder / "Échographie.pdf"
    file.write_bytes(b"x")
    await bruno.send(bytes.fromhex(conversation), files=[file])
    await desk.until("/api/search?q=echogr", lambda found: len(found["messages"]) == 1)
    assert (await desk.get("/api/search?q=brun"))["conversations"] == [conversation]
    assert (await desk.get("/api/search?q=BRÜNO"))["conversations"] == [conversation]
    assert (await desk.get("/api/search?q=runo"))["conversations"] == []


async def test_nothing_that_is_typed_is_an_operator(here: World, desk: Page) -> None:
    _, conversation = await met(here, desk)
    await desk.post(f"/api/conversations/{conversation}/messages", text="un AND deux")
    for words in (
        '"',
        "a* OR b",
        "words:un",
        "un NOT deux",
        "(",
        "NEAR(un deux)",
        "^un",
        "-",
        "%",
        "\u0000",
        "x" * 5_000,
    ):
        await desk.get(f"/api/search?q={quote(words)}")
    assert await find(desk, '"un') == ["un AND deux"]
    assert await find(desk, "words:un") == []


async def test_what_was_retracted_leaves_the_index(here: World, desk: Page) -> None:
    """S39: by me and by them; not even the index's own tables hold it."""
    bruno, conversation = await met(here, desk)
    path = f"/api/conversations/{conversation}"
    mine = await desk.post(f"{path}/messages", text="planteverveine")
    assert await texts(bruno, 1) == ["planteverveine"]
    (theirs,) = await bruno.send(bytes.fromhex(conversation), text="planteromarin")
    await desk.until("/api/search?q=planteromarin", lambda found: len(found["messages"]) == 1)
    await desk.ask("DELETE", f"{path}/messages/{mine['id']}")
    bruno.retract(theirs.id)
    await desk.until("/api/search?q=plante", lambda found: found["messages"] == [])
    database = desk.server.desk.client.home.database
    for table in ("found_data", "found_content"):
        rows = database.all(f"SELECT * FROM {table}")
        assert rows
        assert b"plante" not in repr(rows).encode(), table
    await until(bruno, lambda: bruno.home.search.find("plante").messages == ())
