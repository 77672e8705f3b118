"""`spec/relay.md` R4 to R6: the bytes of every frame."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import given

from colloque.wire.codec import WireError
from colloque.wire.frames import answers as a
from colloque.wire.frames import commands as c
from colloque.wire.frames.position import Position
from colloque.wire.sizes import ENVELOPE_BYTES, FRAME_BYTES

_32 = st.binary(min_size=32, max_size=32)
_u2, _u4, _u8 = (st.integers(0, (1 << 8 * size) - 1) for size in (2, 4, 8))
_position = st.builds(Position, _u8, _u8)
_envelope = st.binary(min_size=1, max_size=64).map(lambda seed: (seed * ENVELOPE_BYTES)[:ENVELOPE_BYTES])
_specs = st.lists(st.builds(c.WriterSpec, _32, _u2), max_size=32).map(tuple)
_grant = st.binary(max_size=64)
_request = st.integers(1, 0xFFFFFFFF)

_commands = st.one_of(
    st.builds(c.MakeQueue, _grant, _32, _specs),
    st.builds(c.AddWriters, _32, _specs),
    st.builds(c.DropWriters, _32, st.lists(_32, max_size=64).map(tuple)),
    st.builds(c.Send, _32, _envelope, st.booleans()),
    st.builds(c.Read, _32),
    st.builds(c.Confirm, _u4, _position),
    st.builds(c.StopReading, _u4),
    st.builds(c.RotateRead, _32, _32),
    st.builds(c.DropQueue, _32),
    st.builds(c.LendGrant, _grant, _32, _u2, _u4),
)
_answers = st.one_of(
    st.just(a.Done()),
    st.just(a.Accepted()),
    st.builds(a.Made, _u4, _u4),
    st.builds(a.Reading, _u4, _position, _u4),
    st.builds(a.Message, _u4, _position, _envelope),
    st.builds(a.TakenOver, _u4),
    st.builds(a.Confirmed, _position),
    st.builds(a.Refused, st.sampled_from(a.Code), _u4),
)


@given(_request, _commands)
def test_commands_come_back(request: int, command: c.Command) -> None:
    frame = c.encode_command(request, command)
    assert len(frame) <= FRAME_BYTES
    assert c.decode_command(frame) == (request, command)


@given(_u4, _answers)
def test_answers_come_back(request: int, answer: a.Answer) -> None:
    frame = a.encode_answer(request, answer)
    assert len(frame) <= FRAME_BYTES
    assert a.decode_answer(frame) == (request, answer)


@given(_request, _commands, st.data())
def test_a_cut_or_longer_frame_is_refused(request: int, command: c.Command, data: st.DataObject) -> None:
    frame = c.encode_command(request, command)
    with pytest.raises(WireError):
        c.decode_command(frame[: data.draw(st.integers(0, len(frame) - 1))])
    with pytest.raises(WireError):
        c.decode_command(frame + b"\0")


@given(
    st.binary(max_size=400)
    | st.binary(min_size=5, max_size=300).map(lambda b: b[:4] + bytes([b[4] % 12]) + b[5:])
)
def test_any_bytes_give_a_command_or_the_one_error(frame: bytes) -> None:
    try:
        request, command = c.decode_command(frame)
    except WireError:
        return
    assert c.encode_command(request, command) == frame


@given(
    st.binary(max_size=400)
    | st.binary(min_size=5, max_size=300).map(lambda b: b[:4] + bytes([128 + b[4] % 9]) + b[5:])
)
def test_any_bytes_give_an_answer_or_the_one_error(frame: bytes) -> None:
    try:
        request, answer = a.decode_answer(frame)
    except WireError:
        return
    assert a.encode_answer(request, answer) == frame


def test_secrets_are_not_shown() -> None:
    """House rule: a capability or an envelope is in no repr."""
    secret = b"\xab" * 32
    shown = [
        repr(c.MakeQueue(secret, bytes(32), ())),
        repr(c.Send(secret, secret * 512)),
        *(repr(kind(secret)) for kind in (c.Read, c.DropQueue)),
        repr(a.Message(1, Position(1, 1), secret * 512)),
    ]
    assert not [text for text in shown if r"\xab" in text]
