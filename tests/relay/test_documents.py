"""Chunks, cards, pages and the capability document (`spec/relay.md` R2, R3, R28 to R31, R33 to R39)."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from colloque.client.relay.errors import Full, GrantRefused, NoQueue, Refused, UnsafeRelay
from colloque.client.relay.http import RelayHttp, check_document
from colloque.protocol.mailbox.limits import Limits, capabilities
from colloque.store.relay import grants
from colloque.wire.frames.answers import Code
from colloque.wire.sizes import CHUNK_SIZES
from tests.support.relays import Box, digest, http, line, running


async def fetched(plain: RelayHttp, read: bytes) -> bytes:
    room = memoryview(bytearray(max(CHUNK_SIZES)))
    return bytes(room[: await plain.get_chunk(read, room)])


async def test_a_chunk_is_written_once(tmp_path: Path) -> None:
    """R33 to R36"""
    async with running(tmp_path) as (server, session), line(server, session) as one:
        box, plain = await Box().make(one), http(server, session)
        for size in CHUNK_SIZES:
            write, read, erase = (os.urandom(32) for _ in range(3))
            chunk = os.urandom(size)
            assert not await plain.has_chunk(write)
            for _ in range(2):
                await plain.put_chunk(write, box.read, digest(read), digest(erase), 3_600, chunk)
            assert await plain.has_chunk(write)
            with pytest.raises(Refused) as other:
                await plain.put_chunk(write, box.read, digest(read), digest(erase), 3_600, os.urandom(size))
            assert other.value.code is Code.BAD
            assert await fetched(plain, read) == chunk
            for wrong in (write, erase):
                with pytest.raises(NoQueue):
                    await fetched(plain, wrong)
            await plain.delete_chunk(erase)
            with pytest.raises(NoQueue):
                await fetched(plain, read)
        assert server.core.database.usage.total == 0


async def test_two_at_once_with_other_bytes_keep_the_first(tmp_path: Path) -> None:
    """R34: one of them is stored, whole; the other is refused."""
    async with running(tmp_path) as (server, session), line(server, session) as one:
        box, plain = await Box().make(one), http(server, session)
        for _ in range(10):
            write, read = os.urandom(32), os.urandom(32)
            chunks = [os.urandom(65_536) for _ in range(4)]
            ends = await asyncio.gather(
                *(
                    plain.put_chunk(write, box.read, digest(read), digest(os.urandom(32)), 60, c)
                    for c in chunks
                ),
                return_exceptions=True,
            )
            (kept,) = [chunk for chunk, end in zip(chunks, ends, strict=True) if end is None]
            assert await fetched(plain, read) == kept
        await asyncio.sleep(0.2)
        assert len(list((tmp_path / "chunks").iterdir())) == 10


async def test_who_may_store_and_how_much(tmp_path: Path) -> None:
    """R33"""
    async with running(tmp_path, limits={"chunk_bytes_per_queue": 2 * 65_536}) as (server, session):  # noqa: SIM117 - one line would not fit
        async with line(server, session) as one:
            box, plain, chunk = await Box().make(one), http(server, session), bytes(65_536)
            with pytest.raises(NoQueue):
                await plain.put_chunk(
                    os.urandom(32), os.urandom(32), os.urandom(32), os.urandom(32), 60, chunk
                )
            for _ in range(2):
                await plain.put_chunk(os.urandom(32), box.read, os.urandom(32), os.urandom(32), 60, chunk)
            with pytest.raises(Full):
                await plain.put_chunk(os.urandom(32), box.read, os.urandom(32), os.urandom(32), 60, chunk)


async def test_what_was_sent_outlives_its_senders_queue(tmp_path: Path) -> None:
    """R19: and holds the grant's place until it is gone."""
    async with running(tmp_path, creation="grant") as (server, session), line(server, session) as one:
        token, chunk, plain = os.urandom(32), os.urandom(65_536), http(server, session)
        await server.core.database.run(grants.issue(token, 1, 1 << 40))
        box = await Box().make(one, token)
        pairs = [(os.urandom(32), os.urandom(32)) for _ in range(2)]
        for read, erase in pairs:
            await plain.put_chunk(os.urandom(32), box.read, digest(read), digest(erase), 60, chunk)
        await one.drop_queue(box.read)
        for use in (
            one.read(box.read),
            plain.put_chunk(os.urandom(32), box.read, bytes(32), bytes(32), 60, chunk),
        ):
            with pytest.raises(NoQueue):
                await use
        for read, erase in pairs:
            with pytest.raises(GrantRefused):
                await Box().make(one, token)
            assert await fetched(plain, read) == chunk
            await plain.delete_chunk(erase)
        await Box().make(one, token)
        assert list((tmp_path / "chunks").iterdir()) == []


