"""Sizes on the wire, and sending by HTTP (`spec/relay.md` R1, R27)."""

from __future__ import annotations

import base64
import os
from pathlib import Path

import aiohttp
import pytest

from colloque.client.relay.errors import Refused
from colloque.wire import sizes
from colloque.wire.codec import WireError
from colloque.wire.frames.answers import Code
from colloque.wire.frames.commands import WriterSpec
from tests.support.relays import Box, line, running, take


def shown(capability: bytes) -> dict[str, str]:
    text = base64.urlsafe_b64encode(capability).decode().rstrip("=")
    return {"Authorization": f"Capability {text}", "Content-Type": "application/octet-stream"}


async def test_sizes_are_these_and_a_relay_says_so(tmp_path: Path) -> None:
    """R1"""
    assert (sizes.ENVELOPE_BYTES, sizes.CARD_BYTES) == (16_384, 8_192)
    assert sizes.CHUNK_SIZES == (65_536, 1_048_576, 4_194_304)
    assert (sizes.CAPABILITY_BYTES, sizes.HASH_BYTES, sizes.GRANT_BYTES) == (32, 32, 64)
    assert (sizes.WRITERS_PER_BATCH, sizes.FRAME_BYTES) == (32, 16_640)
    async with running(tmp_path) as (server, session), session.get(server.url + "/v1/relay") as answer:
        said = await answer.json()
    assert (said["envelope_bytes"], said["card_bytes"]) == (16_384, 8_192)
    assert tuple(said["chunk_bytes"]) == sizes.CHUNK_SIZES


async def test_a_batch_has_32_writers_at_most(tmp_path: Path) -> None:
    """R1"""
    async with running(tmp_path) as (server, session), line(server, session) as one:
        await one.make_queue(b"", os.urandom(32), [WriterSpec(os.urandom(32), 0) for _ in range(32)])
    async with running(tmp_path / "x") as (server, session), line(server, session) as one:
        with pytest.raises(WireError):
            await one.make_queue(b"", os.urandom(32), [WriterSpec(os.urandom(32), 0) for _ in range(33)])


async def test_sending_by_http(tmp_path: Path) -> None:
    """R27: 204; NO 404; a body of another size, or a capability of another form, refused; FULL 503 with a time."""
    async with (
        running(tmp_path, limits={"writer_messages": 2}) as (server, session),
        line(server, session) as one,
    ):
        box = await Box().make(one)
        envelope = os.urandom(16_384)

        async def send(capability: bytes, body: bytes) -> aiohttp.ClientResponse:
            async with session.post(server.url + "/v1/send", data=body, headers=shown(capability)) as answer:
                await answer.read()
                return answer

        assert (await send(box.write, envelope)).status == 204
        for body in (b"", envelope[:-1], envelope + b"\0"):
            assert (await send(box.write, body)).status in (400, 413)
        for capability in (os.urandom(32), box.read, b"", os.urandom(31), os.urandom(33)):
            assert (await send(capability, envelope)).status == 404
        assert (await send(box.write, envelope)).status == 204
        full = await send(box.write, envelope)
        assert full.status == 503
        assert int(full.headers["Retry-After"]) > 0
        found = await take(await one.read(box.read), 2, confirm=True)
        assert [d.envelope for d in found] == [envelope, envelope]
        with pytest.raises(Refused) as refused:
            await one.send(os.urandom(32), envelope)
        assert refused.value.code is Code.NO
