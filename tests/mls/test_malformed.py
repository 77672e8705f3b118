"""Numbers that name nothing, keys of no form, and what else only a decoder meets (RFC 9420 2, 6, 7, 8.4, 12.4)."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace

import pytest

from colloque.mls import errors
from colloque.mls.api import Group, KeyPackageSecrets, Policy, suite
from colloque.mls.codec import u8, u16, vector
from colloque.mls.framing.content import (
    AuthenticatedContent,
    ContentType,
    FramedContent,
    Sender,
    SenderType,
    WireFormat,
)
from colloque.mls.framing.message import MlsMessage
from colloque.mls.framing.private_message import PrivateMessage, SenderData, seal_private
from colloque.mls.group.sealing import signed
from colloque.mls.messages.leaf_node import LeafNode
from colloque.mls.messages.proposal import ProposalOrRef
from colloque.mls.messages.psk import PskId
from colloque.mls.schedule.secret_tree import APPLICATION
from colloque.mls.tree import verify
from colloque.mls.tree.nodes import decode_nodes
from colloque.mls.tree.treekem import PrivateTree, make_path, merge_path, open_path, seal_path
from tests.mls.people import NOW, committed, group_of, person
from tests.mls.test_refusals import refused

R = os.urandom
KIND = suite(83)


def _leaf_of_source(number: int) -> bytes:
    """A leaf whose source is this number, found behind its capabilities."""
    leaf = person(KIND, "x").package.leaf
    head = (
        vector(leaf.encryption_key)
        + vector(leaf.signature_key)
        + leaf.credential.encode()
        + leaf.capabilities.encode()
    )
    return head + u8(number) + vector(b"") + vector(b"s")


@pytest.mark.parametrize(
    ("decode", "data"),
    [
        (LeafNode.decode, _leaf_of_source(0)),
        (LeafNode.decode, _leaf_of_source(4)),
        (PskId.decode, u8(2) + u8(4) + vector(b"g") + bytes(8) + vector(b"n")),
        (PskId.decode, u8(3) + vector(b"i") + vector(b"n")),
        (ProposalOrRef.decode, u8(3) + vector(b"r")),
        (decode_nodes, vector(u8(1) + u8(3))),
        (MlsMessage.decode, u16(1) + u16(6) + vector(b"")),
        (Sender.decode, u8(5)),
        (FramedContent.decode, vector(b"g") + bytes(8) + u8(4) + vector(b"") + u8(4)),
        (AuthenticatedContent.decode, u16(3) + vector(b"g")),
    ],
)
def test_unknown_numbers_are_refused(decode: Callable[[bytes], object], data: bytes) -> None:
    with pytest.raises(errors.DecodeError, match=r"unknown|neither|another wire format"):
        decode(data)


def test_secrets_of_another_version() -> None:
    with pytest.raises(errors.StateInvalid):
        KeyPackageSecrets.from_bytes(b"\x02" + person(KIND, "x").secrets.to_bytes()[1:])


def test_x_wing_keys_of_no_form() -> None:
    kem = KIND.kem
    for seed in (b"", bytes(31), bytes(33)):
        with pytest.raises(errors.CryptoError):
            kem.public(seed)
    for key in (bytes(1215), bytes(1217), b"\xff" * 1216):
        with pytest.raises(errors.InvalidPublicKey):
            kem.load_public(key)
        with pytest.raises(errors.InvalidPublicKey):
            kem.encapsulate(key)


def test_handshakes_of_past_epochs_and_authors_that_were_none() -> None:
    # MUST 12.1-1
    host, guest = group_of(83, 3, policy=Policy(past_epochs=4))[:2]
    late = guest.propose_remove(2, R, NOW)[1]
    gap = host.commit(R, NOW, remove=[2])
    host, guest = gap.group, committed(guest, gap.message)
    refused(errors.WrongEpoch, host, lambda: host.process(late, NOW))
    before = host.state
    content = FramedContent(
        host.group_id, host.epoch, Sender(SenderType.MEMBER, 3), b"", ContentType.APPLICATION, b"x"
    )
    wide = group_of(83, 4)[0].commit(R, NOW, remove=[1]).group
    content = replace(content, group_id=wide.group_id, epoch=wide.epoch, sender=Sender(SenderType.MEMBER, 1))
    message = signed(wide.state, WireFormat.PRIVATE, content)
    key, _ = wide.state.secret_tree.ratchet(KIND, 1, APPLICATION)[1].next(KIND)
    sealed = seal_private(
        KIND, message, wide.state.secrets.sender_data, key.key, key.nonce, SenderData(1, 0, bytes(4))
    )
    later = wide.commit(R, NOW).group
    refused(errors.NoSuchLeaf, later, lambda: later.process(MlsMessage(sealed).encode(), NOW))
    assert isinstance(sealed, PrivateMessage)
    assert before.context.epoch == host.epoch


def test_unmerged_leaves_that_are_wrong() -> None:
    """12.4.3.1: each is a leaf below, is there, and is unmerged in every node between."""
    groups = group_of(1, 7)
    for at in (0, 2, 4):
        staged = groups[at].commit(R, NOW)
        groups = [staged.group if n == at else committed(g, staged.message) for n, g in enumerate(groups)]
    tree = groups[0].state.tree
    root, below = tree.parent(7), tree.parent(11)
    assert root is not None
    assert below is not None
    blank = tree.with_nodes({7: replace(root, unmerged_leaves=(7,)), 11: None, 13: None})
    lists = {7: replace(root, unmerged_leaves=(1,)), 11: replace(below, unmerged_leaves=(1,))}
    apart = tree.with_nodes({1: None, 3: None, **lists})
    gap = tree.with_nodes({7: replace(root, unmerged_leaves=(5,))})
    whole = gap.with_nodes({9: None, 11: replace(below, unmerged_leaves=(5,))})
    for wrong in (blank, apart, gap):
        with pytest.raises(errors.UnmergedLeavesInvalid):
            verify.verify_unmerged(wrong)
    verify.verify_unmerged(whole)


def test_paths_that_do_not_reach_us() -> None:
    host, guest, third = group_of(83, 3)
    state = host.state
    made = make_path(state.tree, 0, state.signer, host.group_id, R)
    path = seal_path(made, state.tree, b"context", frozenset())
    merged = merge_path(state.tree, 0, path)

    def opens(private: PrivateTree) -> object:
        return open_path(state.tree, merged, private, 0, path, b"context", frozenset())

    assert opens(guest.state.private)
    with pytest.raises(errors.UpdatePathInvalid, match="not sealed to us"):
        opens(PrivateTree(1, {}))
    with pytest.raises(errors.UpdatePathInvalid, match="does not reach us"):
        opens(PrivateTree(0, {}))
    reused = replace(
        path, nodes=(replace(path.nodes[0], encryption_key=path.leaf.encryption_key), *path.nodes[1:])
    )
    with pytest.raises(errors.UpdatePathInvalid, match="not fresh"):
        merge_path(state.tree, 0, reused)
    assert third.own_leaf == 2


def test_a_key_package_is_no_welcome() -> None:
    eva = person(KIND, "eva")
    with pytest.raises(errors.GroupInfoMismatch, match="not a Welcome"):
        Group.join(MlsMessage(eva.package).encode(), eva.package, eva.secrets, eva.signer, NOW)
