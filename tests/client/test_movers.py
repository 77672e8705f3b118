"""Chunks side by side: each once, counted from the first, by one counter at a time."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from colloque.client.movers import SIDE_BY_SIDE, each
from colloque.client.relay.errors import Unreachable


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 5),
    st.lists(st.integers(0, 3), max_size=25),
    st.none() | st.integers(0, 24),
    st.integers(0, 3),
)
def test_every_chunk_once_and_counted_in_order(
    start: int, pauses: list[int], breaks_at: int | None, counting: int
) -> None:
    """Whatever takes how long, and wherever the line breaks: what is counted is done, and nobody counts beside another."""
    numbers = range(start, start + len(pauses))
    done: list[int] = []
    counted: list[int] = []
    at_once = most = counters = 0

    async def one(number: int) -> None:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        try:
            for _ in range(pauses[number - start]):
                await asyncio.sleep(0)
            if breaks_at is not None and number == start + breaks_at:
                raise Unreachable("the line broke")
            done.append(number)
        finally:
            at_once -= 1

    async def through(count: int) -> None:
        nonlocal counters
        counters += 1
        assert counters == 1
        assert set(range(start, count)) <= set(done)
        for _ in range(counting):
            await asyncio.sleep(0)
        counted.append(count)
        counters -= 1

    broken = breaks_at is not None and breaks_at < len(pauses)
    if broken:
        with pytest.raises(Unreachable):
            asyncio.run(each(numbers, one, through, every=0))
        assert counted[-1] == start + (breaks_at or 0)
    else:
        asyncio.run(each(numbers, one, through, every=0))
        assert sorted(done) == list(numbers)
        assert counted[-1] == numbers.stop
    assert counted == sorted(counted)
    assert len(done) == len(set(done))
    assert most <= SIDE_BY_SIDE
    assert at_once == counters == 0
