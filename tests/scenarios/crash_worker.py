"""One end in a process of its own, which kills itself at chosen points: `main(ROLE, FOLDER, POINTS)`.

Each role does what is left to do of its part of a story, and begins again as often as it is started: what it sends has keys,
so that trying again sends nothing twice. What it is shown goes line by line, synced, into FOLDER/shown. It comes to its end
once everything of its own was delivered and everything of the others was shown.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Callable
from pathlib import Path

from colloque.client.client import Client, now_ms
from colloque.client.saving import save_document
from colloque.store.client import backup, vault
from colloque.store.client.home import Home
from colloque.store.client.messages import Entry
from colloque.wire.profile import Profile
from tests.support.faults import Fault, Point

PASSPHRASE = "x"
RELAY_FILE, LINK, SHOWN, DOCUMENT, BACKUP = "relay", "link", "shown", "document.bin", "backup"
LIMIT_S = 60.0


def quick_argon() -> None:
    vault._MEMORY_KIB, vault._ITERATIONS = 64, 1
    backup._MEMORY_KIB, backup._ITERATIONS = 64, 1


class End:
    def __init__(self, client: Client, folder: Path, fault: Fault) -> None:
        self.client = client
        self.folder = folder
        self._fault = fault
        self._out = os.open(folder / SHOWN, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    async def until(self, reached: Callable[[], bool], what: str) -> None:
        if not await self.client.until(reached, LIMIT_S):
            raise SystemExit(f"in time was not: {what}")

    async def show(self, count: int) -> None:
        """What comes, until `count` texts and files were shown."""
        end = time.monotonic() + LIMIT_S
        while len({line.removesuffix(" again") for line in self.shown()}) < count:
            if time.monotonic() > end:
                raise SystemExit("what the others sent did not come in time")
            async for entry in self.client.receive(0.2):
                if entry.kind in ("text", "file"):
                    self._note(entry)

    def _note(self, entry: Entry) -> None:
        if entry.document is not None:
            save_document(self.client.home, entry, self.folder / "saved")
        words = entry.document.name if entry.document is not None else entry.text
        os.write(self._out, f"{words}{' again' if entry.again else ''}\n".encode())
        os.fsync(self._out)
        self.client.home.database_step("noted")

    def shown(self) -> list[str]:
        return (self.folder / SHOWN).read_text().splitlines()

    async def delivered(self) -> None:
        """Until everything of its own was, and nothing is left to be done."""
        home = self.client.home

        def reached() -> bool:
            rows = home.database.all("SELECT state FROM message WHERE author IS NULL AND kind != 'notice'")
            return all(state in ("delivered", "read") for (state,) in rows)

        await self.until(reached, "everything delivered")
        if not await self.client.settle(LIMIT_S):
            raise SystemExit("something was left to be done")
        if self._fault.awaits("before confirm", "after confirm"):
            # The kill before this start was at a confirmation, which is to be made again.
            await self.until(lambda: self._fault.seen["after confirm"] > 0, "confirmed")


async def init(folder: Path, fault: Fault) -> None:
    relay = (folder / RELAY_FILE).read_text()
    await Client.create(
        folder / "home", relay=relay, profile=Profile("Dr Anne"), passphrase=PASSPHRASE, step=fault
    )


async def restore(folder: Path, fault: Fault) -> None:
    source = folder / BACKUP
    Home.restore(
        folder / "home", source, PASSPHRASE, PASSPHRASE, random=os.urandom, clock=now_ms, step=fault
    ).close()


async def guest(folder: Path, fault: Fault) -> None:
    """Follows the link, sends three texts and a document, and is shown three texts."""
    async with Client.open(folder / "home", passphrase=PASSPHRASE, step=fault) as client:
        end, contacts = End(client, folder, fault), client.contacts()
        link = (folder / LINK).read_text()
        conversation = contacts[0].conversation if contacts else await client.accept(link)
        for n in range(3):
            await client.send(conversation, text=f"bruno {n}", key=f"text {n}")
        await client.send(conversation, files=[folder / DOCUMENT], key="document")
        await end.show(3)
        await end.delivered()


async def host(folder: Path, fault: Fault) -> None:
    """Invites Bruno and Clara, sends Bruno three texts and a document, is shown as much, speaks to both at once, takes Clara
    out, speaks again, and writes a backup."""
    async with Client.open(folder / "home", passphrase=PASSPHRASE, step=fault) as client:
        end = End(client, folder, fault)
        for name in ("Bruno", "Clara"):
            await _invited(client, folder / f"{LINK}-{name}", name)

        def open_with(count: int) -> bool:
            return sum(c.phase.value == "open" for c in client.contacts()) == count

        await end.until(lambda: open_with(2), "both answered")
        for n in range(3):
            await client.send("Bruno", text=f"anne {n}", key=f"text {n}")
        await client.send("Bruno", files=[folder / DOCUMENT], key="document")
        await end.show(4)
        if not client.gatherings():
            client.convene("team", ["Bruno", "Clara"])
        team = client.gatherings()[0].conversation

        def members() -> int:
            return sum(joined for _, _, joined in client.gatherings()[0].members)

        if client.home.messages.by_key("both/0") is None:
            await end.until(lambda: members() == 2, "both in the team")
        said = await client.send(team, text="to both", key="both")
        await client.wait_for(said, "delivered", LIMIT_S)
        if len(client.gatherings()[0].members) == 2:
            client.remove(team, ["Dr Clara"])
        await client.send(team, text="without clara", key="without")
        await end.delivered()
        if not (folder / BACKUP).exists():
            client.home.backup(folder / BACKUP, PASSPHRASE)


async def _invited(client: Client, place: Path, name: str) -> None:
    if place.exists():
        return
    invited = await client.invite(name)
    if not invited.ready:
        raise SystemExit("the invitation was not published in time")
    temporary = place.with_suffix(".tmp")
    temporary.write_text(invited.link)
    os.replace(temporary, place)


ROLES = {"init": init, "restore": restore, "guest": guest, "host": host}


def main(role: str, folder: str, points: list[Point]) -> None:
    quick_argon()
    fault = Fault((name, count) for name, count in points)
    asyncio.run(ROLES[role](Path(folder), fault))
    print("steps", json.dumps(fault.seen), flush=True)
