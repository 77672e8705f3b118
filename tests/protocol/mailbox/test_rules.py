"""The rules of a queue (`spec/relay.md` R12, R15, R21, R22)."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import given

from colloque.protocol.mailbox import clock
from colloque.protocol.mailbox.limits import Limits
from colloque.protocol.mailbox.rules import Bucket, Fill, Refusal, check_confirm, check_room, expiry
from colloque.wire.frames.answers import Code
from colloque.wire.frames.position import Position

_positions = st.builds(Position, st.integers(0, 3), st.integers(0, 9))
LIMITS = Limits(queue_messages=10, writer_messages=5, total_bytes=1_000, minimum_free_bytes=100)


@given(_positions, _positions, _positions)
def test_confirming_is_monotone_and_idempotent(asked: Position, handed: Position, before: Position) -> None:
    """R15"""
    if asked > max(handed, before):
        with pytest.raises(Refusal) as refused:
            check_confirm(asked, handed, before)
        assert refused.value.code is Code.BEYOND
        return
    after = check_confirm(asked, handed, before)
    assert after >= before
    assert after >= asked
    assert check_confirm(asked, handed, after) == after


@pytest.mark.parametrize(
    "fill",
    [
        Fill(10, 0, 0, 0, 1_000),
        Fill(0, 5, 0, 0, 1_000),
        Fill(0, 2, 2, 0, 1_000),
        Fill(0, 5, 500, 0, 1_000),
        Fill(0, 0, 0, 991, 1_000),
        Fill(0, 0, 0, 0, 109),
    ],
)
def test_full_is_told_with_a_time(fill: Fill) -> None:
    """R12: a queue, a writer by the relay's limit, by its own, the relay, the disk."""
    with pytest.raises(Refusal) as refused:
        check_room(fill, 10, LIMITS)
    assert refused.value.code is Code.FULL
    assert refused.value.retry_after > 0


def test_room_is_room() -> None:
    check_room(Fill(9, 4, 0, 990, 110), 10, LIMITS)
    check_room(Fill(9, 1, 2, 990, 110), 10, LIMITS)


@given(st.integers(0, 1 << 32), st.integers(60, 1 << 20))
def test_what_is_given_ends(seconds: int, limit: int) -> None:
    assert 1_060 <= expiry(1_000, seconds, limit) <= 1_000 + limit


def test_a_rate_is_refilled() -> None:
    """R21"""
    bucket = Bucket(2, 2.0, 0.0)
    bucket = bucket.take(0.0).take(0.0)
    with pytest.raises(Refusal) as refused:
        bucket.take(1.0)
    assert refused.value.code is Code.RATE
    bucket.take(31.0)


@given(st.lists(st.tuples(st.floats(-1e9, 4e9), st.floats(0, 1e5)), max_size=50))
def test_time_never_goes_back(steps: list[tuple[float, float]]) -> None:
    """R22"""
    time, ran = clock.start(1_000_000.0, 1_000_000.0, 0.0), 0.0
    for wall, passed in steps:
        ran += passed
        after = time.advance(wall, ran)
        assert after.now >= time.now
        time = after


def test_a_clock_that_jumps_ahead_is_believed_after_a_day() -> None:
    """R22: else one wrong minute would delete a month of mail."""
    time = clock.start(0, 1_000_000.0, 0.0)
    year = 365 * 86_400.0
    time = time.advance(1_000_010.0 + year, 10.0)
    assert time.now == 1_000_010.0
    assert time.advance(1_000_020.0, 20.0) == clock.Clock(1_000_020.0, 20.0)
    later = time.advance(1_000_000.0 + year + 90_000, 90_000.0)
    assert later.now == 1_000_000.0 + year + 90_000


def test_a_start_with_a_wrong_clock() -> None:
    """R22: a board without a battery starts in 1970; what it accepts then must not expire when the time is set."""
    assert clock.start(1_000_000, 0.0, 0.0).now == 1_000_000
    assert clock.start(1_000_000, 1_000_000.0 + 3 * 86_400, 0.0).now == 1_000_000.0 + 3 * 86_400
    assert clock.start(1_000_000, 9e9, 0.0).now == 1_000_000
