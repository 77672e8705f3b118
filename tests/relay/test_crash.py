"""Killed at every write, the relay keeps its word (`spec/relay.md` R11, R25): crash points are placed, not waited for."""

from __future__ import annotations

import asyncio
from pathlib import Path

import aiohttp
import pytest

from colloque.client.relay.connection import Connection
from colloque.client.relay.errors import RelayError
from tests.support.relays import Box, Program, envelope

_KILLED = """
import asyncio, os, signal
from pathlib import Path
from colloque.relay.core import Options
from colloque.relay.server import RelayServer

left = {count}

def step(name):
    global left
    if name == {name!r}:
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)

async def main():
    async with RelayServer(Path({data!r}), options=Options("open"), step=step) as server:
        print("relay ready at " + server.url, flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


async def _read_all(one: Connection, box: Box) -> list[bytes]:
    reading, found = await one.read(box.read), []
    for _ in range(reading.waiting):
        async with asyncio.timeout(20):
            found.append((await anext(reading)).envelope)
    return found


@pytest.mark.parametrize(
    ("name", "count"),
    [(name, count) for name in ("before commit", "committed") for count in (3, 4, 7)] + [("cleaned", 1)],
)
async def test_accepted_is_kept_and_confirmed_stays_gone(tmp_path: Path, name: str, count: int) -> None:
    """R11, R15"""
    whole = await Program.start(tmp_path)
    box, sent, accepted, confirmed = Box(), [envelope() for _ in range(24)], [], []
    async with aiohttp.ClientSession() as session:
        one = await Connection.open(whole.url, session)
        await box.make(one)
        for piece in sent[:8]:
            await one.send(box.write, piece)
            accepted.append(piece)
        await one.close()
        await whole.stop()

        # Starting takes three commits and one cleaning: count from there on.
        code = _KILLED.format(data=str(tmp_path), name=name, count=count)
        killed = await Program.start(tmp_path, code=code)
        one = await Connection.open(killed.url, session)

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
        assert await asyncio.wait_for(killed.process.wait(), 20) == -9

        again = await Program.start(tmp_path)
        one = await Connection.open(again.url, session)
        lying = await _read_all(one, box)
        # What was under way in the instant of the kill may be there or not; all that was answered is as answered.
        assert [e for e in accepted if e not in confirmed and e not in lying] in (
            [],
            [_next(confirmed, sent)],
        )
        assert not set(lying) & set(confirmed)
        assert lying == [e for e in sent if e in set(lying)]
        await one.close()
        await again.stop()


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
