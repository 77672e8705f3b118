"""Killed at any instant and started again: nothing lost, nothing shown twice (crash points by fault injection)."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Set
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import pytest

from colloque.client.client import Client, now_ms
from colloque.store.client.founding import UNFINISHED
from colloque.store.client.home import Home
from colloque.store.client.vault import Locked
from colloque.wire.profile import Profile
from colloque.wire.sizes import CARD_BYTES, CHUNK_SIZES
from tests.scenarios.crash_worker import BACKUP, DOCUMENT, LINK, PASSPHRASE, RELAY_FILE, SHOWN
from tests.scenarios.world import World, lines, until
from tests.support.faults import Point
from tests.support.forks import Forks

WORKER = "tests.scenarios.crash_worker"
DOCUMENT_BYTES = CHUNK_SIZES[1] + 1_000
"""Two chunks."""
BLOCK = 10
"""Steps in one long test: so much is done again where it was stopped."""

# Every kind of write of an end, and every boundary to the relay. The first of its kind is come to for sure; whether a later
# one is depends on how much was left to do after the stops before.
OFTEN = ("before commit", "after commit", "sent", "before confirm", "after confirm", "queue made", "noted")
WRITES = (
    *("queue dropped", "grant lent", "errand run", "backup written", "backup in place"),
    *(
        "spool folder made",
        "chunk written",
        "chunk sealed",
        "document sealed",
        "chunk uploaded",
        "chunk dropped",
    ),
    *(
        "spool emptied",
        "chunk came",
        "chunk in place",
        "chunks kept",
        "document written",
        "document in place",
    ),
)
MAKING = ("key written", "key in place", "home filled", "home in place")
AT_A_HOST = {(name, 1) for name in OFTEN + WRITES}
LATER_AT_A_HOST = {
    ("before commit", 9),
    ("after commit", 15),
    ("before confirm", 3),
    ("sent", 4),
    ("", 30),
    ("", 60),
}
AT_A_GUEST = {(name, 1) for name in OFTEN}
LATER_AT_A_GUEST = {(name, 2) for name in OFTEN} | {("", count) for count in (3, 8, 14, 22)}
RELAY = "http://127.0.0.1:9"


@dataclass
class Kills:
    """Starts one end again and again, until it comes to its end; `points` that it was not killed at yet are left."""

    forks: Forks
    role: str
    folder: Path
    points: set[Point] = field(default_factory=set)

    async def run(self) -> None:
        while (killed := await self.forks.run(self.role, str(self.folder), sorted(self.points))) is not None:
            self.points.remove(killed)


@pytest.fixture
async def forks(tmp_path: Path) -> AsyncIterator[Forks]:
    async with Forks.of(WORKER, tmp_path / "errors") as made:
        yield made


async def new_end(here: World, folder: Path, name: str) -> None:
    """A folder for the end in the other process: a home in it, and a document."""
    folder.mkdir()
    (folder / DOCUMENT).write_bytes(os.urandom(DOCUMENT_BYTES))
    profile = Profile(f"Dr {name.title()}")
    await Client.create(folder / "home", relay=here.relay.url, profile=profile, passphrase=PASSPHRASE)


def assert_all_is_well(client: Client) -> None:
    """Nothing was missing, nothing was unreadable, nothing of one's own is under way, no document is damaged."""
    rows = client.home.database.all("SELECT id FROM conversation")
    for (conversation,) in rows:
        for entry in client.home.messages.history(conversation):
            assert not entry.notice or entry.notice["what"] not in ("missing", "unreadable", "lost"), entry
            if entry.kind in ("text", "file"):
                fine = ("delivered", "read") if entry.author is None else ("here",)
                assert entry.state in fine, entry


def assert_shown_once(folder: Path, expected: list[str], *, again: bool) -> None:
    """Each in its order, and what was shown a second time says so; `again`: something was, for a kill right after it."""
    said = (folder / SHOWN).read_text().splitlines()
    assert any(line.endswith(" again") for line in said) or not again
    first = [
        line
        for n, line in enumerate(said)
        if line.removesuffix(" again") not in [before.removesuffix(" again") for before in said[:n]]
    ]
    assert [line.removesuffix(" again") for line in first] == expected
    assert all(said.count(line) == 1 for line in said if not line.endswith(" again"))


