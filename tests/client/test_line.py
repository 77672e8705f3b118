"""Tries again patiently: pauses that grow to a bound, and never the same for everybody."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from colloque.client.line import FIRST_PAUSE_S, LONGEST_PAUSE_S, Line
from colloque.client.movers import pause_ms
from colloque.client.relay.errors import Unreachable

NOBODY = "http://127.0.0.1:9"


@given(st.integers(0, 1 << 40))
def test_pauses_between_tries_grow_to_a_minute(tries: int) -> None:
    assert 500 <= pause_ms(tries) <= pause_ms(tries + 1) <= 60_000
    assert pause_ms(0) == 500
    assert pause_ms(7) == 60_000


async def test_pauses_of_a_line_double_to_a_bound_with_jitter() -> None:
    async with aiohttp.ClientSession() as session:
        line, longest = Line(NOBODY, session), FIRST_PAUSE_S
        for _ in range(15):
            line.failed()
            assert longest / 2 - 0.1 <= line.wait <= longest
            longest = min(LONGEST_PAUSE_S, longest * 2)
        assert longest == LONGEST_PAUSE_S


async def test_lines_that_broke_together_do_not_come_back_together() -> None:
    async with aiohttp.ClientSession() as session:
        lines = [Line(NOBODY, session) for _ in range(40)]
        for _ in range(10):
            for line in lines:
                line.failed()
        waits = sorted(line.wait for line in lines)
        assert waits[-1] - waits[0] > LONGEST_PAUSE_S / 8


async def test_while_a_pause_lasts_nobody_is_asked() -> None:
    """The first try fails at the relay, the next ones at once, here; the pause is not longer for them."""
    async with aiohttp.ClientSession() as session:
        line = Line(NOBODY, session)
        assert line.wait == 0
        with pytest.raises(Unreachable):
            await line.connection()
        asked = line._not_before
        assert line.wait > 0
        assert not line.up
        tries = await asyncio.gather(*(line.connection() for _ in range(5)), return_exceptions=True)
        assert all(isinstance(one, Unreachable) for one in tries)
        assert line._not_before == asked
