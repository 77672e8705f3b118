"""Killed at every write, the relay keeps its word (`spec/relay.md` R11, R25): crash points are placed, not waited for."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from pathlib import Path
from random import Random
from typing import TypeVar

import aiohttp
import pytest

from colloque.client.relay.connection import Connection
from colloque.client.relay.errors import NoQueue, RelayError, Unreachable
from colloque.client.relay.http import RelayHttp
from colloque.store.relay import grants
from colloque.store.relay.chunks import FOLDER
from colloque.store.relay.database import DATABASE, open_database
from colloque.wire.frames.commands import WriterSpec
from colloque.wire.frames.position import START
from colloque.wire.sizes import CARD_BYTES, CHUNK_SIZES, ENVELOPE_BYTES
from tests.support.faults import Point
from tests.support.forks import Forks
from tests.support.relays import Box, Program, digest, envelope

T = TypeVar("T")
WORKER = "tests.relay.crash_worker"
TOKEN = b"an administrator's token"
CHUNK = CHUNK_SIZES[0]
SIX_DAYS, DAY = 6 * 86_400, 86_400
BLOCK = 20
"""Steps in one long test: so much is done again where it was stopped."""

AT_A_START = ("before migration", "migrated", "before incarnation", "incarnation raised", "reserve begun")
AT_A_CHUNK = ("chunk begun", "chunk written", "chunk synced", "chunk settled")
AT_A_REMOVAL = ("before removal", "chunk emptied", "chunk removed")
NAMES = (*AT_A_START, *AT_A_CHUNK, *AT_A_REMOVAL, "before commit", "committed", "cleaned")
FIRST = {(name, 1) for name in NAMES}
"""Each of these is come to for sure; whether a later one is depends on how much was left to do after all those stops."""
REMOVALS = {(name, 1) for name in AT_A_REMOVAL}
LATER = {(name, count) for name in ("before commit", "committed") for count in range(2, 14)}


class Hammered:
    """A relay in a process of its own, started again wherever it was killed; `points` that it was not killed at are left."""

    def __init__(
        self, forks: Forks, data: Path, points: Iterable[Point], session: aiohttp.ClientSession
    ) -> None:
        self._forks = forks
        self._data = data
        self._session = session
        self._ahead = 0
        self.points = set(points)
        self.kills = 0
        self.twice = False
        """Whether everything is asked for a second time after it was answered, as if the answer had been lost."""
        self.line: Connection

    async def start(self, ahead: int = 0) -> None:
        self._ahead = ahead
        while True:
            self._forks.begin(str(self._data), "grant", ahead, sorted(self.points))
            async with asyncio.timeout(30):
                ready = await self._forks.ready()
            if ready is not None:
                break
            await self.killed()
        url, metrics = ready
        self._metrics = f"{metrics}/metrics"
        books = Books(self._data)
        assert books.files == books.entered, "what a crash left is swept away at the start (R37)"
        assert await self.stored() == books.stored
        self.http = RelayHttp(url, self._session)
        with contextlib.suppress(RelayError):
            self.line = await Connection.open(url, self._session)

    async def killed(self) -> None:
        async with asyncio.timeout(30):
            point = await self._forks.end()
        assert point is not None, "the relay stopped by itself"
        self.points.remove(point)
        self.kills += 1
        assert Books(self._data).entered <= Books(self._data).files, (
            "a chunk that was entered is not there whole"
        )

    async def do(
        self, action: Callable[[Connection, RelayHttp], Awaitable[T]], *, gone: bool = False
    ) -> T | None:
        """`action`, again after each kill. `gone`: it takes something away, which may have been done the time before."""
        again = False
        while True:
            try:
                found = await action(self.line, self.http)
                if again or not self.twice:
                    return found
                again = True
            except NoQueue:
                if not (gone and again):
                    raise
                return None
            except Unreachable:
                again = True
                await self.line.close()
                await self.killed()
                await self.start(self._ahead)

    async def stored(self) -> int:
        """Bytes in the relay, as it counts them itself."""
        async with self._session.get(self._metrics) as answer:
            lines = dict(line.split() for line in (await answer.text()).splitlines())
        return int(lines["colloque_relay_stored_bytes"])

    async def stop(self) -> None:
        await self.line.close()
        self._forks.terminate()
        async with asyncio.timeout(30):
            point = await self._forks.end()
        if point is not None:
            self.points.remove(point)


class Books:
    """What lies in a relay's folder, read from a copy of its database; every account in it is right."""

    def __init__(self, data: Path) -> None:
        copy = data.parent / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        copy.mkdir()
        for name in (DATABASE, DATABASE + "-wal"):
            with contextlib.suppress(FileNotFoundError):
                shutil.copyfile(data / name, copy / name)
        folder = data / FOLDER
        self.files = {(p.name, p.stat().st_size) for p in folder.iterdir()} if folder.exists() else set()
        self.entered: set[tuple[str, int]] = set()
        self.counts: dict[str, int] = {}
        self.stored = 0
        with contextlib.closing(sqlite3.connect(copy / DATABASE)) as db:
            assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            if db.execute("PRAGMA user_version").fetchone()[0]:
                self._read(db)

    def _read(self, db: sqlite3.Connection) -> None:
        self.entered = {(name.hex(), size) for name, size in db.execute("SELECT file, size FROM chunk")}
        for table in ("message", "card", "chunk", "queue", "writer", "grant_"):
            self.counts[table] = db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        self.stored = self.counts["message"] * ENVELOPE_BYTES + self.counts["card"] * CARD_BYTES
        self.stored += sum(size for _, size in self.entered)
        for queue, held in db.execute("SELECT id, chunk_bytes FROM queue"):
            sizes = db.execute(
                "SELECT coalesce(sum(size), 0) FROM chunk WHERE queue = ?", (queue,)
            ).fetchone()
            assert sizes == (held,)
        for grant, used in db.execute("SELECT hash, used FROM grant_"):
            made = db.execute("SELECT count(*) FROM queue WHERE grant_ = ?", (grant,)).fetchone()[0]
            lent = db.execute(
                "SELECT coalesce(sum(queues), 0) FROM grant_ WHERE parent = ?", (grant,)
            ).fetchone()[0]
            assert used == made + lent