async def assert_relay_is_empty(here: World, *ends: Client) -> None:
    """Whatever was carried was handed over, confirmed and deleted: envelopes, and the chunks of documents."""
    for end in ends:
        assert await end.settle(20)
    core, folder = here.relay.core, here.folder / "relay" / "chunks"
    # A link that was lost with its program has its card there until it expires.
    (cards,) = await core.database.run(lambda db: db.execute("SELECT count(*) FROM card").fetchone())
    await until(
        ends[0], lambda: core.database.usage.total == cards * CARD_BYTES and not any(folder.iterdir())
    )


async def talk(one: Client, other: Client, conversation: bytes) -> None:
    """The conversation goes on, both ways."""
    for a, b in ((one, other), (other, one)):
        said = await a.send(conversation, text="and afterwards")
        assert (await a.wait_for(said, "delivered", 20))[0].state in ("delivered", "read")
        assert lines(b, conversation)[-1].text == "and afterwards"


async def guest_story(here: World, forks: Forks, folder: Path, points: Set[Point]) -> set[Point]:
    """One exchange in which the guest is killed at each of `points`, one start after the other; those not come to."""
    await new_end(here, folder, "bruno")
    host = await here.person(f"host-{folder.name}")
    (folder / LINK).write_text((await host.invite("Bruno")).link)

    async def answer() -> None:
        await until(host, lambda: bool(host.contacts()), 120)
        for n in range(3):
            await host.send("Bruno", text=f"anne {n}", key=f"{n}")

    kills = Kills(forks, "guest", folder, set(points))
    await asyncio.gather(answer(), kills.run())
    conversation = host.contacts()[0].conversation
    assert_shown_once(folder, [f"anne {n}" for n in range(3)], again=("noted", 1) in points)
    async with Client.open(folder / "home", passphrase=PASSPHRASE) as guest:
        await until(host, lambda: all(e.state == "here" for e in lines(host, conversation) if e.document))
        got = [e for e in lines(host, conversation) if e.author is not None]
        assert [e.text for e in got if e.kind == "text"] == [f"bruno {n}" for n in range(3)]
        assert len(got) == 4
        assert [e.text for e in lines(host, conversation) if e.author is None] == [
            f"anne {n}" for n in range(3)
        ]
        await talk(host, guest, conversation)
        for end in (host, guest):
            assert_all_is_well(end)
        await assert_relay_is_empty(here, host, guest)
    return kills.points


