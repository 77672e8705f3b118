"""Deleted is deleted (`spec/relay.md` R24): the raw files are searched, while the relay goes on running."""

from __future__ import annotations

import asyncio
import os
import random
from pathlib import Path

import pytest

from colloque.client.relay.connection import Connection
from colloque.client.relay.errors import NoQueue
from tests.support.planted import every_piece_left, scan_folder, scan_process
from tests.support.relays import Box, Program, digest, envelope, http, line, running, take

WITHIN_S = 5.0


async def _gone_within(path: Path, wanted: list[bytes]) -> None:
    """None of them is left at most five seconds from now; looked for every 16 bytes of each."""
    await asyncio.sleep(WITHIN_S - 1)
    assert await asyncio.to_thread(every_piece_left, path, wanted) == 0


async def test_confirmed_with_every_tenth_reader_away_and_senders_going_on(tmp_path: Path) -> None:
    """R24"""
    async with running(tmp_path) as (server, session), line(server, session) as one:
        boxes = [await Box().make(one) for _ in range(20)]
        chance, lying, gone = (
            random.Random(7),
            dict[int, list[bytes]]({n: [] for n in range(20)}),
            list[bytes](),
        )
        for _ in range(400):
            number = chance.randrange(20)
            lying[number].append(envelope())
            await one.send(boxes[number].write, lying[number][-1])
        assert await asyncio.to_thread(every_piece_left, tmp_path, lying[1][:5]) == len(lying[1][:5])

        async def go_on() -> None:
            while True:
                lying[0].append(envelope())
                await one.send(boxes[0].write, lying[0][-1])
                await asyncio.sleep(0.05)

        writing = asyncio.create_task(go_on())
        for number in range(20):
            if number % 10:
                reading = await one.read(boxes[number].read)
                await take(reading, len(lying[number]), confirm=True)
                gone += lying[number]
        await _gone_within(tmp_path, chance.sample(gone, 120))
        writing.cancel()
        kept = lying[0][:10] + lying[10][:10]
        assert await asyncio.to_thread(every_piece_left, tmp_path, kept) == len(kept)


async def test_dropped_queues_and_cards(tmp_path: Path) -> None:
    """R24, R19, R31"""
    async with running(tmp_path) as (server, session), line(server, session) as one:
        box, owner, locator = await Box().make(one), os.urandom(32), os.urandom(32)
        sent, card = [envelope() for _ in range(20)], os.urandom(8_192)
        for piece in sent:
            await one.send(box.write, piece)
        await http(server, session).put_card(owner, digest(locator), b"", 3_600, card)
        assert await http(server, session).get_card(locator) == card
        await one.drop_queue(box.read)
        await http(server, session).delete_card(owner)
        with pytest.raises(NoQueue):
            await http(server, session).get_card(locator)
        await _gone_within(tmp_path, [*sent, card])


async def test_expired_mail_cards_and_chunks(tmp_path: Path) -> None:
    """R22, R24"""
    clocks = {"wall": 1_000_000.0, "ran": 0.0}
    async with running(tmp_path, wall=lambda: clocks["wall"], ran=lambda: clocks["ran"]) as (server, session):  # noqa: SIM117 - one line would not fit
        async with line(server, session) as one:
            box, plain = await Box().make(one), http(server, session)
            sent, card, chunk = [envelope() for _ in range(20)], os.urandom(8_192), os.urandom(65_536)
            for piece in sent:
                await one.send(box.write, piece)
            await plain.put_card(os.urandom(32), os.urandom(32), b"", 86_400, card)
            await plain.put_chunk(os.urandom(32), box.read, os.urandom(32), os.urandom(32), 86_400, chunk)
            assert await asyncio.to_thread(every_piece_left, tmp_path, [*sent, card, chunk]) == 22
            for days in range(1, 31):
                clocks.update(wall=1_000_000.0 + days * 86_400, ran=days * 86_400.0)
                await server.sweeper.once()
            assert (await one.read(box.read)).waiting == 20
            clocks.update(wall=1_000_001.0 + 30 * 86_400, ran=1.0 + 30 * 86_400)
            await server.sweeper.once()
            assert (await one.read(box.read)).waiting == 0
            assert server.core.database.usage.total == 0
            await _gone_within(tmp_path, [*sent, card, chunk])


async def test_a_jump_of_the_clock_deletes_nothing(tmp_path: Path) -> None:
    """R22"""
    clocks = {"wall": 1_000_000.0, "ran": 0.0}
    async with running(tmp_path, wall=lambda: clocks["wall"], ran=lambda: clocks["ran"]) as (server, session):  # noqa: SIM117 - one line would not fit
        async with line(server, session) as one:
            box = await Box().make(one)
            await one.send(box.write, envelope())
            for wall in (4e9, 0.0, 1_000_003.0):
                clocks.update(wall=wall, ran=clocks["ran"] + 1)
                await server.sweeper.once()
                assert (await one.read(box.read)).waiting == 1


async def test_chunks(tmp_path: Path) -> None:
    """R24, R36"""
    async with running(tmp_path) as (server, session), line(server, session) as one:
        box, plain, erase = await Box().make(one), http(server, session), os.urandom(32)
        chunk = os.urandom(65_536)
        await plain.put_chunk(os.urandom(32), box.read, os.urandom(32), digest(erase), 3_600, chunk)
        await plain.delete_chunk(erase)
        await _gone_within(tmp_path, [chunk])
        assert list((tmp_path / "chunks").iterdir()) == []


async def test_no_capability_lies_in_files_or_logs(tmp_path: Path) -> None:
    """R9, R26: and memory holds one only while it is used."""
    import aiohttp

    relay = await Program.start(tmp_path / "data")
    async with aiohttp.ClientSession() as session:
        one = await Connection.open(relay.url, session)
        box, sent = await Box().make(one), envelope()
        await one.send(box.write, sent)
        await take(await one.read(box.read), 1, confirm=True)
        other = envelope()
        await one.send(box.write, other)
        assert scan_folder(tmp_path, [other[:64]]) == {other[:64]: 1}
        assert scan_process(relay.process.pid, [b"colloque.relay.server"])[b"colloque.relay.server"] > 0
        async with session.get(
            relay.url + "/v1/cards?planted=word", headers={"Authorization": "x"}
        ) as answer:
            assert answer.status == 404
        async with session.put(relay.url + "/v1/chunks", data=b"short") as answer:
            assert answer.status == 404
        await one.close()
    log = await relay.stop()
    words = [box.read, box.write, box.read.hex().encode(), box.write.hex().encode()]
    assert sum(scan_folder(tmp_path, words).values()) == 0
    for secret in ("127.0.0.1", "planted", box.read.hex(), box.write.hex()):
        assert secret not in log
