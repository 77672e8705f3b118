"""Groups of 2, 3 and 20 in every suite: everybody ends in the same epoch with the same secrets."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from colloque.mls.api import SUPPORTED, Application, Committed, Group, Proposed, Psk, suite
from tests.mls.people import NOW, agree, committed, founder, fresh, group_of, join, person

R = os.urandom


@pytest.mark.parametrize("number", SUPPORTED)
def test_add_write_commit_remove(number: int) -> None:
    groups = group_of(number, 3)
    agree(groups)
    for sender in range(3):
        groups[sender], message = groups[sender].protect(
            b"bonjour", R, authenticated_data=b"about", padding_to=100
        )
        for reader in range(3):
            if reader != sender:
                event = groups[reader].process(message, NOW)
                assert isinstance(event, Application)
                assert (event.plaintext, event.authenticated_data) == (b"bonjour", b"about")
                assert event.sender.leaf_index == sender
                groups[reader] = event.group
    for committer in range(3):
        staged = groups[committer].commit(R, NOW, wire="public" if committer == 1 else "private")
        groups = [
            staged.group if n == committer else committed(g, staged.message) for n, g in enumerate(groups)
        ]
        agree(groups)
    staged = groups[2].commit(R, NOW, remove=[0])
    event = groups[0].process(staged.message, NOW)
    assert isinstance(event, Committed)
    assert event.self_removed
    agree([staged.group, committed(groups[1], staged.message)])


@pytest.mark.parametrize("number", [1, 83])
def test_twenty_members_each_commit(number: int) -> None:
    groups = group_of(number, 20)
    agree(groups)
    for committer in (19, 7, 0, 12):
        staged = groups[committer].commit(R, NOW)
        groups = [
            staged.group if n == committer else committed(g, staged.message) for n, g in enumerate(groups)
        ]
        agree(groups)
    staged = groups[3].commit(R, NOW, remove=[5, 6, 18])
    left = [n for n in range(20) if n not in (5, 6, 18)]
    groups = [staged.group if n == 3 else committed(groups[n], staged.message) for n in left]
    agree(groups)
    staged = groups[0].commit(R, NOW)
    agree([staged.group, *(committed(g, staged.message) for g in groups[1:])])


def test_remove_and_add_of_one_person_in_one_commit() -> None:
    kind = suite(83)
    bruno = person(kind, "bruno")
    staged = founder(kind).commit(R, NOW, add=[bruno.package])
    host, old = staged.group, join(staged.welcome, bruno)
    again = fresh(kind, bruno)
    old, late = old.protect(b"late", R)
    staged = host.commit(R, NOW, remove=[1], add=[again.package], psks=[Psk(b"secret", b"s" * 32)])
    new = join(staged.welcome, again, secret=b"s" * 32)
    agree([staged.group, new])
    event = staged.group.process(late, NOW)
    assert isinstance(event, Application)
    assert event.plaintext == b"late"


def test_psk_tree_apart_and_commit_without_path() -> None:
    # MUST 8.4-1, 12.4.1-2
    kind = suite(83)
    bruno = person(kind, "bruno")
    staged = founder(kind).commit(
        R, NOW, add=[bruno.package], psks=[Psk(b"p", b"x" * 20)], path=False, tree_in_welcome=False
    )
    assert staged.ratchet_tree is not None
    host, guest = staged.group, join(staged.welcome, bruno, tree=staged.ratchet_tree, p=b"x" * 20)
    agree([host, guest])
    staged = guest.commit(R, NOW, psks=[Psk(b"p", b"x" * 20)], path=False)
    agree([staged.group, committed(host, staged.message, p=b"x" * 20)])


@pytest.mark.parametrize("wire", ["private", "public"])
def test_proposals_by_reference(wire: str) -> None:
    # MUST 12.4.1-3, 15.2-2
    groups = group_of(83, 3)
    newcomer = person(suite(83), "dora")
    refs = []
    makers: list[tuple[int, Callable[[Group], tuple[Group, bytes]]]] = [
        (1, lambda g: g.propose_update(R, NOW, wire=wire)),
        (2, lambda g: g.propose_add(newcomer.package, R, NOW, wire=wire)),
        (2, lambda g: g.propose_psk(b"k", R, NOW, wire=wire)),
    ]
    for author, make in makers:
        groups[author], message = make(groups[author])
        for reader in range(3):
            if reader != author:
                event = groups[reader].process(message, NOW)
                assert isinstance(event, Proposed)
                groups[reader] = event.group
                ref = event.ref
        refs.append(ref)
    staged = groups[0].commit(R, NOW, by_reference=refs, known_psks={b"k": b"v"})
    readers = [committed(Group.from_bytes(g.to_bytes()), staged.message, k=b"v") for g in groups[1:]]
    agree([staged.group, *readers, join(staged.welcome, newcomer, k=b"v")])


def test_out_of_order_across_epochs_and_through_bytes() -> None:
    host, guest = group_of(83, 2)
    sent = []
    for epoch in range(3):
        for n in range(5):
            guest, message = guest.protect(f"{epoch}.{n}".encode(), R)
            sent.append((f"{epoch}.{n}".encode(), message))
        staged = host.commit(R, NOW)
        host, guest = staged.group, committed(guest, staged.message)
    for text, message in reversed(sent):
        host = Group.from_bytes(host.to_bytes())
        event = host.process(message, NOW)
        assert isinstance(event, Application)
        assert event.plaintext == text
        host = event.group
    assert Group.from_bytes(host.to_bytes()).to_bytes() == host.to_bytes()