async def host_story(here: World, forks: Forks, folder: Path, points: Set[Point]) -> set[Point]:
    """As `guest_story`, with the host of three people killed at each of `points`."""
    await new_end(here, folder, "anne")
    bruno, clara = [
        await here.person(f"{name}-{folder.name}", f"Dr {name.title()}") for name in ("bruno", "clara")
    ]
    document = os.urandom(DOCUMENT_BYTES)
    (folder / "report.bin").write_bytes(document)

    async def follow(client: Client, name: str) -> bytes:
        link = folder / f"{LINK}-{name}"
        await until(client, link.exists, 120)
        return await client.accept(link.read_text())

    async def answer() -> bytes:
        conversation = await follow(bruno, "Bruno")
        await until(bruno, lambda: bruno.contacts()[0].phase.value == "open", 120)
        for n in range(3):
            await bruno.send(conversation, text=f"bruno {n}", key=f"{n}")
        await bruno.send(conversation, files=[folder / "report.bin"], key="report")
        return conversation

    kills = Kills(forks, "host", folder, set(points))
    pair, _, _ = await asyncio.gather(answer(), follow(clara, "Clara"), kills.run())
    assert_shown_once(folder, [*(f"bruno {n}" for n in range(3)), "report.bin"], again=("noted", 1) in points)
    for path in (folder / "saved").glob("report*"):
        assert path.read_bytes() == document
    async with Client.open(folder / "home", passphrase=PASSPHRASE) as anne:
        (team,) = [g.conversation for g in anne.gatherings()]
        await until(clara, lambda: clara.gatherings()[0].phase.value == "removed")
        for client, conversation, own, theirs in (
            (
                anne,
                pair,
                ["anne 0", "anne 1", "anne 2", DOCUMENT],
                ["bruno 0", "bruno 1", "bruno 2", "report.bin"],
            ),
            (
                bruno,
                pair,
                ["bruno 0", "bruno 1", "bruno 2", "report.bin"],
                ["anne 0", "anne 1", "anne 2", DOCUMENT],
            ),
            (anne, team, ["to both", "without clara"], []),
            (bruno, team, [], ["to both", "without clara"]),
            (clara, team, [], ["to both"]),
        ):
            said = [
                (e.author is None, e.document.name if e.document else e.text)
                for e in lines(client, conversation)
            ]
            assert [words for mine, words in said if mine] == own
            assert [words for mine, words in said if not mine] == theirs
        await talk(anne, bruno, pair)
        await talk(bruno, anne, team)
        for end in (anne, bruno, clara):
            assert_all_is_well(end)
        await assert_relay_is_empty(here, anne, bruno, clara)
    return kills.points


async def test_a_guest_killed_again_and_again(here: World, forks: Forks, tmp_path: Path) -> None:
    left = await guest_story(here, forks, tmp_path / "one", AT_A_GUEST | LATER_AT_A_GUEST)
    assert not left & AT_A_GUEST


async def test_a_host_killed_at_every_kind_of_write(here: World, forks: Forks, tmp_path: Path) -> None:
    left = await host_story(here, forks, tmp_path / "one", AT_A_HOST)
    assert not left


async def test_a_host_killed_later_too(here: World, forks: Forks, tmp_path: Path) -> None:
    await host_story(here, forks, tmp_path / "one", LATER_AT_A_HOST)


@pytest.mark.long
@pytest.mark.timeout(1_200)
@pytest.mark.parametrize("block", range(14))
async def test_a_guest_killed_at_every_step(here: World, forks: Forks, tmp_path: Path, block: int) -> None:
    await every_step(
        lambda folder, point: guest_story(here, forks, folder, {point}), tmp_path, block, last=13
    )


@pytest.mark.long
@pytest.mark.timeout(1_200)
@pytest.mark.parametrize("block", range(30))
async def test_a_host_killed_at_every_step(here: World, forks: Forks, tmp_path: Path, block: int) -> None:
    await every_step(lambda folder, point: host_story(here, forks, folder, {point}), tmp_path, block, last=29)


@pytest.mark.long
@pytest.mark.timeout(1_200)
@pytest.mark.parametrize("story", ["guest", "host"])
@pytest.mark.parametrize("seed", range(12))
async def test_killed_at_many_steps_of_one_story(
    here: World, forks: Forks, tmp_path: Path, story: str, seed: int
) -> None:
    """One stop after the other, each in what the one before left undone."""
    points: set[Point] = {("", step) for step in Random(seed).sample(range(1, 120), 24)}
    if story == "guest":
        await guest_story(here, forks, tmp_path / "one", points)
    else:
        await host_story(here, forks, tmp_path / "one", points)


async def every_step(
    story: Callable[[Path, Point], Awaitable[set[Point]]], folder: Path, block: int, *, last: int
) -> None:
    """One story for each step of the block, until one comes to its end before it comes to its step."""
    for step in range(block * BLOCK + 1, (block + 1) * BLOCK + 1):
        if await story(folder / f"step-{step}", ("", step)):
            return
    assert block != last, "the story has more steps than are tried"


