"""What nobody may exhaust (`spec/relay.md` R7, R12, R14, R21, R23)."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import psutil
import pytest

from colloque.client.relay.connection import Connection
from colloque.client.relay.errors import Full, GrantRefused, Refused
from colloque.store.relay import grants
from colloque.store.relay.database import InUse
from colloque.store.relay.reserve import RESERVE_BYTES
from colloque.wire.frames.commands import Read, Send, encode_command
from colloque.wire.sizes import CARD_BYTES
from tests.support.relays import Box, Program, digest, envelope, http, line, running, take


async def test_a_silent_connection_is_closed(tmp_path: Path) -> None:
    """R7: half a request's head holds a place for no longer than the handshake."""
    async with (
        running(tmp_path, limits={"handshake_s": 0.5}) as (server, session),
        line(server, session) as one,
    ):
        place = urlsplit(server.url)
        for said in (b"", b"GET /v1/relay HTTP/1.1\r\nHost: x\r\n"):
            reader, writer = await asyncio.open_connection(place.hostname, place.port)
            writer.write(said)
            async with asyncio.timeout(10):
                with contextlib.suppress(ConnectionError):
                    assert await reader.read() == b""
            writer.close()
        await Box().make(one)
        assert server.core.counts.connections_refused == 2


async def test_connections_are_bounded(tmp_path: Path) -> None:
    """R7"""
    async with (
        running(tmp_path, limits={"connections": 3}) as (server, session),
        line(server, session) as one,
    ):
        place = urlsplit(server.url)
        lines = [await asyncio.open_connection(place.hostname, place.port) for _ in range(2)]
        reader, writer = await asyncio.open_connection(place.hostname, place.port)
        with contextlib.suppress(ConnectionError):
            assert await asyncio.wait_for(reader.read(), 10) == b""
        writer.close()
        await Box().make(one)
        lines[0][1].close()
        await asyncio.sleep(0.2)
        assert (await http(server, session).capabilities()).creation == "open"
        lines[1][1].close()


async def test_lines_from_one_address_are_bounded_and_counted_back(tmp_path: Path) -> None:
    """R7"""
    async with running(tmp_path, limits={"connections_per_address": 1}) as (server, session):
        for _ in range(3):
            async with session.ws_connect(server.url + "/v1/live"):
                with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                    await session.ws_connect(server.url + "/v1/live")
                assert refused.value.status == 503
            await asyncio.sleep(0.1)
        assert not server._door.lines


async def test_creation_has_a_rate(tmp_path: Path) -> None:
    """R21"""
    async with running(tmp_path, limits={"connection_queues_per_minute": 5}) as (server, session):  # noqa: SIM117 - one line would not fit
        async with line(server, session) as one, line(server, session) as two:
            for _ in range(5):
                await Box().make(one)
            with pytest.raises(Refused):
                await Box().make(one)
            await Box().make(two)


async def test_a_slow_reader_holds_no_memory(tmp_path: Path) -> None:
    """R14: 100 readings on one line that takes nothing, 1,500 messages waiting."""
    relay = await Program.start(tmp_path)
    async with aiohttp.ClientSession() as session:
        one = await Connection.open(relay.url, session)
        boxes = [await Box().make(one) for _ in range(100)]
        for box in boxes:
            await asyncio.gather(*(one.send(box.write, envelope()) for _ in range(15)))
        before = psutil.Process(relay.process.pid).memory_info().rss
        async with session.ws_connect(relay.url + "/v1/live") as slow:
            for number, box in enumerate(boxes, 1):
                await slow.send_bytes(encode_command(number, Read(box.read)))
            slow._response.connection.transport.pause_reading()  # type: ignore[union-attr]
            for box in boxes:
                await asyncio.gather(*(one.send(box.write, envelope()) for _ in range(3)))
            await asyncio.sleep(1)
            grown = psutil.Process(relay.process.pid).memory_info().rss - before
            assert grown < 12 << 20, f"{grown >> 20} MiB"
        await one.close()
    await relay.stop()