@pytest.fixture
async def forks(tmp_path: Path) -> AsyncIterator[Forks]:
    async with Forks.of(WORKER, tmp_path / "errors") as made:
        yield made


def issue(data: Path) -> None:
    with contextlib.closing(open_database(data)) as db:
        db.execute("BEGIN IMMEDIATE")
        grants.issue(TOKEN, 10, int(time.time()) + 365 * DAY)(db)
        db.execute("COMMIT")


async def story(
    forks: Forks,
    folder: Path,
    points: Iterable[Point],
    expiring: Iterable[Point] = (),
    *,
    twice: bool = False,
) -> set[Point]:
    """Everything that a relay writes for its users, and then lets expire; killed at each of `points`, and of `expiring`
    from when things expire on. Those not come to."""
    folder.mkdir()
    async with aiohttp.ClientSession() as session:
        relay = Hammered(forks, folder / "relay", points, session)
        relay.twice = twice
        await relay.start()
        issue(folder / "relay")
        one, other = Box(), Box()
        left = await _mail(relay, one, other)
        await _cards(relay)
        await _documents(relay, one, other)
        books = Books(folder / "relay")
        assert books.counts == {"message": left, "card": 1, "chunk": 2, "queue": 2, "writer": 3, "grant_": 2}
        assert await relay.stored() == books.stored
        await relay.stop()
        relay.points |= set(expiring)
        await relay.start(SIX_DAYS)
        books = Books(folder / "relay")
        assert books.counts == {"message": 0, "card": 0, "chunk": 0, "queue": 2, "writer": 3, "grant_": 1}
        assert (books.files, await relay.stored()) == (set(), 0)
        await relay.stop()
    return relay.points


async def _mail(relay: Hammered, one: Box, other: Box) -> int:
    """Queues, grants, writers; what was accepted is kept, and what was confirmed stays gone. How many envelopes are left."""
    lent = os.urandom(32)
    await relay.do(lambda line, _: one.make(line, TOKEN))
    await relay.do(lambda line, _: line.lend_grant(TOKEN, digest(lent), 2, 3_600))
    await relay.do(lambda line, _: other.make(line, lent))
    second, third = os.urandom(32), os.urandom(32)
    writers = [WriterSpec(digest(second), 0), WriterSpec(digest(third), 0)]
    await relay.do(lambda line, _: line.add_writers(one.read, writers))
    await relay.do(lambda line, _: line.drop_writers(one.read, [digest(third)]))
    sent, twice = [envelope() for _ in range(8)], set()
    for n, piece in enumerate(sent):
        before, write = relay.kills, (one.write, second)[n % 2]
        await relay.do(lambda line, _, w=write, p=piece: line.send(w, p))  # type: ignore[misc]
        if relay.twice or relay.kills != before:
            twice.add(piece)
    asked: list[bytes] = []
    kept = [START]

    async def confirm_some(line: Connection, _http: RelayHttp) -> None:
        reading = await line.read(one.read)
        assert reading.confirmed >= kept[-1]
        while len(kept) < 5:
            delivered = await anext(reading)
            assert delivered.position > kept[-1], "what was confirmed came back"
            asked.append(delivered.envelope)
            await reading.confirm(delivered.position)
            kept.append(delivered.position)

    await relay.do(confirm_some)

    async def rest(line: Connection, _http: RelayHttp) -> list[bytes]:
        reading = await line.read(one.read)
        return [(await anext(reading)).envelope for _ in range(reading.waiting)]

    lying = await relay.do(rest)
    assert lying is not None
    fresh = [piece for piece in dict.fromkeys(lying) if piece not in asked]
    assert fresh == [piece for piece in sent if piece not in asked], "what was accepted is not there"
    assert all(lying.count(piece) == 1 for piece in fresh if piece not in twice)
    assert all(piece in twice for piece in lying if piece in asked)
    new = os.urandom(32)
    await relay.do(lambda line, _: line.rotate_read(other.read, digest(new)), gone=True)
    other.read = new
    return len(lying)


