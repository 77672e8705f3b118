"""A small world for whole stories: a real relay, real homes, real sockets."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from colloque.client.client import Client
from colloque.protocol.session.model import Talk
from colloque.relay.core import Options
from colloque.relay.server import RelayServer
from colloque.store.client import backup, vault
from colloque.store.client.messages import Entry
from colloque.wire.profile import Profile

PASSPHRASE = "a passphrase for the tests"
WAIT = 20.0


class World:
    def __init__(self, folder: Path, relay: RelayServer, stack: AsyncExitStack) -> None:
        self.folder = folder
        self.relay = relay
        self._stack = stack

    async def home(self, name: str, full_name: str = "") -> Path:
        """A new identity, not opened."""
        home = self.folder / name
        profile = Profile(full_name or f"Dr {name.title()}")
        await Client.create(home, relay=self.relay.url, profile=profile, passphrase=PASSPHRASE)
        return home

    async def person(self, name: str, full_name: str = "") -> Client:
        return await self.open(await self.home(name, full_name))

    async def open(self, home: Path) -> Client:
        return await self._stack.enter_async_context(Client.open(home, passphrase=PASSPHRASE))

    async def pair(self, host: Client, guest: Client, name: str) -> bytes:
        """`guest` follows `host`'s personal link, until both ends are open; `name` is what the host calls them."""
        invited = await host.invite(name)
        assert invited.ready
        conversation = await guest.accept(invited.link)
        await until(guest, lambda: guest.home.people.contact(conversation).phase.value == "open")
        await until(guest, lambda: talk_of(guest, conversation).conversation.revision > 0)
        return conversation

    async def pair_away(self, name: str) -> tuple[Client, Path, bytes]:
        """Anne, and the home of `name`, who has paired with her, settled, and gone; their conversation."""
        anne, home = await self.person("anne"), await self.home(name)
        async with Client.open(home, passphrase=PASSPHRASE) as other:
            conversation = await self.pair(anne, other, name.title())
            await other.settle(10)
            await anne.settle(10)
        return anne, home, conversation


def talk_of(client: Client, conversation: bytes) -> Talk:
    """A conversation with its groups, as one end has it."""
    talk = client.home.talks.load(conversation)
    assert talk is not None
    return talk


async def until(client: Client, reached: object, wait: float = WAIT) -> None:
    assert callable(reached)
    assert await client.until(reached, wait), "it did not come so far in time"


async def texts(client: Client, count: int, wait: float = WAIT) -> list[str]:
    """The next `count` texts and files (their names) that come, notices left out."""
    found: list[str] = []
    end = time.monotonic() + wait
    while len(found) < count and time.monotonic() < end:
        came = [entry async for entry in client.receive(0.2) if entry.kind != "notice"]
        found += [entry.document.name if entry.document else entry.text for entry in came]
    assert len(found) == count, f"{found} came"
    return found


async def notices(client: Client, wait: float = 0.5) -> list[str]:
    return [str(e.notice["what"]) async for e in client.receive(wait) if e.notice]


def lines(client: Client, conversation: bytes) -> list[Entry]:
    return [e for e in client.home.messages.history(conversation) if e.kind != "notice"]


@asynccontextmanager
async def world(folder: Path, options: Options | None = None) -> AsyncIterator[World]:
    async with (
        RelayServer(folder / "relay", options=options or Options(creation="open")) as relay,
        AsyncExitStack() as stack,
    ):
        yield World(folder, relay, stack)


def quick_argon(monkeypatch: object) -> None:
    """Stretching a passphrase takes its time on purpose; a test of something else need not wait for it each time."""
    for module in (vault, backup):
        monkeypatch.setattr(module, "_MEMORY_KIB", 64)  # type: ignore[attr-defined]
        monkeypatch.setattr(module, "_ITERATIONS", 1)  # type: ignore[attr-defined]