async def test_commands_in_flight_are_bounded_and_all_answered(tmp_path: Path) -> None:
    """R6: a client that does not wait is read more slowly, and loses nothing."""
    async with (
        running(tmp_path, limits={"commands_in_flight": 4}) as (server, session),
        line(server, session) as one,
    ):
        box = await Box().make(one)
        async with session.ws_connect(server.url + "/v1/live", max_msg_size=0) as socket:
            for number in range(1, 101):
                await socket.send_bytes(encode_command(number, Send(box.write, envelope())))
            answers = [await socket.receive_bytes() for _ in range(100)]
        assert [int.from_bytes(answer[:4], "big") for answer in answers] == list(range(1, 101))
        assert {answer[4] for answer in answers} == {130}


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """40 MiB of their own."""
    place = tmp_path / "disk"
    place.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=40m", "tmpfs", str(place)], capture_output=True
    )
    if made.returncode:
        pytest.skip("LOUD: no small disk could be mounted here (root is needed): a full disk was NOT tested")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


async def test_a_full_disk_refuses_new_mail_and_goes_on_handing_out(small_disk: Path) -> None:
    """R23: full in earnest, by another program's file as well."""
    limits = {"minimum_free_bytes": 0}
    async with running(small_disk / "data", limits=limits) as (server, session), line(server, session) as one:
        box, sent = await Box().make(one), []
        assert (small_disk / "data" / "reserve").stat().st_size == RESERVE_BYTES
        with pytest.raises(Full):
            for _ in range(3_000):
                piece = envelope()
                await one.send(box.write, piece)
                sent.append(piece)
        assert len(sent) > 100
        filler = small_disk / "filler"
        with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
            while True:
                file.write(bytes(65_536))
        with pytest.raises(Full):
            await one.send(box.write, envelope())
        chunk = os.urandom(65_536)
        with pytest.raises(Full):
            await http(server, session).put_chunk(
                os.urandom(32), box.read, bytes(32), digest(b"x"), 3_600, chunk
            )
        reading = await one.read(box.read)
        found = await take(reading, len(sent), confirm=True)
        assert [d.envelope for d in found] == sent
        filler.unlink()
        await asyncio.sleep(3)
        await one.send(box.write, envelope())
        assert server.core.database.usage.total == 16_384


async def test_little_room_is_told_before_the_disk_is_full(tmp_path: Path) -> None:
    """R23"""
    async with (
        running(tmp_path, limits={"minimum_free_bytes": 1 << 60}) as (server, session),
        line(server, session) as one,
    ):
        box = await Box().make(one)
        await server.sweeper.once()
        with pytest.raises(Full) as full:
            await one.send(box.write, envelope())
        assert full.value.retry_after > 0


async def test_cards_are_bounded_by_their_token_and_count_as_bytes(tmp_path: Path) -> None:
    """R20, R12: nobody can fill a relay with cards."""
    async with running(tmp_path, creation="grant") as (server, session):
        token, plain, sealed = os.urandom(32), http(server, session), os.urandom(CARD_BYTES)
        await server.core.database.run(grants.issue(token, 2, 1 << 40))
        owners = [os.urandom(32) for _ in range(3)]
        for owner in owners[:2]:
            await plain.put_card(owner, os.urandom(32), token, 3_600, sealed)
        assert server.core.database.usage.total == 2 * CARD_BYTES
        with pytest.raises(GrantRefused):
            await plain.put_card(owners[2], os.urandom(32), token, 3_600, sealed)
        await plain.put_card(owners[0], os.urandom(32), token, 3_600, sealed)
        await plain.delete_card(owners[0])
        assert server.core.database.usage.total == CARD_BYTES
        await plain.put_card(owners[2], os.urandom(32), token, 3_600, sealed)
    limits = {"total_bytes": CARD_BYTES}
    async with running(tmp_path / "open", limits=limits) as (server, session):
        plain = http(server, session)
        await plain.put_card(os.urandom(32), os.urandom(32), b"", 3_600, sealed)
        with pytest.raises(Full):
            await plain.put_card(os.urandom(32), os.urandom(32), b"", 3_600, sealed)


async def test_one_relay_at_a_time_on_a_folder(tmp_path: Path) -> None:
    """R37: two would delete each other's mail."""
    async with running(tmp_path):
        with pytest.raises(InUse):
            async with running(tmp_path):
                pass
    async with running(tmp_path):
        pass