async def _cards(relay: Hammered) -> None:
    """A card put is there, one put in its place is there alone, and one deleted stays gone."""
    owner, dropped, cards = os.urandom(32), os.urandom(32), [os.urandom(CARD_BYTES) for _ in range(3)]
    old, new, locator = (os.urandom(32) for _ in range(3))
    for own, place, card in ((owner, old, cards[0]), (dropped, locator, cards[1]), (owner, new, cards[2])):
        await relay.do(lambda _, http, o=own, p=place, c=card: http.put_card(o, digest(p), TOKEN, DAY, c))  # type: ignore[misc]
    await relay.do(lambda _, http: http.delete_card(dropped), gone=True)
    assert await relay.do(lambda _, http: http.get_card(new)) == cards[2]
    for place in (old, locator):
        with pytest.raises(NoQueue):
            await relay.do(lambda _, http, p=place: http.get_card(p))  # type: ignore[misc]


async def _documents(relay: Hammered, one: Box, other: Box) -> None:
    """Chunks that were accepted are there whole; deleted, they stay gone, and so does a queue with what is on its account."""
    dropped = Box()
    await relay.do(lambda line, _: dropped.make(line, TOKEN))
    chunks = [
        (box, os.urandom(32), os.urandom(32), os.urandom(32), os.urandom(CHUNK))
        for box in (one, one, other, dropped)
    ]
    for _ in range(2):
        for box, write, read, erase, chunk in chunks:
            args = write, box.read, digest(read), digest(erase), DAY, chunk
            await relay.do(lambda _, http, a=args: http.put_chunk(*a))  # type: ignore[misc]
    await relay.do(lambda line, _: line.drop_queue(dropped.read), gone=True)
    for _, _, read, _, chunk in chunks:
        assert await relay.do(lambda _, http, r=read: fetched(http, r)) == chunk  # type: ignore[misc]
    for _, _, read, erase, _ in (chunks[0], chunks[3]):
        await relay.do(lambda _, http, e=erase: http.delete_chunk(e), gone=True)  # type: ignore[misc]
        with pytest.raises(NoQueue):
            await relay.do(lambda _, http, r=read: fetched(http, r))  # type: ignore[misc]


async def fetched(plain: RelayHttp, read: bytes) -> bytes:
    room = memoryview(bytearray(max(CHUNK_SIZES)))
    return bytes(room[: await plain.get_chunk(read, room)])


async def test_killed_at_every_kind_of_write(forks: Forks, tmp_path: Path) -> None:
    """R11, R15, R20, R25, R28, R31, R34, R37: and every account is right at every start."""
    left = await story(forks, tmp_path / "one", FIRST | LATER, LATER | REMOVALS)
    assert not left & (FIRST | REMOVALS)


async def test_what_is_asked_twice_is_done_once(forks: Forks, tmp_path: Path) -> None:
    """As whoever does whose answer was lost with the relay: queues, grants, writers, cards, chunks, and their ends."""
    await story(forks, tmp_path / "one", (), twice=True)


@pytest.mark.parametrize("name", AT_A_REMOVAL)
async def test_killed_while_a_chunk_is_removed(forks: Forks, tmp_path: Path, name: str) -> None:
    """R34, R36: the first removals are of what came twice; the fifth is of what was deleted."""
    for count in (1, 5):
        assert not await story(forks, tmp_path / f"{count}", {(name, count)})


@pytest.mark.long
@pytest.mark.timeout(1_200)
@pytest.mark.parametrize("seed", range(12))
async def test_killed_at_many_steps_of_one_story(forks: Forks, tmp_path: Path, seed: int) -> None:
    """One stop after the other, each in what the one before left undone."""
    points: set[Point] = {("", step) for step in Random(seed).sample(range(1, 120), 40)}
    await story(forks, tmp_path / "one", points, points)