async def test_files_that_a_crash_left_are_swept_away(tmp_path: Path) -> None:
    """R37"""
    (tmp_path / "chunks").mkdir()
    (tmp_path / "chunks" / os.urandom(16).hex()).write_bytes(bytes(65_536))
    async with running(tmp_path):
        assert list((tmp_path / "chunks").iterdir()) == []


async def test_cards_are_replaced_by_their_owner_alone(tmp_path: Path) -> None:
    """R28 to R31"""
    async with running(tmp_path) as (server, session):
        plain, owner, locator = http(server, session), os.urandom(32), os.urandom(32)
        first, second = os.urandom(8_192), os.urandom(8_192)
        await plain.put_card(owner, digest(locator), b"", 3_600, first)
        with pytest.raises(Refused):
            await plain.put_card(os.urandom(32), digest(locator), b"", 3_600, second)
        assert await plain.get_card(locator) == first
        await plain.put_card(owner, digest(locator), b"", 3_600, second)
        assert await plain.get_card(locator) == second
        with pytest.raises(NoQueue):
            await plain.get_card(owner)
        with pytest.raises(NoQueue):
            await plain.delete_card(locator)
    async with running(tmp_path / "b", creation="grant") as (server, session):
        with pytest.raises(GrantRefused):
            await http(server, session).put_card(owner, digest(locator), b"", 3_600, first)


async def test_a_capability_is_never_in_a_path(tmp_path: Path) -> None:
    """R9: a malformed one is a wrong one."""
    async with running(tmp_path) as (server, session):
        for header in ("", "Capability", "Capability !!", "Bearer x", "Capability " + "A" * 43):
            async with session.get(server.url + "/v1/chunks", headers={"Authorization": header}) as answer:
                assert (answer.status, await answer.read()) == (404, b"")


async def test_pages_and_headers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """R38, R39: where the patient's page was not built (where it was: `tests/web/test_build.py`)."""
    monkeypatch.setattr("colloque.relay.server.read_bundle", dict)
    async with running(tmp_path) as (server, session):
        for path in ("/", "/i", "/c"):
            async with session.get(server.url + path) as answer:
                text = await answer.text()
                assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
                assert answer.headers["Referrer-Policy"] == "no-referrer"
                assert "<script" not in text
                assert "Access-Control-Allow-Origin" not in answer.headers
        async with session.options(server.url + "/v1/chunks") as answer:
            assert answer.headers["Access-Control-Allow-Origin"] == "*"
        for path, method in (("/nowhere", "GET"), ("/v1/send", "GET"), ("/v1/relay", "GET"), ("/", "GET")):
            async with session.request(method, server.url + path) as answer:
                assert answer.headers["Server"] == "colloque"
                assert answer.headers["Cache-Control"] == "no-store"
                assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("colloque", 2),
        ("envelope_bytes", 8_192),
        ("durability", "memory"),
        ("message_age_s", 86_400),
        ("queue_messages", True),
        ("chunk_bytes", [1]),
        ("creation", "anybody"),
    ],
)
def test_an_unsafe_relay_is_refused(name: str, value: object) -> None:
    """R3"""
    document = capabilities(Limits(), "x", "open")
    check_document(document)
    with pytest.raises(UnsafeRelay):
        check_document({**document, name: value})


async def test_metrics_are_counts(tmp_path: Path) -> None:
    """R26"""
    async with running(tmp_path, metrics=("127.0.0.1", 0)) as (server, session):  # noqa: SIM117 - one line would not fit
        async with session.get(server.metrics_url + "/metrics") as answer:
            for row in (await answer.text()).splitlines():
                name, value = row.split(" ")
                assert name.startswith("colloque_relay_")
                int(value)
