"""Application messages: order, epochs, windows, padding, authors (RFC 9420 sections 6.3, 9, 15)."""

from __future__ import annotations

import random

import pytest

from colloque.mls.api import Policy

from .member import Member, Refused
from .python_member import PythonMember
from .room import Cast, Room, opened

WAYS = pytest.mark.parametrize(("sender", "receiver"), [("python", "ts-mls"), ("ts-mls", "python")])


def _pair(cast: Cast, sender: Member, receiver: Member) -> Room:
    room = Room(sender)
    room.commit(sender, add=[receiver])
    return room


@WAYS
@pytest.mark.parametrize("seed", range(3))
def test_any_order_across_epochs(cast: Cast, sender: str, receiver: str, seed: int) -> None:
    """Every message opens once, with its epoch and generation, however they come; a copy is refused."""
    one, two = cast.of(sender), cast.of(receiver)
    room = _pair(cast, one, two)
    sent: list[tuple[bytes, bytes, int, int]] = []
    for _ in range(4):
        epoch = room.agree().epoch
        for generation in range(5):
            text = f"epoch {epoch}, number {generation}".encode()
            sent.append((one.send(text), text, epoch, generation))
        room.commit(two if epoch % 2 else one)
    random.Random(seed).shuffle(sent)
    for message, text, epoch, generation in sent:
        received = two.process(message)
        opened(received, text)
        assert (received.epoch, received.generation) == (epoch, generation)
        if isinstance(two, PythonMember):
            two.restart()
        with pytest.raises(Refused):
            two.process(message)
    room.everybody_speaks()


@WAYS
def test_late_mail_of_somebody_removed(cast: Cast, sender: str, receiver: str) -> None:
    one, two, three = cast.of(receiver), cast.of(sender), cast.of(receiver)
    room = Room(one)
    room.commit(one, add=[two, three])
    leaf = room.leaf(one, two)
    late = two.send(b"sent before I was removed")
    room.commit(one, remove=[two])
    room.commit(three)
    for member in (one, three):
        received = member.process(late)
        opened(received, b"sent before I was removed")
        assert received.sender == leaf


@WAYS
def test_windows_are_bounded(cast: Cast, sender: str, receiver: str) -> None:
    """What is older than the window of epochs, or further ahead than that of generations, is refused."""
    one = cast.of(sender)
    two = (
        cast.python(policy=Policy(past_epochs=2, skipped_generations=8, max_forward=8))
        if receiver == "python"
        else cast.node_member(past_epochs=2, skipped_generations=8, max_forward=8)
    )
    room = _pair(cast, one, two)
    messages = [one.send(b"%d" % number) for number in range(10)]
    with pytest.raises(Refused):
        two.process(messages[9])
    opened(two.process(messages[8]), b"8")
    opened(two.process(messages[9]), b"9")
    opened(two.process(messages[7]), b"7")
    room.commit(one)
    room.commit(two)
    opened(two.process(messages[6]), b"6")
    room.commit(one)
    with pytest.raises(Refused):
        two.process(messages[5])
    room.everybody_speaks()


@WAYS
@pytest.mark.parametrize("padding", [0, 256, 1024])
def test_padding(cast: Cast, sender: str, receiver: str, padding: int) -> None:
    one, two = cast.of(sender, padding=padding), cast.of(receiver)
    _pair(cast, one, two)
    lengths = set()
    for size in (0, 1, 20, 63, 64, 100):
        message = one.send(bytes([7]) * size)
        lengths.add(len(message))
        opened(two.process(message), bytes([7]) * size)
    assert (len(lengths) == 1) == (padding > 0)


@WAYS
@pytest.mark.parametrize("size", [16_383, 16_384, 1_000_000])
def test_long_messages(cast: Cast, sender: str, receiver: str, size: int) -> None:
    """Around the lengths where a length takes two bytes and then four."""
    one, two = cast.of(sender), cast.of(receiver)
    _pair(cast, one, two)
    text = random.Random(size).randbytes(size)
    opened(two.process(one.send(text, text[: size // 2])), text, text[: size // 2])


@WAYS
def test_no_words_while_proposals_wait(cast: Cast, sender: str, receiver: str) -> None:
    """RFC 9420 6.1: a member with proposals that wait commits before it speaks."""
    one, two = cast.of(sender), cast.of(receiver)
    room = _pair(cast, one, two)
    three = cast.of(sender)
    room.propose(one, one.propose_add(three.key_package()))
    for member in (one, two):
        with pytest.raises(Refused):
            member.send(b"too early")
    room.commit(two, proposed_add=[three])
    room.everybody_speaks()
