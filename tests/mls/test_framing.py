"""Frames and trees as they travel: what is malformed is refused by name (RFC 9420 2.1, 6, 7.1, 12.4.3.3)."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest

from colloque.mls import errors
from colloque.mls.api import Group, KeyPackage, SignatureKey, suite
from colloque.mls.codec import Reader, u16, vector
from colloque.mls.framing.content import ContentType, FramedContent, Sender, SenderType, WireFormat
from colloque.mls.framing.message import MlsMessage
from colloque.mls.framing.private_message import PrivateMessage, SenderData, seal_private, sender_key
from colloque.mls.framing.public_message import PublicMessage
from colloque.mls.group.sealing import content_of, signed
from colloque.mls.messages.proposal import Remove
from colloque.mls.schedule.secret_tree import APPLICATION
from colloque.mls.tree.nodes import ParentNode, decode_nodes, encode_nodes
from colloque.mls.tree.ratchet_tree import RatchetTree
from tests.mls.people import NOW, group_of, join, person
from tests.mls.test_refusals import refused

R = os.urandom
KIND = suite(83)


def test_presence_bytes() -> None:
    # MUST 2.1.1-1
    assert Reader(b"\x00").optional(lambda r: r.uint(1)) is None
    assert Reader(b"\x01\x07").optional(lambda r: r.uint(1)) == 7
    with pytest.raises(errors.DecodeError):
        Reader(b"\x02\x07").optional(lambda r: r.uint(1))


def _public(group: Group, body: bytes | Remove) -> PublicMessage:
    kind = ContentType.APPLICATION if isinstance(body, bytes) else ContentType.PROPOSAL
    message = signed(group.state, WireFormat.PUBLIC, content_of(group.state, kind, body, b""))
    plain = PublicMessage(message.content, message.auth)
    tag = plain._tag(KIND, group.state.secrets.membership_key, group.state.context)
    return replace(plain, membership_tag=tag)


def test_application_data_in_a_public_message() -> None:
    # MUST 6-1
    host, guest = group_of(83, 2)
    sent = MlsMessage(_public(guest, b"words")).encode()
    refused(errors.ApplicationInPublic, host, lambda: host.process(sent, NOW))
    content = content_of(host.state, ContentType.APPLICATION, b"words", b"")
    message = signed(host.state, WireFormat.PUBLIC, content)
    with pytest.raises(errors.ApplicationInPublic):
        PublicMessage.protect(KIND, message, host.state.secrets.membership_key, host.state.context)


def test_public_messages_of_members() -> None:
    # MUST 6.1-4, 6.2-1, 6.2-2, 12.1-1
    host, guest = group_of(83, 2)
    good = _public(guest, Remove(1))
    assert host.process(MlsMessage(good).encode(), NOW).group.pending()
    no_tag = MlsMessage(replace(good, membership_tag=b"")).encode()
    refused(errors.MembershipTagMismatch, host, lambda: host.process(no_tag, NOW))
    other = replace(guest.state, signer=SignatureKey.generate(KIND).private)
    forged = MlsMessage(_public(Group(other), Remove(1))).encode()
    refused(errors.InvalidSignature, host, lambda: host.process(forged, NOW))
    commit = guest.commit(R, NOW, wire="public").message
    body = MlsMessage.decode(commit).body
    assert isinstance(body, PublicMessage)
    untagged = replace(body, auth=replace(body.auth, confirmation_tag=b"t" * 64))
    tag = replace(untagged, membership_tag=b"")._tag(
        KIND, guest.state.secrets.membership_key, guest.state.context
    )
    wrong = MlsMessage(replace(untagged, membership_tag=tag)).encode()
    refused(errors.ConfirmationTagMismatch, host, lambda: host.process(wrong, NOW))
    later = guest.commit(R, NOW).group
    early = MlsMessage(_public(later, Remove(1))).encode()
    refused(errors.FutureEpoch, host, lambda: host.process(early, NOW))
    next_host = host.process(commit, NOW).group
    refused(errors.WrongEpoch, next_host, lambda: next_host.process(MlsMessage(good).encode(), NOW))


def _private(
    group: Group, *, plain_end: bytes = b"", leaf: int | None = None, signer: bytes | None = None
) -> bytes:
    """An application message with these bytes after its content, and this leaf in its sender data."""
    state = group.state if signer is None else replace(group.state, signer=signer)
    message = signed(state, WireFormat.PRIVATE, content_of(state, ContentType.APPLICATION, b"words", b""))
    ratchet = state.secret_tree.ratchet(KIND, state.own, APPLICATION)[1]
    key, _ = ratchet.next(KIND)
    sender = SenderData(state.own if leaf is None else leaf, 0, bytes(4))
    sealed = seal_private(KIND, message, state.secrets.sender_data, key.key, key.nonce, sender)
    if plain_end:
        content = vector(b"words") + message.auth.encode(ContentType.APPLICATION) + plain_end
        head = sealed._head() + vector(b"")
        ciphertext = KIND.seal(key.key, key.nonce, head, content)
        data = KIND.seal(
            *sender_key(KIND, state.secrets.sender_data, ciphertext), sealed._head(), sender.encode()
        )
        sealed = replace(sealed, ciphertext=ciphertext, encrypted_sender_data=data)
    return MlsMessage(sealed).encode()


def test_private_messages() -> None:
    # MUST 6.3.1-1, 6.3.1-4, 6.3.2-1, 6.3.2-2
    host, guest = group_of(83, 2)
    assert host.process(_private(guest, plain_end=bytes(9)), NOW)
    refused(errors.PaddingNotZero, host, lambda: host.process(_private(guest, plain_end=b"\0\0\1\0"), NOW))
    other = SignatureKey.generate(KIND).private
    refused(errors.InvalidSignature, host, lambda: host.process(_private(guest, signer=other), NOW))
    for leaf in (2, 5, 0xFFFFFFFF):
        refused(errors.NoSuchLeaf, host, lambda n=leaf: host.process(_private(guest, leaf=n), NOW))  # type: ignore[misc]
    third = group_of(83, 3)
    gap = third[0].commit(R, NOW, remove=[1]).group
    blank = gap.state.secret_tree.ratchet(KIND, 1, APPLICATION)[1].next(KIND)[0]
    sender = SenderData(1, 0, bytes(4))
    content = FramedContent(
        gap.group_id, gap.epoch, Sender(SenderType.MEMBER, 1), b"", ContentType.APPLICATION, b"x"
    )
    message = signed(gap.state, WireFormat.PRIVATE, content)
    sealed = seal_private(KIND, message, gap.state.secrets.sender_data, blank.key, blank.nonce, sender)
    refused(errors.NoSuchLeaf, gap, lambda: gap.process(MlsMessage(sealed).encode(), NOW))
    with pytest.raises(errors.DecodeError):
        seal_private(KIND, _public(host, Remove(1)).authenticated(), b"", b"", b"", sender)
    assert isinstance(MlsMessage.decode(_private(guest)).body, PrivateMessage)


def test_versions() -> None:
    # MUST 10-4
    who = person(KIND, "x")
    assert MlsMessage.decode(MlsMessage(who.package).encode()).body == who.package
    with pytest.raises(errors.UnsupportedVersion):
        MlsMessage.decode(u16(2) + MlsMessage(who.package).encode()[2:])
    other = replace(who.package, version=2).sign(who.signer.private)
    inside = MlsMessage.decode(MlsMessage(other).encode()).body
    assert isinstance(inside, KeyPackage)
    with pytest.raises(errors.KeyPackageForeign):
        inside.verify(NOW)


def test_trees_as_they_travel() -> None:
    # MUST 7.1-1, 12.4.3.3-1
    tree = group_of(83, 3)[0].commit(R, NOW).group.state.tree
    data = tree.encode()
    nodes = decode_nodes(data)
    assert nodes[-1] is None
    assert encode_nodes(nodes) == data
    padded = vector(Reader(data).opaque() + b"\x00")
    with pytest.raises(errors.TreeMalformed):
        RatchetTree.decode(KIND, padded)
    for empty in (vector(b""), vector(b"\x00")):
        with pytest.raises(errors.TreeMalformed):
            RatchetTree.decode(KIND, empty)
    for leaves in ((2, 1), (1, 1)):
        with pytest.raises(errors.DecodeError):
            ParentNode.decode(ParentNode(b"k", b"", leaves).encode())
    swapped = tree.with_nodes({0: tree.nodes[1], 1: tree.nodes[0]})
    with pytest.raises(errors.TreeMalformed):
        decode_nodes(encode_nodes(swapped.nodes))


def test_who_joins_signs_with_the_key_of_its_leaf() -> None:
    # MUST 6.1-1
    host = group_of(83, 2)[0]
    eva = person(KIND, "eva")
    staged = host.commit(R, NOW, add=[eva.package])
    with pytest.raises(errors.SignerMismatch):
        join(staged.welcome, replace(eva, signer=SignatureKey.generate(KIND)))


def test_proposals_are_applied_in_order() -> None:
    # MUST 12.3-1
    host, guest, third = group_of(83, 3)
    guest, update = guest.propose_update(R, NOW)
    third, told = third.process(update, NOW).group, host.process(update, NOW).group
    eva = person(KIND, "eva")
    staged = told.commit(R, NOW, add=[eva.package], remove=[2], by_reference=told.pending())
    members = {m.leaf_index: m for m in staged.group.members()}
    assert members[2].identity == b"eva", "removals come before additions"
    assert members[1].encryption_key != host.members()[1].encryption_key
    assert staged.group.state.tree.parent(5) is None