class RelayProcess:
    """A relay that can be killed, and started again on the same port and data."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._port = 0
        self.url = ""

    async def start(self) -> None:
        command = (sys.executable, "-m", "colloque.cli", "relay", "--data", str(self._data))
        listen = ("--listen", f"127.0.0.1:{self._port}", "--creation", "open")
        self._process = await asyncio.create_subprocess_exec(
            *command, *listen, stdout=asyncio.subprocess.PIPE
        )
        assert self._process.stdout is not None
        self.url = (await self._process.stdout.readline()).decode().split()[-1]
        self._port = int(self.url.rsplit(":", 1)[1])

    async def stop(self, number: signal.Signals) -> None:
        self._process.send_signal(number)
        await self._process.communicate()


def whole_or_none(home: Path) -> bool:
    """Whether there is an identity; one that is only half there fails."""
    try:
        Home.open(home, PASSPHRASE, random=os.urandom, clock=now_ms).close()
    except Locked as locked:
        assert "there is no identity" in str(locked)  # noqa: PT017 - it says what to do
        return False
    return True


@pytest.mark.parametrize("role", ["init", "restore"])
async def test_a_home_is_made_whole_or_not_at_all(forks: Forks, tmp_path: Path, role: str) -> None:
    """`colloque init` and `colloque restore`, killed at each of their writes and run again."""
    await Client.create(tmp_path / "old", relay=RELAY, profile=Profile("Dr Anne"), passphrase=PASSPHRASE)
    async with Client.open(tmp_path / "old", passphrase=PASSPHRASE, engine=False) as client:
        client.home.backup(tmp_path / BACKUP, PASSPHRASE)
    killed_at = []
    for number, point in enumerate(
        [*((name, 1) for name in MAKING), *(("", step) for step in range(1, 100))]
    ):
        folder = tmp_path / f"{role}-{number}"
        folder.mkdir()
        (folder / RELAY_FILE).write_text(RELAY)
        (folder / BACKUP).write_bytes((tmp_path / BACKUP).read_bytes())
        if await forks.run(role, str(folder), [point]) is None:
            break
        killed_at.append(point)
        if not whole_or_none(folder / "home"):
            assert await forks.run(role, str(folder), []) is None
            assert whole_or_none(folder / "home")
        assert not list((folder / "home").glob("*.tmp"))
        assert not list((folder / "home").glob(UNFINISHED + "*"))
    assert {(name, 1) for name in MAKING} < set(killed_at)


async def test_the_relay_is_killed_and_comes_back_in_mid_flow(tmp_path: Path) -> None:
    relay = RelayProcess(tmp_path / "relay")
    await relay.start()
    for name in ("anne", "bruno"):
        await Client.create(tmp_path / name, relay=relay.url, profile=Profile(name), passphrase=PASSPHRASE)
    async with (
        Client.open(tmp_path / "anne", passphrase=PASSPHRASE) as anne,
        Client.open(tmp_path / "bruno", passphrase=PASSPHRASE) as bruno,
    ):
        conversation = await bruno.accept((await anne.invite("Bruno")).link)
        await until(bruno, lambda: bruno.contacts()[0].phase.value == "open")
        (tmp_path / "document.bin").write_bytes(os.urandom(9_000_000))
        for turn in range(4):
            await anne.send("Bruno", text=f"{turn} before", files=[tmp_path / "document.bin"])
            await asyncio.sleep(0.05 * turn)
            await relay.stop(signal.SIGKILL)
            await bruno.send(conversation, text=f"{turn} while it is away")
            await asyncio.sleep(0.3)
            await relay.start()
        mine = [e for e in lines(anne, conversation) if e.author is None]
        assert {e.state for e in await anne.wait_for(mine, "delivered", 60)} <= {"delivered", "read"}
        await until(anne, lambda: len([e for e in lines(anne, conversation) if e.author]) == 4, 60)
        for client, words in ((bruno, "before"), (anne, "while it is away")):
            came = [e.text for e in lines(client, conversation) if e.author and e.kind == "text"]
            assert came == [f"{turn} {words}" for turn in range(4)]
            told = [e.notice["what"] for e in client.home.messages.history(conversation) if e.notice]
            assert "missing" not in told
            assert "unreadable" not in told
    await relay.stop(signal.SIGTERM)
