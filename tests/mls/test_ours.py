"""What is ours beside the RFC: suite 83, policies, windows, stored states (`spec/mls.md`)."""

from __future__ import annotations

import hashlib
import os
import random

import pytest
from cryptography.hazmat.primitives import hpke

from colloque.mls import errors
from colloque.mls.api import XWING, Application, Group, Policy, suite
from tests.mls.people import NOW, founder, group_of, join, person

R = os.urandom


def test_suite_83_is_what_it_says() -> None:
    """M1: the ids that HPKE binds every ciphertext to, the sizes, and how keys are derived."""
    kind = suite(XWING)
    assert (kind.number, kind.kem.id, kind.hash_bytes, kind.key_bytes) == (83, 0x647A, 64, 32)
    assert kind.kem.hpke_kem == hpke.KEM.MLKEM768_X25519
    ikm = bytes(range(64))
    private, public = kind.derive_key_pair(ikm)
    assert private == hashlib.shake_256(ikm).digest(32)
    assert len(public) == 1_184 + 32
    wide = hashlib.shake_256(private).digest(96)
    x25519 = suite(1).kem.public(wide[64:])
    assert public[1_184:] == x25519
    kem_output, sealed = kind.encrypt_with_label(public, "label", b"context", b"words")
    assert kind.decrypt_with_label(private, "label", b"context", kem_output, sealed) == b"words"
    for label, context in (("other", b"context"), ("label", b"other")):
        with pytest.raises(errors.DecryptionFailed):
            kind.decrypt_with_label(private, label, context, kem_output, sealed)
    for number in (0, 8, 82, 84):
        with pytest.raises(errors.UnsupportedSuite):
            suite(number)


def test_a_policy_is_kept_with_the_state() -> None:
    """M4"""
    policy = Policy(b"k" * 32, True, False, True, False, True, 7, 3, 5, 9, 11)
    group = founder(suite(83), policy=policy)
    assert Group.from_bytes(group.to_bytes()).policy == policy
    closed = Policy(None, False, False, False, False, False, 1 << 20, 64, 4_096, 4_096, 400 * 86_400)
    assert Policy() == closed


def test_messages_of_so_many_past_epochs_still_open() -> None:
    """M5: the last ones, and none before."""
    host, guest = group_of(83, 2, policy=Policy(past_epochs=2))
    late = []
    for n in range(5):
        guest, message = guest.protect(f"{n}".encode(), R)
        late.append(message)
        staged = host.commit(R, NOW)
        event = guest.process(staged.message, NOW)
        host, guest = staged.group, event.group
    opened: list[int] = []
    for n, message in enumerate(late):
        try:
            event = host.process(message, NOW)
        except errors.PastEpochForgotten:
            continue
        assert isinstance(event, Application)
        host, opened = event.group, [*opened, n]
    assert opened == [3, 4]


def test_a_key_that_was_used_is_gone_from_the_state_and_from_its_bytes() -> None:
    """M5"""
    host, guest = group_of(83, 2)
    _, message = guest.protect(b"once", R)
    after = host.process(message, NOW).group
    for group in (after, Group.from_bytes(after.to_bytes())):
        with pytest.raises(errors.GenerationUsed):
            group.process(message, NOW)
    assert isinstance(host.process(message, NOW), Application)


def test_a_state_comes_back_byte_for_byte_and_another_version_does_not() -> None:
    """M6"""
    host, guest = group_of(83, 3)[:2]
    guest, message = guest.protect(b"x", R)
    host = host.process(message, NOW).group
    guest, _ = guest.propose_update(R, NOW)
    for group in (host, guest):
        data = group.to_bytes()
        assert Group.from_bytes(data).to_bytes() == data
        for bad in (bytes([data[0] + 1]) + data[1:], data[:1] + b"\0\4" + data[3:], data + b"\0", data[:-1]):
            with pytest.raises(errors.StateInvalid):
                Group.from_bytes(bad)


def test_the_same_randomness_gives_the_same_message() -> None:
    """M7: nothing else is drawn for a message, and the state before is as it was."""
    group = group_of(83, 2)[0]
    before = group.to_bytes()
    ways = [group.protect(b"x", random.Random(7).randbytes) for _ in range(2)]
    assert ways[0][1] == ways[1][1]
    assert ways[0][0].to_bytes() == ways[1][0].to_bytes() != before
    assert group.to_bytes() == before


def test_a_group_has_no_more_members_than_its_policy_says() -> None:
    """M4: at the committer's, and at whoever gets the commit or the Welcome."""
    people = [person(suite(83), name) for name in ("bruno", "chloe")]
    small = Policy(max_members=2)
    with pytest.raises(errors.GroupFull):
        founder(suite(83), policy=small).commit(R, NOW, add=[p.package for p in people])
    staged = founder(suite(83)).commit(R, NOW, add=[p.package for p in people])
    with pytest.raises(errors.GroupFull):
        join(staged.welcome, people[0], policy=small)
