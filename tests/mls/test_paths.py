"""Update paths and the leaves in them, made wrong on purpose (RFC 9420 7.2 to 7.6, 12.4.2, 12.4.3.1)."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace

import pytest

from colloque.mls import errors
from colloque.mls.api import Capabilities, Extension, Group, SignatureKey, suite
from colloque.mls.framing.content import ContentType, WireFormat
from colloque.mls.framing.message import MlsMessage
from colloque.mls.framing.public_message import PublicMessage
from colloque.mls.group.advance import provisional
from colloque.mls.group.join import _private
from colloque.mls.group.sealing import content_of, signed
from colloque.mls.messages.commit import Commit, UpdatePath, UpdatePathNode
from colloque.mls.messages.leaf_node import LeafNode, Source
from colloque.mls.messages.welcome import GroupSecrets, PathSecret
from colloque.mls.schedule import transcript
from colloque.mls.tree.treekem import make_path, seal_path
from tests.mls.people import NOW, committed, founder, group_of, join, person
from tests.mls.test_extensibility import someone
from tests.mls.test_refusals import refused

R = os.urandom
KIND = suite(83)


def _commit(group: Group, change: Callable[[UpdatePath], UpdatePath]) -> bytes:
    """A commit without proposals whose path was changed; signed as it should be, and with a membership tag."""
    state = group.state
    made = make_path(state.tree, state.own, state.signer, group.group_id, R)
    context = provisional(state.context, made.tree, state.context.extensions)
    path = change(seal_path(made, state.tree, context.encode(), frozenset()))
    content = content_of(state, ContentType.COMMIT, Commit((), path), b"")
    message = signed(state, WireFormat.PUBLIC, content)
    message = replace(message, auth=replace(message.auth, confirmation_tag=b"t" * 64))
    public = PublicMessage.protect(KIND, message, state.secrets.membership_key, state.context)
    return MlsMessage(public).encode()


def _leaf(
    group: Group, change: Callable[[LeafNode], LeafNode], resign: bool = True
) -> Callable[[UpdatePath], UpdatePath]:
    def changed(path: UpdatePath) -> UpdatePath:
        leaf = change(path.leaf)
        if resign:
            leaf = leaf.sign(KIND, group.state.signer, group.group_id, group.own_leaf)
        return replace(path, leaf=leaf)

    return changed


def test_leaves_of_paths() -> None:
    # MUST 7.2-5, 7.5-1, 7.9.2-2, 12.4.2-1
    host, guest = group_of(83, 3)[:2]
    old = guest.state.tree.leaf(1)
    unknown = (Extension(0xF042, b""),)
    wrong: list[tuple[type[errors.MlsError], Callable[[LeafNode], LeafNode], bool]] = [
        (errors.LeafSourceWrong, lambda leaf: replace(leaf, source=Source.UPDATE, parent_hash=b""), True),
        (errors.EncryptionKeyNotFresh, lambda leaf: replace(leaf, encryption_key=old.encryption_key), True),
        (errors.InvalidPublicKey, lambda leaf: replace(leaf, encryption_key=b"k" * 7), True),
        (errors.UpdatePathInvalid, lambda leaf: replace(leaf, parent_hash=b"h" * 64), True),
        (errors.LeafUnsupported, lambda leaf: replace(leaf, extensions=unknown), True),
        (errors.LeafUnsupported, lambda leaf: replace(leaf, capabilities=Capabilities(credentials=())), True),
        (errors.InvalidSignature, lambda leaf: replace(leaf, extensions=unknown), False),
        (
            errors.InvalidSignature,
            lambda leaf: replace(leaf, capabilities=Capabilities(proposals=(9,))),
            False,
        ),
    ]
    for error, change, resign in wrong:
        message = _commit(guest, _leaf(guest, change, resign))
        refused(error, host, lambda m=message: host.process(m, NOW))  # type: ignore[misc]
    twin = host.state.tree.leaf(0).signature_key
    forged = _commit(guest, _leaf(guest, lambda leaf: replace(leaf, signature_key=twin)))
    with pytest.raises(errors.InvalidSignature):
        host.process(forged, NOW)
    refused(errors.ConfirmationTagMismatch, host, lambda: host.process(_commit(guest, lambda p: p), NOW))


def test_nodes_of_paths() -> None:
    host, guest, third = group_of(83, 3)
    staged = third.commit(R, NOW)
    host, guest = committed(host, staged.message), committed(guest, staged.message)
    known = host.state.tree.leaf(2).encryption_key

    def nodes(change: Callable[[tuple[UpdatePathNode, ...]], tuple[UpdatePathNode, ...]]) -> bytes:
        return _commit(guest, lambda p: replace(p, nodes=change(p.nodes)))

    wrong = [
        nodes(lambda n: n[:-1]),
        nodes(lambda n: (*n, n[0])),
        nodes(lambda n: (replace(n[0], encryption_key=known), *n[1:])),
        nodes(lambda n: (replace(n[0], encryption_key=n[1].encryption_key), *n[1:])),
        nodes(lambda n: (replace(n[0], secrets=()), *n[1:])),
        nodes(lambda n: (replace(n[0], secrets=n[0].secrets * 2), *n[1:])),
    ]
    for message in wrong:
        refused(errors.UpdatePathInvalid, host, lambda m=message: host.process(m, NOW))  # type: ignore[misc]


def test_path_secrets_are_not_sealed_to_newcomers() -> None:
    # MUST 7.5-2
    host, guest, third, fourth = group_of(83, 4)
    eva, ida = person(KIND, "eva"), person(KIND, "ida")
    staged = host.commit(R, NOW, remove=[1, 3], add=[eva.package, ida.package], wire="public")
    body = MlsMessage.decode(staged.message).body
    assert isinstance(body, PublicMessage)
    assert isinstance(body.content.body, Commit)
    assert body.content.body.path is not None
    assert [len(node.secrets) for node in body.content.body.path.nodes] == [0, 1]
    assert committed(third, staged.message).epoch_authenticator == staged.group.epoch_authenticator
    for who in (eva, ida):
        assert join(staged.welcome, who).epoch_authenticator == staged.group.epoch_authenticator
    assert guest.own_leaf + fourth.own_leaf == 4


def test_path_secrets_of_a_welcome_fit_the_tree() -> None:
    # MUST 12.4.3.1-2
    host = founder(KIND)
    eva = person(KIND, "eva")
    staged = host.commit(R, NOW, add=[eva.package])
    tree = staged.group.state.tree
    secrets = GroupSecrets(b"j" * 64, PathSecret(b"wrong" * 8), ())
    with pytest.raises(errors.PathSecretMismatch):
        _private(KIND, tree, 0, 1, secrets, eva.secrets.leaf)
    with pytest.raises(errors.GroupInfoMismatch):
        _private(KIND, tree, 0, 1, secrets, person(KIND, "x").secrets.leaf)


def test_defaults_are_not_listed() -> None:
    # MUST 7.2-1
    has = Capabilities(extensions=(1, 3, 0xF042, 5), proposals=(1, 7, 0xF001))
    leaf = someone("x", capabilities=has).package.leaf
    assert (leaf.capabilities.extensions, leaf.capabilities.proposals) == ((0xF042,), (0xF001,))


def test_a_group_begins_with_one_member() -> None:
    # MUST 11-2
    drawn: list[bytes] = []

    def counted(size: int) -> bytes:
        drawn.append(R(size))
        return drawn[-1]

    group = Group.create(KIND, b"id", SignatureKey.generate(KIND), b"anne", counted, NOW)
    state = group.state
    assert (group.group_id, group.epoch, len(group.members()), group.own_leaf) == (b"id", 0, 1, 0)
    assert state.context.tree_hash == state.tree.tree_hash()
    assert state.context.confirmed_transcript_hash == b""
    assert [len(piece) for piece in drawn] == [64, 64]
    assert state.secrets.init == KIND.derive_secret(drawn[1], "init")
    tag = KIND.mac(KIND.derive_secret(drawn[1], "confirm"), b"")
    assert state.interim_hash == transcript.interim(KIND, b"", tag)


def test_nonces_of_pre_shared_keys_are_drawn_anew() -> None:
    # MUST 11.3-1, 12.1.4-1
    host, guest = group_of(83, 2)
    drawn: list[bytes] = []

    def counted(size: int) -> bytes:
        drawn.append(R(size))
        return drawn[-1]

    ways: tuple[Callable[[], bytes], ...] = (
        lambda: host.commit(counted, NOW, resume=[1], path=False, wire="public").message,
        lambda: host.propose_psk(b"k", counted, NOW, wire="public")[1],
    )
    for make in ways:
        one, two = make(), make()
        assert sum(nonce in one for nonce in drawn if len(nonce) == 64) == 1
        assert sum(nonce in two for nonce in drawn if len(nonce) == 64) == 1
    other = person(KIND, "member 1")
    drawn.clear()
    host.branch(b"b", SignatureKey.generate(KIND), [other.package], counted, NOW)
    assert sum(len(piece) == 64 for piece in drawn) >= 4, "keys of the leaf, the epoch, the nonce, the path"
    assert guest.epoch == 1
