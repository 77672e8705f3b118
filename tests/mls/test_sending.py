"""A message is handed out only once the state after it is kept (`spec/mls.md` M8)."""

from __future__ import annotations

import os

import pytest

from colloque.mls.api import Application, Group
from tests.mls.people import NOW, group_of

R = os.urandom


def test_stored_then_sent() -> None:
    """M8: what is kept is the state after the message, and what reloads it goes on where it was."""
    host, guest = group_of(83, 2)
    kept: list[bytes] = []
    sending = host.sending(b"bonjour", R, authenticated_data=b"aad", padding_to=64)
    message = sending.store(kept.append)
    event = guest.process(message, NOW)
    assert isinstance(event, Application)
    assert (event.plaintext, event.authenticated_data) == (b"bonjour", b"aad")
    assert kept == [sending.group.to_bytes()]
    more = Group.from_bytes(kept[0]).sending(b"encore", R).store(kept.append)
    after = event.group.process(more, NOW)
    assert isinstance(after, Application)
    assert after.generation == 1


def test_a_store_that_fails_hands_nothing_out() -> None:
    host, _ = group_of(83, 2)
    sending = host.sending(b"bonjour", R)

    def full(state: bytes) -> None:
        raise OSError(f"the disk is full: {len(state)} bytes")

    with pytest.raises(OSError, match="full"):
        sending.store(full)
    assert "bonjour" not in repr(sending)
    assert not any(isinstance(getattr(sending, name), bytes) for name in dir(sending) if name[0] != "_")


def test_a_commit_is_stored_then_sent_then_merged() -> None:
    """M8: where it cannot be kept, nothing has happened; whoever loads what was kept is in the new epoch."""
    host, guest = group_of(83, 2)
    staged, kept = host.commit(R, NOW), list[bytes]()

    def full(state: bytes) -> None:
        raise OSError(f"the disk is full: {len(state)} bytes")

    with pytest.raises(OSError, match="full"):
        staged.store(full)
    message = staged.store(kept.append)
    event = guest.process(message, NOW)
    merged = Group.from_bytes(kept[0])
    assert merged.epoch == host.epoch + 1
    assert merged.epoch_authenticator == event.group.epoch_authenticator
