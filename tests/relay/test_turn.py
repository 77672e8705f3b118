"""Credentials for a TURN server: for whoever reads a queue, for a while, and taken by a real one (`spec/relay.md` R40)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import time
from pathlib import Path

import aiohttp
import pytest

from colloque.client.relay.connection import Connection
from colloque.client.relay.errors import Refused, UnsafeRelay
from colloque.client.relay.http import RelayHttp, TurnServer, turn_server
from colloque.relay.core import Options
from colloque.relay.server import RelayServer
from colloque.relay.turn import Turn

SECRET = b"a secret of some length"
URLS = ("turn:relay.example.org:3478", "turns:relay.example.org:443?transport=tcp")


async def _asked(relay: RelayServer, read: bytes, *, make: bool) -> TurnServer | None:
    async with aiohttp.ClientSession() as session:
        if make:
            line = await Connection.open(relay.url, session)
            await line.make_queue(b"", hashlib.sha256(read).digest(), ())
            await line.close()
        return await RelayHttp(relay.url, session).turn(read)


async def test_whoever_holds_a_queue_is_given_credentials(tmp_path: Path) -> None:
    async with RelayServer(tmp_path, options=Options("open", turn=Turn(URLS, SECRET, only=True))) as relay:
        first = await _asked(relay, os.urandom(32), make=True)
        second = await _asked(relay, os.urandom(32), make=True)
        assert first is not None
        assert second is not None
        assert first.urls == URLS
        assert first.only
        assert first.username != second.username
        ends, _, _ = first.username.partition(":")
        assert time.time() < int(ends) <= time.time() + first.seconds + 1
        mac = hmac.new(SECRET, first.username.encode(), "sha1").digest()
        assert base64.b64decode(first.credential) == mac
        with pytest.raises(Refused):
            await _asked(relay, os.urandom(32), make=False)
        assert SECRET.decode() not in repr(relay.core.options)


async def test_a_relay_without_one_says_so_to_its_readers_alone(tmp_path: Path) -> None:
    async with RelayServer(tmp_path, options=Options("open")) as relay:
        assert await _asked(relay, os.urandom(32), make=True) is None
        with pytest.raises(Refused):
            await _asked(relay, os.urandom(32), make=False)


@pytest.mark.parametrize(
    "url", ["http://relay.example", "turn:", "turn:a b", "turn:x?transport=sctp", "turn:x:1/../"]
)
def test_addresses_of_another_kind_are_refused(url: str) -> None:
    with pytest.raises(ValueError, match="addresses"):
        Turn((url,), SECRET)


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="secret"):
        Turn(URLS, b"short")


def test_what_a_relay_says_is_checked() -> None:
    good = {"urls": ["turn:a"], "username": "5:a", "credential": "b", "seconds": 5, "only": False}
    assert turn_server(json.dumps(good).encode()).seconds == 5
    wrongs: tuple[dict[str, object], ...] = (
        {"urls": []},
        {"urls": ["https://a"]},
        {"urls": "turn:a"},
        {"username": 5},
        {"seconds": True},
        {"only": 1},
        {"credential": "b" * 301},
        {"urls": ["turn:a"] * 9},
    )
    for wrong in wrongs:
        with pytest.raises(UnsafeRelay):
            turn_server(json.dumps(good | wrong).encode())
    for data in (b"", b"[]", b"{}", b"\xff"):
        with pytest.raises(UnsafeRelay):
            turn_server(data)
