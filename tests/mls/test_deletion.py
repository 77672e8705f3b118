"""What was used is gone from the state, and nothing is used twice (RFC 9420 7.5, 9.1, 9.2; `spec/mls.md` M5)."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest

from colloque.mls import errors
from colloque.mls.api import Group, Policy, suite
from colloque.mls.codec import varint
from colloque.mls.framing.message import MlsMessage
from colloque.mls.framing.private_message import PrivateMessage
from colloque.mls.schedule.secret_tree import APPLICATION, Ratchet, SecretTree
from colloque.mls.tree import math
from tests.mls.people import NOW, committed, group_of

R = os.urandom
KIND = suite(83)


def _consumed(tree: SecretTree, leaf: int, generation: int) -> tuple[list[bytes], list[bytes]]:
    """Of one application ratchet: (what is gone once `generation` was used, what may stay), from the root secret on."""
    size = KIND.hash_bytes
    node, secret = math.root(tree.width), tree.nodes[math.root(tree.width)]
    gone, rest = [secret], []
    for below in reversed([2 * leaf, *math.direct_path(2 * leaf, tree.width)[:-1]]):
        both = [KIND.expand_with_label(secret, "tree", side, size) for side in (b"left", b"right")]
        secret = both.pop(0 if below < node else 1)
        rest += both
        gone.append(secret)
        node = below
    ratchet = Ratchet(KIND.expand_with_label(secret, "application", b"", size))
    for at in range(generation + 1):
        gone.append(ratchet.secret)
        key, ratchet = ratchet.next(KIND)
        (gone if at == generation else rest).append(key.key)
    return gone, [*rest, ratchet.secret, KIND.expand_with_label(secret, "handshake", b"", size)]


def test_consumed_secrets_are_deleted() -> None:
    """9.2: on both sides, and what may still be needed stays."""
    # MUST 9.2-1
    host, guest = group_of(83, 4)[:2]
    gone, rest = _consumed(guest.state.secret_tree, 0, 2)
    assert all(secret not in host.to_bytes() for secret in gone[1:])
    for _ in range(3):
        host, message = host.protect(b"x", R)
    guest = guest.process(message, NOW).group
    for state in (host.to_bytes(), guest.to_bytes()):
        assert not [n for n, secret in enumerate(gone) if secret in state]
    assert all(secret in guest.to_bytes() for secret in rest)


def test_old_keys_of_the_tree_are_deleted() -> None:
    """7.5: by the committer and by those who follow; of the epochs before, no key of the schedule but three is kept."""
    # MUST 7.5-3
    host, guest = group_of(83, 2, policy=Policy(past_epochs=1))
    before = [*host.state.private.keys.values(), *guest.state.private.keys.values()]
    secrets = host.state.secrets
    staged = host.commit(R, NOW)
    mine, theirs = staged.group, committed(guest, staged.message)
    own = guest.state.private.keys[2]
    for state in (mine.to_bytes(), theirs.to_bytes()):
        assert not [key for key in before if key in state and key != own]
        for secret in (secrets.init, secrets.exporter, secrets.external, secrets.membership_key):
            assert secret not in state
        assert secrets.resumption_psk in state
    again = theirs.commit(R, NOW).group
    assert own not in again.to_bytes()
    assert secrets.resumption_psk not in again.to_bytes()


def test_a_key_encrypts_once() -> None:
    """9.1: each message has its own, also across saved states; a spent ratchet is refused."""
    # MUST 6.3.1-2, 9.1-1
    host, _ = group_of(83, 2)
    seen = set()
    for _ in range(4):
        ratchet = host.state.secret_tree.ratchet(KIND, 0, APPLICATION)[1]
        seen.add(ratchet.next(KIND)[0].key)
        host = Group.from_bytes(host.protect(b"x", R)[0].to_bytes())
    assert len(seen) == 4
    spent = Ratchet(b"s" * 64, 1 << 32)
    with pytest.raises(errors.RatchetSpent):
        spent.next(KIND)


def test_reuse_guards_are_drawn_anew() -> None:
    """6.3.1: the same message at the same place, from a state that was rolled back, is another ciphertext."""
    # MUST 6.3.1-3
    host, guest = group_of(83, 2)
    drawn: list[bytes] = []

    def counted(size: int) -> bytes:
        drawn.append(R(size))
        return drawn[-1]

    bodies = []
    for _ in range(2):
        body = MlsMessage.decode(host.protect(b"x", counted)[1]).body
        assert isinstance(body, PrivateMessage)
        bodies.append(body)
    assert [len(guard) for guard in drawn] == [4, 4]
    assert bodies[0].ciphertext != bodies[1].ciphertext
    assert guest.process(MlsMessage(bodies[1]).encode(), NOW)
    opened = bodies[0].open_sender(KIND, guest.state.secrets.sender_data)
    assert opened.reuse_guard == drawn[0]
    changed = replace(bodies[0], encrypted_sender_data=bodies[1].encrypted_sender_data)
    with pytest.raises(errors.DecryptionFailed):
        guest.process(MlsMessage(changed).encode(), NOW)


def test_no_message_outgrows_its_aead() -> None:
    """6.3.1, 15.2: a vector holds less than 2^30 bytes, far below what AES-GCM and ChaCha20-Poly1305 bear for one key."""
    # MUST 6.3.1-5, 15.2-1
    with pytest.raises(errors.DecodeError):
        varint(1 << 30)
