"""A report is written at the desk, kept in its record, and comes to whoever it is for; never readable on the way."""

from __future__ import annotations

import os
import time
from io import BytesIO
from pathlib import Path
from typing import Any

from pypdf import PdfReader

from colloque.desk.report import Report, read
from colloque.desk.report_page import sheet
from colloque.store.client.reports import Kept
from tests.desk.page import Page
from tests.desk.test_report_rules import FIELDS
from tests.desk.test_talk import met
from tests.scenarios.world import PASSPHRASE, World, until

PLANTED = ("Verrazzano", "Quetzalcoatl", "Hippocrene")


def report(**other: Any) -> dict[str, Any]:
    now = time.time_ns() // 1_000_000
    times = {"began": now - 1_800_000, "ended": now - 60_000, "corrects": None}
    return FIELDS | times | {"found": f"{PLANTED[0]} va mieux"} | other


def text(made: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(made)).pages)


def holds(folder: Path, words: tuple[str, ...]) -> list[str]:
    """Which of the words lie readable in a file there."""
    files = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    return [word for word in words if any(word.encode() in data for data in files)]


async def test_a_report_is_kept_and_sent_once_to_each(here: World, desk: Page) -> None:
    bruno, conversation = await met(here, desk)
    clara, other = await met(here, desk, "clara")
    path = f"/api/conversations/{conversation}/reports"
    asked: dict[str, Any] = {"id": os.urandom(16).hex(), "to": [conversation, other], "report": report()}
    kept = await desk.post(path, **asked)
    again = await desk.post(path, **asked)
    assert again["id"] == kept["id"]
    assert [one["conversation"] for one in kept["sent"]] == [conversation, other]
    for client, where in ((bruno, conversation), (clara, other)):
        ident = bytes.fromhex(where)

        def files(client: Any = client, ident: bytes = ident) -> list[Any]:
            return [e for e in client.home.messages.history(ident) if e.kind == "file" and e.state == "here"]

        await until(client, lambda files=files: bool(files()))
        (entry,) = files()
        assert entry.document.name.startswith("compte-rendu-20")
        assert "Marie" not in entry.document.name
        pieces, came = client.pieces(entry), b""
        while piece := pieces.next():
            came += piece
        assert f"{PLANTED[0]} va mieux" in text(came)
        assert came == await desk.get(f"/api/reports/{kept['id']}")
    assert not holds(here.folder, PLANTED), "at the relay, at the desk and at the reader, on the disk"


async def test_what_is_wrong_is_named_and_nothing_is_kept(here: World, desk: Page) -> None:
    _, conversation = await met(here, desk)
    path = f"/api/conversations/{conversation}/reports"
    ident = os.urandom(16).hex()
    asked: dict[str, Any] = {
        "id": ident,
        "to": [conversation],
        "report": report(acts={"none": False, "text": ""}, held=None),
    }
    assert await desk.post(path, **asked) == {"wrong": ["held", "acts"]}
    assert await desk.get(path) == []
    asked["report"] = report(patient=FIELDS["patient"] | {"name": "李小龙"})
    assert await desk.refused("POST", path, asked) == (400, "refused")
    wrongs: list[dict[str, Any]] = [{"to": []}, {"to": ["00" * 16]}, {"id": "00" * 32}, {"report": []}]
    for wrong in wrongs:
        assert await desk.refused("POST", path, asked | wrong) == (400, "refused")
    assert await desk.get(path) == []
    assert await desk.refused("GET", f"/api/reports/{ident}") == (400, "refused")


async def test_a_correction_is_a_new_report(here: World, desk: Page) -> None:
    _, conversation = await met(here, desk)
    _, other = await met(here, desk, "clara")
    path = f"/api/conversations/{conversation}/reports"
    first: dict[str, Any] = {"id": os.urandom(16).hex(), "to": [conversation], "report": report()}
    await desk.post(path, **first)
    changed = first | {"report": first["report"] | {"found": "Autre chose"}}
    assert await desk.refused("POST", path, changed) == (400, "refused")
    corrects = first["report"] | {"found": f"{PLANTED[1]} va moins bien", "corrects": first["id"]}
    second: dict[str, Any] = {"id": os.urandom(16).hex(), "to": [conversation], "report": corrects}
    elsewhere = f"/api/conversations/{other}/reports"
    assert await desk.refused("POST", elsewhere, second | {"to": [other]}) == (400, "refused")
    await desk.post(path, **second)
    found = await desk.get(path)
    assert [(one["id"], one["corrects"]) for one in found] == [
        (second["id"], first["id"]),
        (first["id"], None),
    ]
    assert f"Corrige le compte rendu {first['id'][:8]}" in text(
        await desk.get(f"/api/reports/{second['id']}")
    )
    assert [one["id"] for one in await desk.get(f"{path}?q=MOINS+quetzalcoatl")] == [second["id"]]
    assert await desk.get(f"{path}?q=nulle+part") == []
    assert await desk.get(elsewhere) == []


async def test_what_is_begun_stays_in_the_home_alone(here: World, desk: Page) -> None:
    _, conversation = await met(here, desk)
    path = f"/api/conversations/{conversation}/report-draft"
    assert await desk.get(path) == {"draft": None}
    begun = {"found": f"{PLANTED[2]} commence"}
    await desk.post(path, draft=begun)
    await desk.post("/api/lock", keys=False)
    assert await desk.refused("GET", path) == (423, "locked")
    await desk.post("/api/unlock", passphrase=PASSPHRASE)
    assert await desk.get(path) == {"draft": begun}
    assert not holds(here.folder, PLANTED)
    await desk.post(
        f"/api/conversations/{conversation}/reports",
        id=os.urandom(16).hex(),
        to=[conversation],
        report=report(),
    )
    assert await desk.get(path) == {"draft": None}, "it is written now"
    assert await desk.refused("POST", f"/api/conversations/{'00' * 16}/report-draft", {"draft": {}}) == (
        400,
        "refused",
    )


async def test_what_a_stop_kept_back_is_sent_later(here: World, desk: Page) -> None:
    """As a stop leaves it between the record and the sending."""
    bruno, conversation = await met(here, desk)
    client, ident = desk.server.desk.client, os.urandom(16)
    made = read(report(), ident, client.home.identity.profile, client.home.clock())
    assert isinstance(made, Report)
    where = bytes.fromhex(conversation)
    client.home.reports.keep(
        Kept(ident, where, made.made_at, None, made.fields(), sheet(made), "compte-rendu.pdf", (where,))
    )
    (kept,) = await desk.get(f"/api/conversations/{conversation}/reports")
    assert kept["sent"] == [{"conversation": conversation, "state": None}]
    for _ in range(2):
        kept = await desk.post(f"/api/reports/{ident.hex()}/send")
        assert kept["sent"][0]["state"] is not None
    await until(
        bruno, lambda: any(e.state == "here" and e.document for e in bruno.home.messages.history(where))
    )
    assert sum(e.document is not None for e in bruno.home.messages.history(where)) == 1
