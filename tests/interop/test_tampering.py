"""Whatever is altered on the way is refused by both, and a refusal leaves the member as it was."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from .member import Member, Refused
from .room import Cast, Room

WAYS = pytest.mark.parametrize(("sender", "receiver"), [("python", "ts-mls"), ("ts-mls", "python")])
SAMPLES = 40


def altered(message: bytes) -> Iterator[bytes]:
    """One bit wrong in each byte of the head, of the last 8, and here and there between; cut; lengthened."""
    places = {*range(min(48, len(message))), *range(len(message) - 8, len(message))}
    places |= set(range(0, len(message), max(1, len(message) // SAMPLES)))
    for at in sorted(places):
        yield message[:at] + bytes([message[at] ^ 1 << at % 8]) + message[at + 1 :]
    for length in (0, 3, len(message) // 2, len(message) - 1):
        yield message[:length]
    yield message + b"\0"


def refused(message: bytes, take: Callable[[bytes], object]) -> None:
    for wrong in altered(message):
        with pytest.raises(Refused):
            take(wrong)


def _room(cast: Cast, sender: str, receiver: str, public: bool = False) -> tuple[Room, Member, Member]:
    one, two = cast.of(sender), cast.of(receiver)
    room = Room(one, public=public)
    room.commit(one, add=[two])
    return room, one, two


@WAYS
def test_application_message(cast: Cast, sender: str, receiver: str) -> None:
    room, one, two = _room(cast, sender, receiver)
    message = one.send(b"words", b"beside")
    before = two.view()
    refused(message, two.process)
    assert two.view() == before
    assert two.process(message).plaintext == b"words"
    room.everybody_speaks()


@WAYS
@pytest.mark.parametrize("public", [False, True], ids=["private", "public"])
def test_handshake_messages(cast: Cast, sender: str, receiver: str, public: bool) -> None:
    room, one, two = _room(cast, sender, receiver, public)
    three = cast.of(receiver)
    proposal = one.propose_add(three.key_package(), public=public)
    refused(proposal, two.process)
    assert two.process(proposal).kind == "proposal"
    commit = one.commit(public=public)
    one.merge()
    before = two.view()
    refused(commit.message, two.process)
    assert two.view() == before
    two.process(commit.message)
    assert commit.welcome is not None
    three.join(commit.welcome)
    room.members.append(three)
    room.agree()
    room.everybody_speaks()


@WAYS
def test_welcome_and_tree(cast: Cast, sender: str, receiver: str) -> None:
    one, two = cast.of(sender), cast.of(receiver)
    room = Room(one)
    sent = one.commit(add=[two.key_package()], tree_in_welcome=False)
    one.merge()
    welcome, tree = sent.welcome, sent.ratchet_tree
    assert welcome is not None
    assert tree is not None
    refused(welcome, lambda wrong: two.join(wrong, tree))
    refused(tree, lambda wrong: two.join(welcome, wrong))
    with pytest.raises(Refused):
        two.join(welcome)
    two.join(welcome, tree)
    room.members.append(two)
    room.agree()
    with pytest.raises(Refused):
        two.join(welcome, tree)


@WAYS
def test_key_package(cast: Cast, sender: str, receiver: str) -> None:
    """A key package that was altered is not added."""
    room, one, _ = _room(cast, sender, receiver)
    package = cast.of(receiver).key_package()
    before = one.view()
    refused(package, lambda wrong: one.commit(add=[wrong]))
    assert one.view() == before
    room.everybody_speaks()


@WAYS
def test_messages_of_another_group(cast: Cast, sender: str, receiver: str) -> None:
    _, one, _ = _room(cast, sender, receiver)
    _, _, stranger = _room(cast, sender, receiver)
    before = stranger.view()
    for message in (one.send(b"words"), one.commit().message, one.commit(public=True).message):
        with pytest.raises(Refused):
            stranger.process(message)
    assert stranger.view() == before