@pytest.mark.long
@pytest.mark.timeout(1_200)
@pytest.mark.parametrize("block", range(12))
async def test_killed_at_every_step(forks: Forks, tmp_path: Path, block: int) -> None:
    """As above: one story for each step, until one comes to its end before it comes to its step."""
    for step in range(block * BLOCK + 1, (block + 1) * BLOCK + 1):
        if await story(forks, tmp_path / f"step-{step}", {("", step)}):
            return
    assert block != 11, "the story has more steps than are tried"


async def _read_all(one: Connection, box: Box) -> list[bytes]:
    reading, found = await one.read(box.read), []
    for _ in range(reading.waiting):
        async with asyncio.timeout(20):
            found.append((await anext(reading)).envelope)
    return found


@pytest.mark.parametrize(
    "point",
    [(name, count) for name in ("before commit", "committed") for count in (6, 7, 10)] + [("cleaned", 2)],
)
async def test_killed_while_others_send_and_read(forks: Forks, tmp_path: Path, point: Point) -> None:
    """R11, R15: many in one commit; accepted is kept, and confirmed stays gone."""
    box, sent, accepted, confirmed = Box(), [envelope() for _ in range(24)], [], []
    data = tmp_path / "relay"
    async with aiohttp.ClientSession() as session:
        one = await _started(forks, session, data)
        await box.make(one)
        for piece in sent[:8]:
            await one.send(box.write, piece)
            accepted.append(piece)
        # Starting takes four commits and one cleaning: count from there on.
        await _stopped(forks, one)
        one = await _started(forks, session, data, point)

        async def send() -> None:
            for piece in sent[8:]:
                await one.send(box.write, piece)
                accepted.append(piece)

        async def read() -> None:
            reading = await one.read(box.read)
            async for delivered in reading:
                await reading.confirm(delivered.position)
                confirmed.append(delivered.envelope)
                await asyncio.sleep(0.02)

        ways = await asyncio.wait_for(asyncio.gather(send(), read(), return_exceptions=True), 60)
        assert isinstance(ways[1], RelayError), "the relay was to be killed while it was read"
        await one.close()
        assert await asyncio.wait_for(forks.end(), 20) == point

        one = await _started(forks, session, data)
        lying = await _read_all(one, box)
        # What was under way in the instant of the kill may be there or not; all that was answered is as answered.
        assert [e for e in accepted if e not in confirmed and e not in lying] in (
            [],
            [_next(confirmed, sent)],
        )
        assert not set(lying) & set(confirmed)
        assert lying == [e for e in sent if e in set(lying)]
        await _stopped(forks, one)


async def _started(forks: Forks, session: aiohttp.ClientSession, data: Path, *points: Point) -> Connection:
    forks.begin(str(data), "open", 0, points)
    ready = await asyncio.wait_for(forks.ready(), 30)
    assert ready is not None
    return await Connection.open(ready[0], session)


async def _stopped(forks: Forks, one: Connection) -> None:
    await one.close()
    forks.terminate()
    assert await asyncio.wait_for(forks.end(), 20) is None


def _next(confirmed: list[bytes], sent: list[bytes]) -> bytes:
    """The one whose confirmation may have reached the disk without its answer."""
    return sent[len(confirmed)] if len(confirmed) < len(sent) else b""


async def test_killed_at_any_time_again_and_again(tmp_path: Path) -> None:
    """R11, R8: no answer is lost over ten kills, and every incarnation is new."""
    box, accepted, incarnations = Box(), [], set()
    async with aiohttp.ClientSession() as session:
        for turn in range(10):
            relay = await Program.start(tmp_path)
            one = await Connection.open(relay.url, session)
            if not turn:
                await box.make(one)

            async def flood(one: Connection = one) -> None:
                while True:
                    piece = envelope()
                    await one.send(box.write, piece)
                    accepted.append(piece)

            sending = asyncio.gather(*(flood() for _ in range(8)), return_exceptions=True)
            await asyncio.sleep(0.05 + 0.01 * turn)
            await relay.kill()
            await sending
            await one.close()
        relay = await Program.start(tmp_path)
        one = await Connection.open(relay.url, session)
        reading, found = await one.read(box.read), []
        async with asyncio.timeout(60):
            for _ in range(reading.waiting):
                delivered = await anext(reading)
                incarnations.add(delivered.position.incarnation)
                found.append(delivered.envelope)
                await reading.confirm(delivered.position)
        assert accepted
        assert set(accepted) <= set(found)
        assert len(found) == len(set(found))
        assert len(incarnations) > 5
        await one.close()
        await relay.stop()
